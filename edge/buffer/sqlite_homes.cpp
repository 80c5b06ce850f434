#include "edge/buffer/sqlite_homes.hpp"

#include <filesystem>

#include "edge/buffer/sqlite_storage.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<Storage>> open(const std::string& file, const std::string& edge, const BufferKeys& keys) {
  auto storage = SqliteStorage::open(file, edge, keys);
  if (!storage) return fail(std::move(storage.error()));
  return std::move(*storage);
}

}  // namespace

Result<std::unique_ptr<Storage>> SqliteHomes::open_home() { return open(file_, edge_, keys_); }

Result<std::unique_ptr<Storage>> SqliteHomes::open_refuge() {
  if (refuge_.empty()) return fail(Errc::unsupported, "there is no refuge in memory: see buffer.refuge_dir");
  return open(refuge_, edge_, keys_);
}

bool SqliteHomes::refuge_in_use() const {
  std::error_code none;
  return !refuge_.empty() && fs::exists(refuge_, none);
}

void SqliteHomes::clear_refuge() {
  std::error_code none;
  for (const char* part : {"", "-wal", "-shm", ".marks", ".marks2"}) fs::remove(refuge_ + part, none);
}

}  // namespace anlan::edge
