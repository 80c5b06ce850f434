// One MQTT payload: a leading byte and an Envelope, packed by zstd where that is smaller. Sizes are checked before
// memory is taken (PROTOCOL.md rule 4).
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

/// Packs. Errors: too_large (above kMaxFrameUnpacked, or above kMaxFramePacked when packed).
Result<std::string> pack_frame(std::string_view envelope);

/// Unpacks. Errors: malformed, too_large, unsupported (a leading byte of a newer version).
Result<std::string> unpack_frame(std::string_view frame);

}  // namespace anlan
