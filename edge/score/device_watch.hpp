// The technical alert "comm" of each device: none of its points has had a good value for longer than three periods
// (at least 10 s). Yellow; it clears by itself with the first good sample. Pure, driven by samples like LimitEngine:
// a poller that gets no answer says so with comm-failure samples, and their monotonic times run the delay.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "edge/score/limit_engine.hpp"

namespace anlan::edge {

/// Not thread-safe; call on one strand.
class DeviceWatch {
 public:
  using Titles = std::map<std::string, std::string>;  // site/device → display name; may lack any

  DeviceWatch(const Definition& definition, NewAlertId new_id, Titles titles = {},
              std::shared_ptr<const Maintenance> maintenance = nullptr);

  /// As LimitEngine::apply; at most one transition. Its evidence has no value and no limit; `quality` says what is
  /// wrong.
  std::vector<AlertTransition> apply(const Sample& sample);

  /// As in LimitEngine (the rule is "comm").
  std::vector<AlertTransition> reconfigure(const Definition& definition, Titles titles, WallTime at);
  std::vector<AlertTransition> active() const;
  std::vector<AlertTransition> release(WallTime at);
  std::uint64_t revision() const { return revision_; }
  std::vector<SavedTrack> tracks() const;
  std::vector<AlertTransition> adopt(std::vector<SavedTrack> tracks, WallTime at);

 private:
  struct Point {
    std::uint32_t device = 0;
    std::string name;
    bool bad = false;  // its newest sample; a point not seen yet is not bad
  };
  struct Device {
    std::string source;
    Millis patience{};
    std::uint32_t points = 0, bad = 0;
    Track track;  // timers.above of yellow: since when all are bad
  };

  void lay_out(const Definition& definition);
  AlertTransition record(Device& device, AlertStep step, WallTime since, const Sample& sample);

  NewAlertId new_id_;
  Titles titles_;
  std::shared_ptr<const Maintenance> maintenance_;
  std::vector<Point> points_;
  std::vector<Device> devices_;
  std::uint64_t revision_ = 0;
};

}  // namespace anlan::edge
