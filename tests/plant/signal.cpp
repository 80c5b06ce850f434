#include "tests/plant/signal.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace anlan::plant {
namespace {

constexpr Millis noise_step{100};

/// SplitMix64 (Steele, Lea, Flood 2014): scatters neighbouring inputs over all 64 bits.
std::uint64_t scatter(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

/// Periods since `start`, with fraction; 0 before it.
double turns(MonoTime now, MonoTime start, Millis period) {
  return std::max(0.0, static_cast<double>((now - start).count()) / static_cast<double>(period.count()));
}

double value_of(const Constant& c, MonoTime) { return c.value; }

double value_of(const Ramp& r, MonoTime now) {
  const double way = turns(now, r.start, r.duration);
  return way >= 1 ? r.to : r.from + (r.to - r.from) * way;
}

double value_of(const Sine& s, MonoTime now) {
  return s.mean + s.amplitude * std::sin(2 * std::numbers::pi * turns(now, s.start, s.period));
}

double value_of(const Steps& s, MonoTime now) {
  const auto passed = std::max(Millis{0}, now - s.start) / s.each;
  return s.values[static_cast<std::size_t>(passed) % s.values.size()];
}

}  // namespace

double Signal::at(MonoTime now) const {
  const double base = std::visit([now](const auto& s) { return value_of(s, now); }, shape);
  if (noise == 0) return base;
  const auto step = static_cast<std::uint64_t>((now - origin) / noise_step);
  const double unit = static_cast<double>(scatter(seed ^ scatter(step)) >> 11) * 0x1p-53;  // [0, 1)
  return base + noise * (2 * unit - 1);
}

}  // namespace anlan::plant
