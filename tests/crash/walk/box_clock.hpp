// A box's two clocks over the true time: a wall clock that is set, drifts, and may not be there at boot; a monotonic
// one that counts from the boot.
#pragma once

#include <cmath>
#include <cstdint>

#include "edge/buffer/buffer.hpp"
#include "edge/score/maintenance.hpp"

namespace anlan::walk {

inline constexpr std::int64_t kEra = 1'795'420'800'000;  // the wall clock at the true time 0: 2026-11-23T08:00:00Z

class BoxClock {
 public:
  explicit BoxClock(BootId boot) : boot_(boot) {}

  void reboot(std::int64_t now, BootId boot, bool has_clock) {
    boot_ = boot;
    booted_ = now - 3'000;
    synced_ = has_clock;
    set(now, has_clock ? 0 : booted_ - kEra - now);  // a box without a clock begins in 1970
    steps_ = 0;
  }
  void step(std::int64_t now, std::int64_t by) {
    set(now, offset(now) + by);
    steps_ += by;
  }
  void synchronise(std::int64_t now) {
    step(now, -offset(now));
    synced_ = true;
    rate_ = 0;
  }
  void drift(std::int64_t now, double rate) {
    set(now, offset(now));
    rate_ = rate;
  }

  WallTime wall(std::int64_t now) const { return wall_from_ms(kEra + now + offset(now)); }
  MonoTime mono(std::int64_t now) const { return mono_from_ms(now - booted_); }
  ClockState state() const { return synced_ ? ClockState::synced : ClockState::unsynced; }
  bool right(std::int64_t now) const { return offset(now) == 0; }
  edge::Stamp stamp(std::int64_t now) const { return {wall(now), mono(now), state()}; }
  edge::Instant instant(std::int64_t now) const { return {wall(now), mono(now), boot_}; }
  BootId boot() const { return boot_; }

  /// By how much it was set since this was last asked.
  std::int64_t take_steps() { return std::exchange(steps_, 0); }

 private:
  std::int64_t offset(std::int64_t now) const {
    return offset_ + std::llround(rate_ * static_cast<double>(now - set_at_));
  }
  void set(std::int64_t now, std::int64_t offset) {
    offset_ = offset;
    set_at_ = now;
  }

  BootId boot_;
  std::int64_t booted_ = -3'000, offset_ = 0, set_at_ = 0, steps_ = 0;
  double rate_ = 0;
  bool synced_ = true;
};

}  // namespace anlan::walk
