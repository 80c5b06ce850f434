#include "collector/store/time_tracks.hpp"

#include <algorithm>

namespace anlan::collector {
namespace {

constexpr std::size_t kMostTried = 16;     // tracks that a column is compared with, the newest first
constexpr std::size_t kMostDifferent = 8;  // one in so many

bool fits(const PointColumn& column, const PointColumn& like) {
  if (column.cells != like.cells) return false;
  std::size_t different = 0;
  const std::size_t most = column.times.size() / kMostDifferent;
  for (std::size_t i = 0; i < column.times.size(); ++i)
    if (column.times[i] != like.times[i] && ++different > most) return false;
  return true;
}

std::int64_t middle(std::int64_t a, std::int64_t b, std::int64_t c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

/// The first column's times; where there are three, what stands in the middle: a late sample of one of them is then an
/// exception of that column, not of all others.
TimeTrack track_from(std::span<const PointColumn* const> members) {
  TimeTrack track{members[0]->cells, members[0]->times};
  if (members.size() >= 3)
    for (std::size_t i = 0; i < track.times.size(); ++i)
      track.times[i] = middle(members[0]->times[i], members[1]->times[i], members[2]->times[i]);
  return track;
}

}  // namespace

SharedTimes share_times(std::span<const PointColumn> columns) {
  SharedTimes shared;
  std::vector<std::vector<const PointColumn*>> members;
  for (const PointColumn& column : columns) {
    std::size_t track = members.size();
    for (std::size_t tried = 0; tried < std::min(kMostTried, members.size()); ++tried) {
      const std::size_t candidate = members.size() - 1 - tried;
      if (!fits(column, *members[candidate].front())) continue;
      track = candidate;
      break;
    }
    if (track == members.size()) members.emplace_back();
    members[track].push_back(&column);
    shared.track_of.push_back(track);
  }
  for (const auto& of : members) shared.tracks.push_back(track_from(of));
  return shared;
}

}  // namespace anlan::collector
