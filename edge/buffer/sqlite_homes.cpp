#include "edge/buffer/sqlite_homes.hpp"

#include <filesystem>

#include "common/io/sqlite_file.hpp"
#include "edge/buffer/sqlite_storage.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kProbeBytes = 256 * 1024;  // more than one commit

Result<std::unique_ptr<Storage>> opened(Result<std::unique_ptr<SqliteStorage>> storage) {
  if (!storage) return fail(std::move(storage.error()));
  return std::move(*storage);
}

}  // namespace

Result<std::unique_ptr<Storage>> SqliteHomes::open_home() { return opened(SqliteStorage::open(file_, edge_, keys_)); }

Result<std::unique_ptr<Storage>> SqliteHomes::open_refuge() { return opened(SqliteStorage::in_memory(file_, edge_)); }

Result<void> SqliteHomes::probe() const {
  const std::string file = file_ + ".probe";
  auto written = write_synced(file, std::string(kProbeBytes, '\0'));
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return written;
}

}  // namespace anlan::edge
