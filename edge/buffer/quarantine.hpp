// Where damaged buffer files go: FILE.damaged-TIME/, a folder with the file and its write-ahead log. They are kept for
// people, the newest three; what could be saved of them is taken over by the buffer that takes their place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::edge {

/// Moves the file and its log away. A crash in between is made good by finish_move(). Errors: storage_failed,
/// storage_full.
Result<void> put_aside(const std::string& file, WallTime now);

/// Before the file is opened: a log without its file belongs to the folder into which the file was moved.
void finish_move(const std::string& file);

/// The folders, oldest first.
std::vector<std::string> put_aside_before(const std::string& file);

/// The newest folder whose rows have not been taken over.
std::optional<std::string> not_taken_over(const std::string& file);

/// Its rows have been taken over.
void mark_taken_over(const std::string& folder);

}  // namespace anlan::edge
