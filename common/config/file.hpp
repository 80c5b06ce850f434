// Whole small files.
#pragma once

#include <cstddef>
#include <string>

#include "common/base/result.hpp"

namespace anlan {

/// The file's bytes. Errors: unavailable ("cannot be opened: …", without the name: the caller has it), too_large (above
/// `most`; never read further).
Result<std::string> read_file(const std::string& file, std::size_t most);

}  // namespace anlan
