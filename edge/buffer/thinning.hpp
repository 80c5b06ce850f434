// What is kept of telemetry for which there is no room (PROTOCOL.md rule 9): of each point and minute the lowest, the
// mean and the highest good value. Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "common/model/protocol.hpp"

namespace anlan::edge {

/// Takes samples in any order and holds about 200 bytes for each point and minute.
///
/// - Good samples of a minute (of their own UTC time): three or fewer stay as they are; of more the lowest and the
///   highest stay with their own times, marked Quality::minute_min and minute_max, and their mean is
///   Quality::minute_mean at the time of the first.
/// - Of every other quality the lowest and the highest stay as they are, where there is no value the first.
/// - What stands for a minute already passes unchanged.
class Thinner {
 public:
  void add(const Samples& samples);

  /// What stays, by definition, in the order of point and time. Empties it.
  std::vector<Samples> take();

 private:
  struct Kept {
    std::uint64_t count = 0;
    double sum = 0;
    std::array<Sample, 3> first{};  // while there are not more
    Sample lowest, highest, earliest;
  };
  using Key = std::tuple<DefinitionHash, std::uint32_t, std::int64_t, Quality>;  // point, minute

  void keep(const DefinitionHash& definition, const Sample& sample);

  std::map<Key, Kept> kept_;
  std::map<DefinitionHash, std::vector<Sample>> unchanged_;
};

/// The minute of a time, also before 1970.
std::int64_t minute_of(WallTime time);

}  // namespace anlan::edge
