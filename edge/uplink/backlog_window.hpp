// How much backlog may be on its way at once: what the line and the centre take in about two seconds, judged by how
// long receipts take. So a slow line's queue stays short enough for live telemetry, a quick one's is never empty, and a
// centre under load is left in peace. Pure. (The rule is that of TCP's slow start, with delay for its sign of too
// much.)
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/time.hpp"

namespace anlan::edge {

class BacklogWindow {
 public:
  static constexpr std::uint64_t kLeast = 8 * 1024, kFirst = 32 * 1024;  // bytes of rows
  static constexpr Millis kTarget{2'000};

  explicit BacklogWindow(std::uint64_t most) : most_(std::max(most, kLeast)) {}

  std::uint64_t bytes() const { return std::min(bytes_, most_); }

  /// A new line.
  void restart() { *this = BacklogWindow(most_); }

  /// A receipt covers a frame of `bytes` that was sent at `sent`. In good time: twice as much in the next round. Late:
  /// in proportion less, once for all that was on its way then.
  void received(std::uint64_t bytes, MonoTime sent, MonoTime now) {
    const Millis delay = std::max(now - sent, Millis{1});
    if (delay <= kTarget)
      bytes_ = std::min(bytes_ + bytes, most_);
    else if (sent >= shrunk_)
      shrink(bytes_ / 1000 * static_cast<std::uint64_t>(1000 * kTarget / delay), now);
  }

  /// A frame without a receipt is due again: the line stands, or loses what it carries.
  void lost(MonoTime now) { shrink(kLeast, now); }

 private:
  void shrink(std::uint64_t bytes, MonoTime now) {
    bytes_ = std::max(bytes, kLeast);
    shrunk_ = now;
  }

  std::uint64_t most_, bytes_ = kFirst;
  MonoTime shrunk_ = MonoTime::min();
};

}  // namespace anlan::edge
