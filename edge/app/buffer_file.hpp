// The buffer that a configuration names: its file and its keys.
#pragma once

#include <string>

#include "edge/app/config.hpp"
#include "edge/buffer/buffer_cipher.hpp"

namespace anlan::edge {

std::string buffer_file(const Config& config);

/// Errors: unavailable, malformed; also after load_config() found them good: files change.
Result<BufferKeys> load_keys(const BufferConfig& config);

/// For `check`: whether the daemon would refuse the buffer that is there for a key that is missing. Other trouble of
/// the file is not configuration, and the daemon heals it.
Result<void> check_keys(const Config& config);

}  // namespace anlan::edge
