#include "edge/app/buffer_file.hpp"

#include "edge/buffer/sqlite_storage.hpp"

namespace anlan::edge {
namespace {

Result<std::optional<CipherKey>> load_key(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto key = CipherKey::load(file);
  if (!key) return fail(std::move(key.error()));
  return std::move(*key);
}

}  // namespace

std::string buffer_file(const Config& config) { return config.data_dir + "/buffer.db"; }

Result<BufferKeys> load_keys(const BufferConfig& config) {
  auto current = load_key(config.key_file);
  if (!current) return fail(std::move(current.error()));
  auto previous = load_key(config.previous_key_file);
  if (!previous) return fail(std::move(previous.error()));
  return BufferKeys{std::move(*current), std::move(*previous)};
}

Result<void> check_keys(const Config& config) {
  auto keys = load_keys(config.buffer);
  if (!keys) return fail(std::move(keys.error()));
  const auto opened = SqliteStorage::open_read_only(buffer_file(config), std::move(*keys));
  if (!opened && opened.error().code == Errc::refused) return fail(opened.error());
  return {};
}

}  // namespace anlan::edge
