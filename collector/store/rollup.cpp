#include "collector/store/rollup.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "collector/store/sample_values.hpp"
#include "collector/store/sealing.hpp"
#include "collector/store/series.hpp"
#include "collector/store/stable_order.hpp"
#include "common/base/decimal.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::uint8_t kValueBit = 0x80;  // beside the worst quality: there are extremes
constexpr std::size_t kMostBuckets = 1 << 20;
constexpr int kSumDigits = 6;

bool has_value(const Bucket& bucket) { return !std::isnan(bucket.min); }

/// The decimal beside which a sum of decimals stands, where one is as near as the adding was exact: it takes a quarter
/// of the bytes.
double snapped(double sum) {
  const double near = 8 * std::numeric_limits<double>::epsilon() * std::abs(sum);
  for (int digits = 0; digits <= kSumDigits; ++digits) {
    const double scaled = sum * std::pow(10.0, digits);
    if (!(std::abs(scaled) < 9e15)) break;
    const double candidate = from_scaled(std::llround(scaled), digits, false);
    if (std::abs(candidate - sum) <= near) return candidate;
  }
  return sum;
}

std::string encode_column(const Buckets& buckets, Effort effort) {
  std::string out;
  std::vector<std::int64_t> starts;
  std::vector<std::uint64_t> counts;
  std::vector<std::uint8_t> words;
  std::vector<double> sums, lowest, highest;
  for (const Bucket& bucket : buckets) {
    starts.push_back(bucket.start);
    counts.push_back(bucket.count);
    words.push_back(
        static_cast<std::uint8_t>(static_cast<unsigned>(bucket.worst) | (has_value(bucket) ? kValueBit : 0u)));
    if (bucket.count > 0) sums.push_back(snapped(bucket.sum));
    if (!has_value(bucket)) continue;
    lowest.push_back(bucket.min);
    highest.push_back(bucket.max);
  }
  put_times(out, starts, effort);
  put_series(out, counts, effort);
  put_runs(out, words);
  for (const auto* values : {&sums, &lowest, &highest}) put_values(out, *values, effort);
  return out;
}

Result<Buckets> decode_column(std::string_view bytes, std::size_t count) {
  ByteReader in(bytes);
  std::vector<std::int64_t> starts(count);
  std::vector<std::uint64_t> counts(count);
  std::vector<std::uint8_t> words(count);
  get_times(in, starts);
  get_series(in, counts);
  get_runs(in, words);
  const auto summed = std::ranges::count_if(counts, [](std::uint64_t n) { return n > 0; });
  const auto valued = std::ranges::count_if(words, [](std::uint8_t word) { return (word & kValueBit) != 0; });
  const auto sums = get_values(in, static_cast<std::size_t>(summed));
  const auto lowest = get_values(in, static_cast<std::size_t>(valued));
  const auto highest = get_values(in, static_cast<std::size_t>(valued));
  if (!in.ok() || !in.done()) return fail(Errc::storage_corrupt, "a point's rollup does not decode");
  Buckets buckets(count);
  std::size_t sum = 0, value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto quality = quality_from(words[i] & ~kValueBit);
    if (!quality) return fail(Errc::unsupported, "a rollup has a quality that is not known here");
    buckets[i] = {starts[i], counts[i], counts[i] > 0 ? sums[sum++] : 0, kNoValue, kNoValue, *quality};
    if (!(words[i] & kValueBit)) continue;
    buckets[i].min = lowest[value];
    buckets[i].max = highest[value++];
  }
  if (!std::ranges::is_sorted(buckets, {}, &Bucket::start))
    return fail(Errc::storage_corrupt, "a point's rollup is out of order");
  return buckets;
}

struct Entry {
  std::uint32_t point = 0;
  std::size_t buckets = 0, size = 0, at = 0;
};

Result<std::vector<Entry>> decode_head(std::string_view all, std::int64_t group, std::int64_t step,
                                       std::string_view& columns) {
  ByteReader outer(all);
  const std::string_view sealed = outer.take(outer.varint());
  if (!outer.ok()) return fail(Errc::storage_corrupt, "a rollup is cut short");
  columns = outer.take(outer.left());
  const auto opened = unseal(sealed, group, -step);
  if (!opened) return fail(opened.error());
  ByteReader in(*opened);
  if (const auto version = in.byte(); in.ok() && version != kVersion)
    return fail(Errc::unsupported, "a rollup of version " + std::to_string(version) + ", which is not known here");
  std::vector<Entry> entries;
  std::uint64_t next = 0, at = 0, buckets = 0;
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    const std::uint64_t gap = in.varint(), held = in.varint(), size = in.varint(), point = next + gap;
    if (gap >> 32 != 0 || point >> 32 != 0 || held == 0 || held > kMostBuckets - buckets ||
        size > columns.size() - at) {
      in.fault();
      break;
    }
    entries.push_back({static_cast<std::uint32_t>(point), held, size, at});
    next = point + 1;
    at += size;
    buckets += held;
  }
  if (!in.ok() || !in.done() || at != columns.size())
    return fail(Errc::storage_corrupt, "the head of a rollup does not decode");
  return entries;
}

Result<Buckets> column_at(const Entry& entry, std::string_view columns, std::int64_t group) {
  const auto bytes = unseal(columns.substr(entry.at, entry.size), group, entry.point);
  if (!bytes) return fail(bytes.error());
  return decode_column(*bytes, entry.buckets);
}

/// How little a quality may be trusted.
int rank(Quality quality) {
  switch (quality) {
    case Quality::good:
      return 0;
    case Quality::minute_min:
    case Quality::minute_mean:
    case Quality::minute_max:
      return 1;
    case Quality::out_of_range:
      return 2;
    case Quality::stale:
      return 3;
    case Quality::comm_failure:
      return 4;
    case Quality::device_fault:
      return 5;
  }
  return 5;
}

}  // namespace

std::int64_t bucket_start(std::int64_t time, std::int64_t step) {
  const std::int64_t past = time % step;  // of the sign of `time`
  const std::int64_t start = time - past;
  if (past >= 0) return start;
  return start < std::numeric_limits<std::int64_t>::min() + step ? std::numeric_limits<std::int64_t>::min()
                                                                 : start - step;
}

std::int64_t bucket_end(std::int64_t time, std::int64_t step) {
  const std::int64_t start = bucket_start(time, step);
  if (start == time) return time;
  return start > std::numeric_limits<std::int64_t>::max() - step ? std::numeric_limits<std::int64_t>::max()
                                                                 : start + step;
}

Quality worse(Quality a, Quality b) { return rank(b) > rank(a) ? b : a; }

void add(Bucket& to, double value, Quality quality) {
  to.worst = worse(to.worst, quality);
  if (std::isnan(value)) return;
  to.min = has_value(to) ? std::min(to.min, value) : value;
  to.max = std::isnan(to.max) ? value : std::max(to.max, value);
  if (quality == Quality::minute_min || quality == Quality::minute_max) return;
  ++to.count;
  to.sum += value;
}

void add(Bucket& to, const Bucket& part) {
  to.worst = worse(to.worst, part.worst);
  to.count += part.count;
  to.sum += part.sum;
  if (!has_value(part)) return;
  to.max = has_value(to) ? std::max(to.max, part.max) : part.max;
  to.min = has_value(to) ? std::min(to.min, part.min) : part.min;
}

void add_sample(Buckets& to, std::int64_t step, std::int64_t time, double value, Quality quality) {
  const std::int64_t start = bucket_start(time, step);
  if (to.empty() || to.back().start != start) to.push_back({.start = start});
  add(to.back(), value, quality);
}

void settle(Buckets& buckets) {
  const auto falls = [](const Bucket& a, const Bucket& b) { return a.start >= b.start; };
  if (std::ranges::adjacent_find(buckets, falls) == buckets.end()) return;
  sort_stably(buckets, &Bucket::start);
  std::size_t last = 0;
  for (std::size_t i = 1; i < buckets.size(); ++i)
    if (buckets[i].start == buckets[last].start)
      add(buckets[last], buckets[i]);
    else
      buckets[++last] = buckets[i];
  buckets.resize(last + 1);
}

void add_buckets(Buckets& to, const Buckets& parts) {
  to.insert(to.end(), parts.begin(), parts.end());
  settle(to);
}

Buckets widened(const Buckets& buckets, std::int64_t step) {
  Buckets wide;
  for (const Bucket& bucket : buckets) {
    const std::int64_t start = bucket_start(bucket.start, step);
    if (wide.empty() || wide.back().start != start) wide.push_back({.start = start});
    add(wide.back(), bucket);
  }
  return wide;
}

void add_rollup(RollupSet& to, const RollupSet& parts) {
  for (const RollupColumn& part : parts) {
    auto at = std::ranges::lower_bound(to, part.point, {}, &RollupColumn::point);
    if (at == to.end() || at->point != part.point) at = to.insert(at, RollupColumn{part.point, {}});
    add_buckets(at->buckets, part.buckets);
  }
}

std::string encode_rollup(const RollupSet& set, std::int64_t group, std::int64_t step, Effort effort) {
  std::string head(1, static_cast<char>(kVersion)), columns;
  put_varint(head, set.size());
  std::uint64_t next = 0;
  for (const RollupColumn& column : set) {
    const std::string bytes = seal(encode_column(column.buckets, effort), group, column.point);
    put_varint(head, column.point - next);
    put_varint(head, column.buckets.size());
    put_varint(head, bytes.size());
    next = std::uint64_t{column.point} + 1;
    columns += bytes;
  }
  head = seal(std::move(head), group, -step);
  std::string out;
  put_varint(out, head.size());
  return out + head + columns;
}

Result<RollupSet> decode_rollup(std::string_view bytes, std::int64_t group, std::int64_t step) {
  std::string_view columns;
  const auto entries = decode_head(bytes, group, step, columns);
  if (!entries) return fail(entries.error());
  RollupSet set;
  for (const Entry& entry : *entries) {
    auto buckets = column_at(entry, columns, group);
    if (!buckets) return fail(std::move(buckets.error()));
    set.push_back({entry.point, std::move(*buckets)});
  }
  return set;
}

Result<Buckets> decode_rollup_point(std::string_view bytes, std::int64_t group, std::int64_t step,
                                    std::uint32_t point) {
  std::string_view columns;
  const auto entries = decode_head(bytes, group, step, columns);
  if (!entries) return fail(entries.error());
  const auto entry = std::ranges::lower_bound(*entries, point, {}, &Entry::point);
  if (entry == entries->end() || entry->point != point) return Buckets{};
  return column_at(*entry, columns, group);
}

}  // namespace anlan::collector
