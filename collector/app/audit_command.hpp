// `anlan-collector audit`: the log as a file, and the judgement of such a file, which needs no database.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace anlan::collector {

/// Writes the log of the data in `data_dir` to `output` ("-": `out`); works while the collector runs. Errors: those of
/// Database::open and export_log, storage_failed.
Result<void> export_audit(const std::string& data_dir, const std::string& output, std::ostream& out,
                          std::ostream& said);

struct AuditFiles {
  std::string log;                 // "-": standard input
  std::vector<std::string> keys;   // public keys in PEM; none: those that the log names
  std::vector<std::string> heads;  // files of signed heads, one a line: of edges, of the collector's own file
};

/// Says what is wrong, with the first altered entry, or that nothing is. Errors: invalid_argument (a file that cannot
/// be read, or is none), storage_corrupt (the log or a head does not hold; it has been said).
Result<void> verify_audit(const AuditFiles& files, std::ostream& out);

}  // namespace anlan::collector
