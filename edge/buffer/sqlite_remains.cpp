#include "edge/buffer/sqlite_remains.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "common/io/sqlite.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_keys.hpp"
#include "edge/buffer/buffer_rows.hpp"
#include "edge/buffer/quarantine.hpp"

namespace anlan::edge {
namespace {

constexpr const char* kFile = "/buffer.db";
constexpr int kRowsAtOnce = 200;
constexpr std::size_t kMostProbes = 200'000;  // queries that met damage
constexpr std::size_t kMostInVain = 20'000;  // of these, one after the other, that gave no row: nothing more is reached
constexpr std::int64_t kMoreEpochs = 64;     // numbers tried beyond those that are known

/// Rows of one stream that are still to be read: [first, last), forwards or backwards.
struct Stretch {
  std::int64_t number;
  Stream stream;
  std::uint64_t first, last;
  bool backwards = false;
};

class SqliteRemains final : public Remains {
 public:
  SqliteRemains(std::string folder, BufferCipher cipher) : folder_(std::move(folder)), cipher_(std::move(cipher)) {
    try {
      db_.emplace(folder_ + kFile, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
      db_->exec("PRAGMA cell_size_check=ON");
      // A file that was damaged before it was brought up to this version has no such column.
      if (db_->execAndGet("SELECT count(*) FROM pragma_table_info('record') WHERE name = 'encrypted_by'").getInt() == 1)
        key_ = ", encrypted_by";
    } catch (const SQLite::Exception& e) {
      tried_ = to_error(e, folder_).code == Errc::storage_corrupt;
      db_.reset();
    }
  }

  Known known() override;
  std::vector<Record> next(const std::vector<Epoch>& epochs, std::size_t most_bytes) override;
  void finish() override {
    db_.reset();
    if (locked_ == 0 && tried_) mark_taken_over(folder_);
  }

 private:
  /// Rows of a table that was found whole enough to be read; what comes after damage is left.
  template <class F>
  void each(const std::string& sql, F take) {
    if (!db_) return;
    try {
      SQLite::Statement rows(*db_, sql);
      while (rows.executeStep()) {
        try {
          take(rows);
        } catch (const Damaged&) {
        } catch (const KeyMissing&) {
          ++locked_;
        }
      }
    } catch (const SQLite::Exception&) {
    }
  }

  void begin();
  void read(const Stretch& stretch, const std::vector<Epoch>& epochs, std::vector<Record>& out, std::size_t& bytes);
  void take(StoredRecord stored, std::vector<Record>& out, std::size_t& bytes);
  void after_damage(const Stretch& stretch, std::uint64_t reached);
  bool believed(StoredRecord& stored, std::int64_t number, const std::vector<Epoch>& epochs);

  std::string folder_;
  BufferCipher cipher_;
  const char* key_ = ", NULL";
  std::size_t locked_ = 0;  // whole rows whose key is missing
  bool tried_ = true;  // false: it could not be opened now, for want of room or the like; another process tries again
  std::optional<SQLite::Database> db_;
  std::map<std::int64_t, Epoch> numbers_;                          // proved by a checksum
  std::map<std::pair<std::int64_t, Stream>, std::uint64_t> ends_;  // the same
  std::deque<Stretch> stretches_;
  std::size_t probes_ = 0, in_vain_ = 0;
  bool begun_ = false;
};

Remains::Known SqliteRemains::known() {
  Known known;
  each("SELECT number, id, ordinal, checksum FROM epoch", [&](SQLite::Statement& row) {
    const auto [number, entry] = epoch_from(row);
    numbers_[number] = entry.epoch;
    known.epochs.push_back(entry);
  });
  std::ranges::sort(known.epochs, {}, &Ledger::EpochEntry::ordinal);
  each("SELECT epoch, stream, next, received, held, bytes, samples, checksum FROM place", [&](SQLite::Statement& row) {
    const auto number = numbers_.find(row.getColumn(0).getInt64());
    auto [stream, state] = place_from(row);
    ends_[{row.getColumn(0).getInt64(), stream}] = state.next;
    if (number != numbers_.end()) known.places[{number->second, stream}] = std::move(state);
  });
  each(std::string("SELECT alert, transition, checksum") + key_ + " FROM active", [&](SQLite::Statement& row) {
    AlertTransition transition = active_from(row, cipher_);
    known.active[transition.alert] = std::move(transition);
  });
  each(std::string("SELECT value, checksum") + key_ + " FROM meta WHERE key = 'engine'",
       [&](SQLite::Statement& row) { known.engine_state = meta_from("engine", row, cipher_); });
  each(std::string("SELECT hash, payload") + key_ + " FROM definition", [&](SQLite::Statement& row) {
    std::string payload = definition_from(row, cipher_);
    const auto hash = hash128(payload);
    known.definitions.emplace_back(hash, std::move(payload));
  });
  return known;
}

void SqliteRemains::begin() {
  begun_ = true;
  std::int64_t most = kMoreEpochs;
  for (const auto& [number, epoch] : numbers_) most = std::max(most, number + kMoreEpochs);
  for (const Stream stream : kStreams)  // events first: there may not be room for all
    for (std::int64_t number = 0; number <= most; ++number) {
      const auto end = ends_.find({number, stream});
      stretches_.push_back({number, stream, 0, end == ends_.end() ? kMaxSequence : end->second});
    }
}

std::vector<Record> SqliteRemains::next(const std::vector<Epoch>& epochs, std::size_t most_bytes) {
  if (!begun_) {
    if (numbers_.empty()) (void)known();
    begin();
  }
  std::vector<Record> out;
  std::size_t bytes = 0;
  while (db_ && !stretches_.empty() && bytes < most_bytes && probes_ < kMostProbes && in_vain_ < kMostInVain) {
    const Stretch stretch = stretches_.front();
    stretches_.pop_front();
    read(stretch, epochs, out, bytes);
  }
  return out;
}

void SqliteRemains::read(const Stretch& stretch, const std::vector<Epoch>& epochs, std::vector<Record>& out,
                         std::size_t& bytes) {
  std::uint64_t reached = stretch.backwards ? stretch.last : stretch.first;
  try {
    SQLite::Statement rows(*db_, std::string("SELECT sequence, kind, wall, mono, clock, samples, checksum, payload") +
                                     key_ +
                                     " FROM record WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? "
                                     "ORDER BY sequence " +
                                     (stretch.backwards ? "DESC" : "ASC") + " LIMIT ?");
    rows.bind(1, stretch.number);
    rows.bind(2, static_cast<int>(stretch.stream));
    rows.bind(3, static_cast<std::int64_t>(stretch.first));
    rows.bind(4, static_cast<std::int64_t>(stretch.last));
    rows.bind(5, kRowsAtOnce);
    int count = 0;
    for (; rows.executeStep(); ++count) {
      StoredRecord stored = record_from(rows, {Epoch{}, stretch.stream}, 0);
      const std::uint64_t sequence = stored.record.id.sequence;
      if (sequence < stretch.first || sequence >= stretch.last) continue;  // the tree is out of order here
      reached = stretch.backwards ? sequence : sequence + 1;
      if (!believed(stored, stretch.number, epochs)) continue;
      in_vain_ = 0;
      take(std::move(stored), out, bytes);
    }
    if (count < kRowsAtOnce) return;
    const bool moved = stretch.backwards ? reached < stretch.last : reached > stretch.first;
    if (!moved) return;
    stretches_.push_front(stretch.backwards ? Stretch{stretch.number, stretch.stream, stretch.first, reached, true}
                                            : Stretch{stretch.number, stretch.stream, reached, stretch.last});
  } catch (const SQLite::Exception&) {
    ++probes_;
    ++in_vain_;
    after_damage(stretch, reached);
  }
}

/// A row that was forged is given too, as one whose checksum does not fit: the buffer takes none of these.
void SqliteRemains::take(StoredRecord stored, std::vector<Record>& out, std::size_t& bytes) {
  try {
    out.push_back(cipher_.reveal(std::move(stored)));
    bytes += out.back().payload.size() + 1;
  } catch (const KeyMissing&) {
    ++locked_;
  }
}

/// From the other end first, then both halves of what is left.
void SqliteRemains::after_damage(const Stretch& stretch, std::uint64_t reached) {
  if (!stretch.backwards) {
    stretches_.push_front({stretch.number, stretch.stream, reached, stretch.last, true});
    return;
  }
  if (reached - stretch.first < 2) return;
  const std::uint64_t middle = stretch.first + (reached - stretch.first) / 2;
  stretches_.push_front({stretch.number, stretch.stream, middle, reached});
  stretches_.push_front({stretch.number, stretch.stream, stretch.first, middle});
}

bool SqliteRemains::believed(StoredRecord& stored, std::int64_t number, const std::vector<Epoch>& epochs) {
  const auto fits = [&](const Epoch& epoch) {
    stored.record.id.place.epoch = epoch;
    return cipher_.whole(stored);
  };
  if (const auto known = numbers_.find(number); known != numbers_.end())
    return std::ranges::find(epochs, known->second) != epochs.end() && fits(known->second);
  const auto found = std::ranges::find_if(epochs, fits);  // the table of epochs is damaged: the row says whose it is
  if (found == epochs.end()) return false;
  numbers_[number] = *found;
  return true;
}

}  // namespace

std::unique_ptr<Remains> open_remains(const std::string& folder, BufferCipher cipher) {
  return std::make_unique<SqliteRemains>(folder, std::move(cipher));
}

std::vector<std::uint64_t> keys_of_remains(const std::string& folder, const BufferCipher& cipher) {
  try {
    SQLite::Database db(folder + kFile, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    return missing_keys(db, cipher);
  } catch (const SQLite::Exception&) {
  } catch (const Damaged&) {
  }
  return {};
}

}  // namespace anlan::edge
