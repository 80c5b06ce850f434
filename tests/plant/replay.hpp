// Plays a recording to whoever reads its registers: each row stands until all of it was read, so that a reader of any
// speed and any cut of requests sees every row. Pure apart from a mutex; any thread may ask.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "tests/plant/modbus.hpp"
#include "tests/plant/recording.hpp"

namespace anlan::plant {

class Replay {
 public:
  static constexpr int registers_each = 4;  // a float64, most significant word first
  static constexpr std::size_t most_columns = 65536 / registers_each;

  /// `unit` answers, no other. `row_time`: each row stands that long from the first request on, read or not; without
  /// it, until all its registers were read. After the last row every request is answered by exception 6 (device busy),
  /// so that no row is read twice.
  Replay(Recording recording, int unit, std::optional<Millis> row_time);

  Answer answer(const Request& request, MonoTime now);

  std::size_t rows() const { return recording_.rows.size(); }
  /// Rows that were read whole.
  std::size_t served() const;
  bool finished(MonoTime now) const;

  /// Called after a row was read whole, with their number so far, on the thread that asked. Set before anybody asks.
  std::function<void(std::size_t served)> on_served;

 private:
  std::size_t row_at(MonoTime now) const;
  bool mark_read(const Request& request);

  const Recording recording_;
  const int unit_;
  const std::optional<Millis> row_time_;
  mutable std::mutex mutex_;
  std::optional<MonoTime> started_;
  std::size_t row_ = 0, served_ = 0;
  std::vector<bool> read_;  // registers of row_ that were read
  std::size_t unread_ = 0;
};

}  // namespace anlan::plant
