// Devices out of service by a person's word (ISA-18.2), each for a bounded time: what rises on them then is recorded
// and marked, and rings nowhere; docs/decisions/0029-maintenance.md has the whole of it. Pure.
//
//   an alert's next transition                               its mark (AlertTransition::maintenance)
//   the device is in service                                 none
//   out of service, the alert is raised                      the level none counts
//   out of service, a live alert rises                       the level that it was live at counts
//   out of service, a marked alert goes on                   that level, or the new one where it is lower
//   out of service, a live alert falls, latches or clears    none: it was live before and is still
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/protocol.hpp"

namespace anlan::edge {

/// Now, on all clocks.
struct Instant {
  WallTime wall{};
  MonoTime mono{};
  BootId boot;  // that `mono` belongs to
  bool operator==(const Instant&) const = default;
};

/// One person's window over one device. The device is out of service while any window is open.
struct OpenWindow {
  std::string device;  // site/device
  MaintenanceWindow window;
  MonoTime ends{};          // of this boot
  bool other_boot = false;  // begun before this boot: `ends` rests on the wall clock
  bool operator==(const OpenWindow&) const = default;
};

inline constexpr Millis kShortestMaintenance{1'000}, kLongestMaintenance{24 * 3600'000};
inline constexpr std::size_t kMostWindows = 16;  // over one device

class Maintenance {
 public:
  /// A person who has a window over this device already replaces it: `replaced` is the old one, ended.
  /// Errors: invalid_argument (no name, not UTF-8, a time outside 1 s to 24 h), conflict (kMostWindows are open).
  struct Begun {
    OpenWindow window;
    std::optional<OpenWindow> replaced;
  };
  Result<Begun> begin(std::string_view device, std::string_view by, std::string_view reason, Millis duration,
                      const Instant& now, const MaintenanceId& id);

  /// Ends that person's window over the device; with `all`, everybody's. Errors: invalid_argument (no name), not_found
  /// (it is in service), conflict (others have windows, this person has none: says who).
  Result<std::vector<OpenWindow>> end(std::string_view device, std::string_view by, bool all, WallTime now);

  /// Ends what has run out. A window begun before this boot ends by the wall clock too, where that is synchronised.
  std::vector<OpenWindow> expire(const Instant& now, bool synced);

  /// Ends the windows of devices that are not there any more.
  std::vector<OpenWindow> drop(const std::function<bool(std::string_view device)>& is_there, WallTime now);

  /// Whether the device of this source (site/device or site/device/point) is out of service.
  bool covers(std::string_view source) const;

  const std::vector<OpenWindow>& open() const { return open_; }
  /// The next time that expire() may have something to do; nullopt: never.
  std::optional<MonoTime> next_end() const;

  /// From a saved state, in place of what was there; the times are of this boot.
  void adopt(std::vector<OpenWindow> open);
  std::uint64_t revision() const { return revision_; }

 private:
  std::vector<OpenWindow> take_if(const std::function<bool(const OpenWindow&)>& ends, WallTime now);

  std::vector<OpenWindow> open_;  // in the order in which they were begun
  std::uint64_t revision_ = 0;
};

/// The mark of `next`, whose alert's newest transition was `before` (null: it is raised).
std::optional<Level> maintenance_mark(const AlertTransition* before, const AlertTransition& next, bool out_of_service);

/// The transition of a marked alert that returns to service: the same again, but live.
AlertTransition returned_to_service(const AlertTransition& newest, WallTime at);

}  // namespace anlan::edge
