// What a damaged buffer.db still gives: rows are looked for around the damage and believed for their checksums only.
#pragma once

#include <memory>
#include <string>

#include "edge/buffer/storage.hpp"

namespace anlan::edge {

/// `folder`: see quarantine.hpp. A file that does not open at all gives nothing.
std::unique_ptr<Remains> open_remains(const std::string& folder, const std::string& edge);

}  // namespace anlan::edge
