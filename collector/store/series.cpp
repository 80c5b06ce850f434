#include "collector/store/series.hpp"

#include <algorithm>
#include <vector>

namespace anlan::collector {
namespace {

enum TimeKind : unsigned char { from_before = 0, from_grid = 1 };

/// The difference that stands in the middle of all: one late time does not move it.
std::uint64_t pace_of(std::span<const std::int64_t> times) {
  if (times.size() < 2) return 0;
  std::vector<std::int64_t> steps(times.size() - 1);
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i] =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(times[i + 1]) - static_cast<std::uint64_t>(times[i]));
  std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
  return static_cast<std::uint64_t>(steps[steps.size() / 2]);
}

/// From the time before (survives gaps), or from a grid that begins at the first (halves jitter).
std::string packed_times(std::span<const std::int64_t> times, std::uint64_t pace, TimeKind kind, Effort effort) {
  std::string distances;
  auto expected = static_cast<std::uint64_t>(times[0]);
  for (const std::int64_t signed_time : times.subspan(1)) {
    const auto time = static_cast<std::uint64_t>(signed_time);
    expected += pace;
    put_varint(distances, zigzag(time - expected));
    if (kind == from_before) expected = time;
  }
  std::string out(1, static_cast<char>(kind));
  put_varint(out, zigzag(pace));
  pack(out, distances, effort);
  return out;
}

}  // namespace

void put_series(std::string& out, std::span<const std::uint64_t> numbers, Effort effort) {
  if (numbers.empty()) return;
  put_varint(out, numbers[0]);
  std::string differences;
  for (std::size_t i = 1; i < numbers.size(); ++i) put_varint(differences, zigzag(numbers[i] - numbers[i - 1]));
  pack(out, differences, effort);
}

void get_series(ByteReader& in, std::span<std::uint64_t> numbers) {
  if (numbers.empty()) return;
  std::uint64_t number = numbers[0] = in.varint();
  const std::string differences = unpack(in, 10 * numbers.size());
  ByteReader rest(differences);
  for (std::uint64_t& next : numbers.subspan(1)) next = number += unzigzag(rest.varint());
  if (!rest.ok() || !rest.done()) in.fault();
}

void put_times(std::string& out, std::span<const std::int64_t> times, Effort effort) {
  if (times.empty()) return;
  put_varint(out, zigzag(static_cast<std::uint64_t>(times[0])));
  const std::uint64_t pace = pace_of(times);
  std::string packed = packed_times(times, pace, from_before, effort);
  if (effort == Effort::tight)
    if (std::string other = packed_times(times, pace, from_grid, effort); other.size() < packed.size())
      packed.swap(other);
  out += packed;
}

void get_times(ByteReader& in, std::span<std::int64_t> times) {
  if (times.empty()) return;
  std::uint64_t time = unzigzag(in.varint());
  const unsigned char kind = in.byte();
  const std::uint64_t pace = unzigzag(in.varint());
  const std::string distances = unpack(in, 10 * times.size());
  ByteReader rest(distances);
  times[0] = static_cast<std::int64_t>(time);
  std::uint64_t expected = time;
  for (std::int64_t& next : times.subspan(1)) {
    expected += pace;
    time = expected + unzigzag(rest.varint());
    if (kind == from_before) expected = time;
    next = static_cast<std::int64_t>(time);
  }
  if (kind > from_grid || !rest.ok() || !rest.done()) in.fault();
}

void put_runs(std::string& out, std::span<const std::uint8_t> numbers) {
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[i]) ++end;
    put_varint(out, numbers[i]);
    put_varint(out, end - i);
    i = end;
  }
}

void get_runs(ByteReader& in, std::span<std::uint8_t> numbers) {
  for (std::size_t i = 0; i < numbers.size() && in.ok();) {
    const std::uint64_t value = in.varint(), length = in.varint();
    if (value > 255 || length == 0 || length > numbers.size() - i) return in.fault();
    for (const std::size_t end = i + length; i < end; ++i) numbers[i] = static_cast<std::uint8_t>(value);
  }
}

}  // namespace anlan::collector
