// What a stretch of time held, in few numbers: minutes, hours and days of each point, so that a chart of three years
// reads thousands of them and not a hundred million samples. Parts of one stretch add up in any order, so late data is
// one part more. Pure. docs/formats/collector-db.md has the grammar.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/packing.hpp"
#include "collector/store/stored_sample.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

/// Steps in milliseconds; they begin at whole multiples since 1970 (UTC). Each is a multiple of the one before.
inline constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;
inline constexpr std::array kRollupSteps{kMinute, kHour, kDay};

struct Bucket {
  std::int64_t start = 0;   // epoch milliseconds
  std::uint64_t count = 0;  // samples in `sum`
  double sum = 0;
  double min = kNoValue, max = kNoValue;  // kNoValue: there was no value
  Quality worst = Quality::good;
};

/// Where the stretch of this step begins that holds `time`.
std::int64_t bucket_start(std::int64_t time, std::int64_t step);
/// Where the first one begins that holds nothing before `time`.
std::int64_t bucket_end(std::int64_t time, std::int64_t step);

/// The one that may be trusted less.
Quality worse(Quality a, Quality b);

/// Adds a sample. What stands for a minute that was thinned counts as what it is: the lowest and the highest have no
/// part in the mean. A value that is no number (NaN) says only its quality.
void add(Bucket& to, double value, Quality quality);
/// Adds another part of the same stretch.
void add(Bucket& to, const Bucket& part);

/// The stretches of one point, by start.
using Buckets = std::vector<Bucket>;
/// Adds a sample of any time: quickly, for the same stretch may then stand in it several times, until settle().
void add_sample(Buckets& to, std::int64_t step, std::int64_t time, double value, Quality quality);
void settle(Buckets& buckets);
void add_buckets(Buckets& to, const Buckets& parts);
/// The same in a longer step.
Buckets widened(const Buckets& buckets, std::int64_t step);

struct RollupColumn {
  std::uint32_t point = 0;  // place in the group
  Buckets buckets;
};

/// The stretches of a group's points, of one step, by point.
using RollupSet = std::vector<RollupColumn>;
void add_rollup(RollupSet& to, const RollupSet& parts);

std::string encode_rollup(const RollupSet& set, std::int64_t group, std::int64_t step, Effort effort);

/// Errors: storage_corrupt, unsupported. Total.
Result<RollupSet> decode_rollup(std::string_view bytes, std::int64_t group, std::int64_t step);

/// Of one point; empty where there are none. Errors: as above, and where this point's do not read.
Result<Buckets> decode_rollup_point(std::string_view bytes, std::int64_t group, std::int64_t step, std::uint32_t point);

}  // namespace anlan::collector
