// What stands in the rows of buffer.db: the value itself, or the value encrypted and bound to its row, so that a row
// that was put into another place does not decrypt (docs/formats/buffer-db.md, docs/decisions/0057). Each row says
// which it is. Checksums are over what stands there, so damage is told from a key that is missing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/io/cipher_key.hpp"
#include "common/model/record.hpp"

namespace anlan::edge {

/// A stored value that does not read back: the file is damaged in a way SQLite cannot see.
struct Damaged {
  std::string what;
};

/// A whole row, encrypted with a key that is not configured.
struct KeyMissing {
  std::uint64_t key;
};

/// `current` encrypts what is written; none: it stands in the clear. Both decrypt what is read.
struct BufferKeys {
  std::optional<CipherKey> current, previous;
};

/// As it stands in a row. `by`: the key's id; none: in the clear.
struct StoredValue {
  std::optional<std::uint64_t> by;
  std::string bytes;

  /// What the row's checksum is over: the bytes, after the key's id where there is one.
  std::string summed() const;
};

/// A row of `record` as it stands there: payload and checksum are those of the row.
struct StoredRecord {
  std::optional<std::uint64_t> by;
  Record record;
};

/// A value like any other.
class BufferCipher {
 public:
  /// `edge` is in every checksum and in what each value is bound to.
  BufferCipher(std::string edge, BufferKeys keys) : edge_(std::move(edge)), keys_(std::move(keys)) {}

  const std::string& edge() const { return edge_; }
  std::optional<std::uint64_t> current() const;
  bool has(std::uint64_t key) const { return find(key) != nullptr; }

  StoredRecord store(const Record& record) const;

  /// Its checksum fits what stands in the row.
  bool whole(const StoredRecord& stored) const;

  /// The record that was stored. Of a row that is damaged, or was forged, a record whose checksum does not fit it.
  /// Throws KeyMissing, for whole rows only.
  Record reveal(StoredRecord stored) const;

  /// A value of another table, bound to its table and the row's key.
  StoredValue store(std::string_view table, std::string_view name, std::string value) const;

  /// Throws KeyMissing, and Damaged where it does not decrypt. The row's checksum has been verified before.
  std::string reveal(std::string_view table, std::string_view name, StoredValue stored) const;

  /// By how much more the payload of an encrypted record is long.
  static constexpr std::size_t kRecordOverhead = CipherKey::kOverhead + 8;

 private:
  const CipherKey* find(std::uint64_t key) const;

  std::string edge_;
  BufferKeys keys_;
};

/// How people write a key's id: 16 hexadecimal digits.
std::string key_name(std::uint64_t key);

/// The ids in a list of them, separated by commas; nullopt where it is none.
std::optional<std::vector<std::uint64_t>> parse_key_names(std::string_view list);

}  // namespace anlan::edge
