#include "tests/plant/replay.hpp"

#include <bit>
#include <utility>

namespace anlan::plant {
namespace {

/// Registers are counted by int, as in a request; containers by size_t.
std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

Replay::Replay(Recording recording, int unit, std::optional<Millis> row_time)
    : recording_(std::move(recording)),
      unit_(unit),
      row_time_(row_time),
      read_(recording_.columns.size() * registers_each, false),
      unread_(read_.size()) {}

std::size_t Replay::row_at(MonoTime now) const {
  if (!row_time_ || !started_) return row_;
  return static_cast<std::size_t>((now - *started_) / *row_time_);
}

/// True where this read completed the row.
bool Replay::mark_read(const Request& request) {
  const std::size_t before = unread_;
  for (int i = 0; i < request.count; ++i) {
    auto seen = read_[index(request.address + i)];
    if (!seen) --unread_;
    seen = true;
  }
  return before > 0 && unread_ == 0;
}

Answer Replay::answer(const Request& request, MonoTime now) {
  Answer answer;
  std::optional<std::size_t> completed;
  {
    const std::lock_guard lock(mutex_);
    if (request.unit != unit_) return Answer::refuse(no_such_unit);
    if (request.function != 3) return Answer::refuse(illegal_function);
    if (!count_allowed(request.function, request.count)) return Answer::refuse(illegal_value);
    if (index(request.address + request.count) > read_.size()) return Answer::refuse(illegal_address);
    if (!started_) started_ = now;
    if (const std::size_t row = row_at(now); row != row_) {
      row_ = row;
      unread_ = read_.size();
      read_.assign(read_.size(), false);
    }
    if (row_ >= recording_.rows.size()) return Answer::refuse(device_busy);
    for (int i = request.address; i < request.address + request.count; ++i) {
      const auto bits = std::bit_cast<std::uint64_t>(recording_.rows[row_][index(i / registers_each)]);
      answer.values.push_back(static_cast<std::uint16_t>(bits >> (16 * (registers_each - 1 - i % registers_each))));
    }
    if (mark_read(request)) {
      completed = ++served_;
      if (!row_time_) {
        ++row_;
        unread_ = read_.size();
        read_.assign(read_.size(), false);
      }
    }
  }
  if (completed && on_served) on_served(*completed);
  return answer;
}

std::size_t Replay::served() const {
  const std::lock_guard lock(mutex_);
  return served_;
}

bool Replay::finished(MonoTime now) const {
  const std::lock_guard lock(mutex_);
  return row_at(now) >= recording_.rows.size();
}

}  // namespace anlan::plant
