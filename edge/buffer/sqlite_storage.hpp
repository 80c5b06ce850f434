// The buffer's file: SQLite in WAL mode, synchronous=FULL, so a commit is on the disk when it returns. A second process
// may read it at any time (anlan-edge buffer). Tables: docs/formats/buffer-db.md.
#pragma once

#include <memory>
#include <string>

#include "common/io/sqlite.hpp"
#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/side_file.hpp"
#include "edge/buffer/storage.hpp"

namespace anlan::edge {

struct SqliteTables;

class SqliteStorage final : public Storage {
 public:
  /// Opens or creates the file, for this edge only. A damaged one opens too: load() says so, replace() heals it. What
  /// is written is encrypted with `keys.current`; with one that is new, or none any more, rows of before stay as they
  /// are. Errors: storage_failed, storage_full, unsupported (newer version), refused (the file belongs to another edge
  /// id, or rows need a key that is not given).
  static Result<std::unique_ptr<SqliteStorage>> open(const std::string& file, const std::string& edge,
                                                     BufferKeys keys = {});

  /// An empty one in the memory of this process, in plain; marks() are those of the file at home.
  static Result<std::unique_ptr<SqliteStorage>> in_memory(const std::string& home, const std::string& edge);

  /// To look at a file that another process may be using. apply() fails.
  static Result<std::unique_ptr<SqliteStorage>> open_read_only(const std::string& file, BufferKeys keys = {});

  ~SqliteStorage() override;
  Result<Loaded> load() override;
  Result<void> apply(const Ledger& after, const Changes& changes) override;
  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most,
                                   std::size_t most_bytes) override;
  Result<std::vector<Record>> read_events(const std::set<Kind>& kinds) override;
  Result<RangesByPlace> sequences_of(Kind kind) override;
  Result<std::uint64_t> bytes_of(const Place& place, const RangeSet& ranges) override;
  Result<std::optional<std::string>> definition(const DefinitionHash& hash) override;

  std::optional<std::vector<EpochEnd>> marks() override;
  Result<void> set_marks(const std::vector<EpochEnd>& ends) override;
  Result<void> replace(WallTime now) override;
  std::unique_ptr<Remains> remains() override;

  /// The edge id that the file was made for.
  Result<std::string> edge();

 private:
  SqliteStorage(std::string file, std::string edge, BufferKeys keys);
  Result<void> connect();
  bool unbegun();
  Result<SQLite::Database> database();
  Result<void> take_keys(SqliteTables& rows);
  template <class F>
  auto guarded(std::string_view doing, F f) -> Result<decltype(f())>;

  std::string file_, edge_;
  bool in_memory_ = false, named_ = false;
  BufferKeys keys_;
  SideFile side_file_;
  std::unique_ptr<SqliteTables> tables_;  // null: the file is damaged
};

}  // namespace anlan::edge
