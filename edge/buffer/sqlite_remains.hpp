// What a damaged buffer.db still gives: rows are looked for around the damage and believed for their checksums only.
#pragma once

#include <memory>
#include <string>

#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/storage.hpp"

namespace anlan::edge {

/// `folder`: see quarantine.hpp. A file that does not open at all gives nothing. Where whole rows need a key that
/// `cipher` has not, finish() leaves them to be taken over at a later start.
std::unique_ptr<Remains> open_remains(const std::string& folder, BufferCipher cipher);

/// The keys that its rows need and `cipher` has not, as far as the damage lets that be seen.
std::vector<std::uint64_t> keys_of_remains(const std::string& folder, const BufferCipher& cipher);

}  // namespace anlan::edge
