// The reading half of the journal: what is not in the engine, and what is known of what is. One read-only connection,
// one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/telemetry_store.hpp"
#include "collector/store/victoria/held_sample.hpp"
#include "common/io/sqlite.hpp"

namespace anlan::collector::victoria {

/// Methods throw SQLite::Exception.
class JournalReader {
 public:
  explicit JournalReader(SQLite::Database db);

  struct Point {
    std::int64_t id = 0;
    struct Held {
      std::int64_t first = 0, last = 0;  // times of samples in the engine
      std::uint64_t samples = 0;
    };
    std::optional<Held> moved;  // nullopt: the engine has none
  };
  std::optional<Point> find_point(const std::string& path);

  /// Samples of a point that wait for the engine or that it cannot keep, with times in [from, to), in any order.
  /// Errors: storage_corrupt.
  Result<void> samples(std::int64_t point, std::int64_t from, std::int64_t to,
                       const std::function<void(const HeldSample&)>& take);

  std::optional<std::uint32_t> epoch(const std::string& edge, const Epoch& epoch);
  std::uint64_t ordinal_of(std::uint32_t epoch);

  std::vector<std::optional<NewestValue>> newest(const std::vector<std::string>& points);
  std::vector<TelemetryAccount> accounts(const std::string& edge);

 private:
  SQLite::Database db_;
  SQLite::Statement point_, epoch_, ordinal_, batches_, aside_, newest_;
};

}  // namespace anlan::collector::victoria
