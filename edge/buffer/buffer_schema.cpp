#include "edge/buffer/buffer_schema.hpp"

#include "common/wire/checksum.hpp"

namespace anlan::edge {

const std::vector<std::string>& buffer_schema() {
  static const std::vector<std::string> steps{R"sql(
    CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE epoch(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ordinal INTEGER NOT NULL);
    CREATE TABLE place(epoch INTEGER NOT NULL REFERENCES epoch, stream INTEGER NOT NULL, next INTEGER NOT NULL,
                       received TEXT NOT NULL, held TEXT NOT NULL, bytes INTEGER NOT NULL, samples INTEGER NOT NULL,
                       PRIMARY KEY(epoch, stream)) WITHOUT ROWID;
    CREATE TABLE record(epoch INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
                        wall INTEGER NOT NULL, mono INTEGER NOT NULL, clock INTEGER NOT NULL, samples INTEGER NOT NULL,
                        checksum INTEGER NOT NULL, payload BLOB NOT NULL,
                        PRIMARY KEY(epoch, stream, sequence)) WITHOUT ROWID;
    CREATE TABLE active(alert TEXT PRIMARY KEY, transition BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE definition(hash TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
  )sql",
                                              // 2: every row has a checksum; rows of version 1 are given theirs once
                                              R"sql(
    ALTER TABLE meta ADD COLUMN checksum INTEGER;
    ALTER TABLE epoch ADD COLUMN checksum INTEGER;
    ALTER TABLE place ADD COLUMN checksum INTEGER;
    ALTER TABLE active ADD COLUMN checksum INTEGER;
    CREATE INDEX record_kind ON record(kind) WHERE kind <> 1;
    INSERT INTO meta(key, value) VALUES('unsealed', x'31');
  )sql",
                                              // 3: values may be encrypted; NULL: in the clear
                                              R"sql(
    ALTER TABLE meta ADD COLUMN encrypted_by INTEGER;
    ALTER TABLE record ADD COLUMN encrypted_by INTEGER;
    ALTER TABLE active ADD COLUMN encrypted_by INTEGER;
    ALTER TABLE definition ADD COLUMN encrypted_by INTEGER;
  )sql"};
  return steps;
}

RowSum& RowSum::text(std::string_view value) {
  number(value.size());
  bytes_ += value;
  return *this;
}

RowSum& RowSum::number(std::uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
  return *this;
}

std::int64_t RowSum::value() const { return static_cast<std::int64_t>(hash64(bytes_)); }

std::int64_t meta_sum(std::string_view key, std::string_view value) {
  return RowSum("meta").text(key).text(value).value();
}

std::int64_t epoch_sum(std::int64_t number, std::string_view id, std::uint64_t ordinal) {
  return RowSum("epoch").number(static_cast<std::uint64_t>(number)).text(id).number(ordinal).value();
}

std::int64_t active_sum(std::string_view alert, std::string_view transition) {
  return RowSum("active").text(alert).text(transition).value();
}

}  // namespace anlan::edge
