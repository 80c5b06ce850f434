#include "edge/buffer/sqlite_remains.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "common/io/sqlite.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_rows.hpp"
#include "edge/buffer/quarantine.hpp"

namespace anlan::edge {
namespace {

constexpr int kRowsAtOnce = 200;
constexpr std::size_t kMostProbes = 200'000;  // queries that met damage
constexpr std::int64_t kMoreEpochs = 64;      // numbers tried beyond those that are known

/// Rows of one stream that are still to be read: [first, last), forwards or backwards.
struct Stretch {
  std::int64_t number;
  Stream stream;
  std::uint64_t first, last;
  bool backwards = false;
};

class SqliteRemains final : public Remains {
 public:
  SqliteRemains(std::string folder, std::string edge) : folder_(std::move(folder)), edge_(std::move(edge)) {
    try {
      db_.emplace(folder_ + "/buffer.db", SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
      db_->exec("PRAGMA cell_size_check=ON");
    } catch (const SQLite::Exception&) {
      db_.reset();
    }
  }

  Known known() override;
  std::vector<Record> next(const std::vector<Epoch>& epochs, std::size_t most_bytes) override;
  void finish() override {
    db_.reset();
    mark_taken_over(folder_);
  }

 private:
  /// Rows of a table that was found whole enough to be read; what comes after damage is left.
  template <class F>
  void each(const char* sql, F take) {
    if (!db_) return;
    try {
      SQLite::Statement rows(*db_, sql);
      while (rows.executeStep()) {
        try {
          take(rows);
        } catch (const Damaged&) {
        }
      }
    } catch (const SQLite::Exception&) {
    }
  }

  void begin();
  void read(const Stretch& stretch, const std::vector<Epoch>& epochs, std::vector<Record>& out, std::size_t& bytes);
  void after_damage(const Stretch& stretch, std::uint64_t reached);
  bool believed(Record& record, std::int64_t number, const std::vector<Epoch>& epochs);

  std::string folder_, edge_;
  std::optional<SQLite::Database> db_;
  std::map<std::int64_t, Epoch> numbers_;                          // proved by a checksum
  std::map<std::pair<std::int64_t, Stream>, std::uint64_t> ends_;  // the same
  std::deque<Stretch> stretches_;
  std::size_t probes_ = 0;
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
  each("SELECT alert, transition, checksum FROM active", [&](SQLite::Statement& row) {
    AlertTransition transition = active_from(row);
    known.active[transition.alert] = std::move(transition);
  });
  each("SELECT value, checksum FROM meta WHERE key = 'engine'",
       [&](SQLite::Statement& row) { known.engine_state = meta_from("engine", row); });
  each("SELECT hash, payload FROM definition", [&](SQLite::Statement& row) {
    std::string payload = blob(row.getColumn(1));
    if (const auto hash = hash128(payload); hash.hex() == row.getColumn(0).getString())
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
  while (db_ && !stretches_.empty() && bytes < most_bytes && probes_ < kMostProbes) {
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
    SQLite::Statement rows(*db_,
                           std::string("SELECT sequence, kind, wall, mono, clock, samples, checksum, payload FROM "
                                       "record WHERE epoch = ? AND stream = ? AND sequence >= ? AND sequence < ? "
                                       "ORDER BY sequence ") +
                               (stretch.backwards ? "DESC" : "ASC") + " LIMIT ?");
    rows.bind(1, stretch.number);
    rows.bind(2, static_cast<int>(stretch.stream));
    rows.bind(3, static_cast<std::int64_t>(stretch.first));
    rows.bind(4, static_cast<std::int64_t>(stretch.last));
    rows.bind(5, kRowsAtOnce);
    int count = 0;
    for (; rows.executeStep(); ++count) {
      Record record = record_from(rows, {Epoch{}, stretch.stream}, 0);
      const std::uint64_t sequence = record.id.sequence;
      if (sequence < stretch.first || sequence >= stretch.last) continue;  // the tree is out of order here
      reached = stretch.backwards ? sequence : sequence + 1;
      if (!believed(record, stretch.number, epochs)) continue;
      bytes += record.payload.size() + 1;
      out.push_back(std::move(record));
    }
    if (count < kRowsAtOnce) return;
    const bool moved = stretch.backwards ? reached < stretch.last : reached > stretch.first;
    if (!moved) return;
    stretches_.push_front(stretch.backwards ? Stretch{stretch.number, stretch.stream, stretch.first, reached, true}
                                            : Stretch{stretch.number, stretch.stream, reached, stretch.last});
  } catch (const SQLite::Exception&) {
    ++probes_;
    after_damage(stretch, reached);
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

bool SqliteRemains::believed(Record& record, std::int64_t number, const std::vector<Epoch>& epochs) {
  const auto fits = [&](const Epoch& epoch) {
    record.id.place.epoch = epoch;
    return checksum(edge_, record) == record.checksum;
  };
  if (const auto known = numbers_.find(number); known != numbers_.end())
    return std::ranges::find(epochs, known->second) != epochs.end() && fits(known->second);
  const auto found = std::ranges::find_if(epochs, fits);  // the table of epochs is damaged: the row says whose it is
  if (found == epochs.end()) return false;
  numbers_[number] = *found;
  return true;
}

}  // namespace

std::unique_ptr<Remains> open_remains(const std::string& folder, const std::string& edge) {
  return std::make_unique<SqliteRemains>(folder, edge);
}

}  // namespace anlan::edge
