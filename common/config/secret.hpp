// Secrets live in files of their own: configurations only name them, and nothing logs what is in them.
#pragma once

#include <string>

#include "common/base/result.hpp"

namespace anlan {

/// The file's text without one line end at its end. Errors: unavailable (not readable), too_large (above 16 KiB),
/// malformed (empty, or a NUL in it). Messages name the file, never its content.
Result<std::string> read_secret(const std::string& file);

/// Whether every user of this machine may read the file: a key or password that is none any more. False where there is
/// no such file.
bool readable_by_all(const std::string& file);

}  // namespace anlan
