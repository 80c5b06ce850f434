#include "collector/audit/log_export.hpp"

#include <ostream>

#include "collector/audit/log_verifier.hpp"

namespace anlan::collector {
namespace {

constexpr int kPiece = 1000;

/// Signed heads in order of size, read piece by piece.
class Heads {
 public:
  explicit Heads(Database& database) : database_(database) { refill(); }
  /// The one of exactly `size` entries.
  const SignedTreeHead* of(std::uint64_t size) {
    while (next_ < piece_.size() && piece_[next_].head.size < size) ++next_;
    if (next_ == piece_.size() && !piece_.empty()) refill();
    return next_ < piece_.size() && piece_[next_].head.size == size ? &piece_[next_] : nullptr;
  }

 private:
  void refill() {
    piece_ = audit::heads(database_, piece_.empty() ? 0 : piece_.back().head.size, kPiece);
    next_ = 0;
  }

  Database& database_;
  std::vector<SignedTreeHead> piece_;
  std::size_t next_ = 0;
};

}  // namespace

Result<Exported> export_log(Database& database, const std::function<bool(const std::string& line)>& take) try {
  const auto newest = audit::newest_head(database);
  if (!newest) return fail(Errc::not_found, "no entry is under a signed head yet: the collector signs when it runs");
  const std::uint64_t size = newest->head.size;
  Exported exported{.unsigned_entries = audit::size(database) - size};
  bool taken = take(std::string(kExportMark) + "log=" + newest->head.log.hex() + " size=" + std::to_string(size));
  Heads heads(database);
  while (taken && exported.entries < size) {
    const auto piece = audit::rows(database, exported.entries, kPiece);
    if (piece.empty()) break;  // the verifier says so
    for (const audit::Row& row : piece) {
      if (row.number >= size) break;
      taken = taken && take(row.leaf + " " + row.line);
      exported.entries = row.number + 1;
      const SignedTreeHead* head = heads.of(exported.entries);
      if (!head) continue;
      taken = taken && take(head->text);
      ++exported.heads;
    }
  }
  if (!taken) return fail(Errc::storage_failed, "the log cannot be written out");
  return exported;
} catch (const DatabaseError& error) {
  return fail(error.code, error.what());
}

Result<Exported> export_log(Database& database, std::ostream& out) {
  auto exported = export_log(database, [&out](const std::string& line) { return !!(out << line << '\n'); });
  if (exported && !out.flush()) return fail(Errc::storage_failed, "the log cannot be written out");
  return exported;
}

}  // namespace anlan::collector
