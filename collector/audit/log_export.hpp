// The log as a file that proves itself: docs/formats/audit-log.md.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "collector/audit/audit_log.hpp"

namespace anlan::collector {

struct Exported {
  std::uint64_t entries = 0, heads = 0;
  std::uint64_t unsigned_entries = 0;  // newer than the newest signed head: not in the file
};

/// Up to the newest signed head, in pieces: the database may go on meanwhile. `take` gets each line without its end;
/// false: it takes no more. Errors: not_found (no entry is under a signed head yet), those of the database,
/// storage_failed.
Result<Exported> export_log(Database& database, const std::function<bool(const std::string& line)>& take);
Result<Exported> export_log(Database& database, std::ostream& out);

}  // namespace anlan::collector
