#include "edge/buffer/buffer_cipher.hpp"

#include <algorithm>

#include "common/base/hex.hpp"
#include "common/wire/checksum.hpp"
#include "edge/buffer/buffer_schema.hpp"

namespace anlan::edge {
namespace {

std::string eight_bytes(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::uint64_t first_eight(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Everything that says which record this is.
std::string place_of(const std::string& edge, const Record& record) {
  return RowSum("record")
      .text(edge)
      .number(record.id.place.epoch.high)
      .number(record.id.place.epoch.low)
      .number(static_cast<std::uint64_t>(record.id.place.stream))
      .number(record.id.sequence)
      .number(static_cast<std::uint64_t>(record.kind))
      .number(static_cast<std::uint64_t>(to_ms(record.wall)))
      .number(static_cast<std::uint64_t>(to_ms(record.mono)))
      .number(static_cast<std::uint64_t>(record.clock))
      .number(record.samples)
      .bytes();
}

std::string place_of(const std::string& edge, std::string_view table, std::string_view name) {
  return RowSum(table).text(edge).text(name).bytes();
}

std::uint64_t sum_of(const std::string& edge, const StoredRecord& stored) {
  if (!stored.by) return checksum(edge, stored.record);
  Record with_key = stored.record;
  with_key.payload = StoredValue{stored.by, stored.record.payload}.summed();
  return checksum(edge, with_key);
}

}  // namespace

std::string StoredValue::summed() const { return by ? eight_bytes(*by) + bytes : bytes; }

std::optional<std::uint64_t> BufferCipher::current() const {
  return keys_.current ? std::optional(keys_.current->id()) : std::nullopt;
}

const CipherKey* BufferCipher::find(std::uint64_t key) const {
  for (const auto* one : {&keys_.current, &keys_.previous})
    if (*one && (*one)->id() == key) return &**one;
  return nullptr;
}

StoredRecord BufferCipher::store(const Record& record) const {
  if (!keys_.current) return {{}, record};
  StoredRecord stored{keys_.current->id(), record};
  stored.record.payload =
      keys_.current->encrypt(eight_bytes(record.checksum) + record.payload, place_of(edge_, record));
  stored.record.checksum = sum_of(edge_, stored);
  return stored;
}

bool BufferCipher::whole(const StoredRecord& stored) const { return sum_of(edge_, stored) == stored.record.checksum; }

Record BufferCipher::reveal(StoredRecord stored) const {
  if (!stored.by) return std::move(stored.record);
  std::optional<std::string> plain;
  if (whole(stored)) {
    const CipherKey* key = find(*stored.by);
    if (key == nullptr) throw KeyMissing{*stored.by};
    plain = key->decrypt(stored.record.payload, place_of(edge_, stored.record));
  }
  Record record = std::move(stored.record);
  if (plain && plain->size() >= 8) {
    record.checksum = first_eight(*plain);
    record.payload = plain->substr(8);
  } else {
    record.checksum = ~checksum(edge_, record);
  }
  return record;
}

StoredValue BufferCipher::store(std::string_view table, std::string_view name, std::string value) const {
  if (!keys_.current) return {{}, std::move(value)};
  return {keys_.current->id(), keys_.current->encrypt(value, place_of(edge_, table, name))};
}

std::string BufferCipher::reveal(std::string_view table, std::string_view name, StoredValue stored) const {
  if (!stored.by) return std::move(stored.bytes);
  const CipherKey* key = find(*stored.by);
  if (key == nullptr) throw KeyMissing{*stored.by};
  auto plain = key->decrypt(stored.bytes, place_of(edge_, table, name));
  if (!plain) throw Damaged{std::string(table) + " " + std::string(name) + " does not decrypt"};
  return std::move(*plain);
}

std::string key_name(std::uint64_t key) {
  std::string bytes = eight_bytes(key);
  std::ranges::reverse(bytes);
  return to_hex(bytes);
}

std::optional<std::vector<std::uint64_t>> parse_key_names(std::string_view list) {
  std::vector<std::uint64_t> keys;
  for (std::size_t at = 0; at < list.size(); at += 17) {
    auto bytes = from_hex(list.substr(at, 16));
    const bool ends = at + 16 == list.size() || (at + 17 < list.size() && list[at + 16] == ',');
    if (!bytes || bytes->size() != 8 || !ends) return std::nullopt;
    std::ranges::reverse(*bytes);
    keys.push_back(first_eight(*bytes));
  }
  return keys;
}

}  // namespace anlan::edge
