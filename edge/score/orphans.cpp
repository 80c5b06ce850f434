#include "edge/score/orphans.hpp"

#include <algorithm>
#include <utility>

#include "common/base/utf8.hpp"
#include "edge/score/maintenance.hpp"

namespace anlan::edge {

std::set<std::pair<std::string, std::string>> watched(const Definition& definition) {
  std::set<std::pair<std::string, std::string>> all;
  for (const PointDefinition& point : definition.points) {
    all.emplace(point.path.site + "/" + point.path.device, "comm");
    if (point.limits.high.any()) all.emplace(point.path.str(), "high");
    if (point.limits.low.any()) all.emplace(point.path.str(), "low");
  }
  return all;
}

std::vector<SavedTrack> Orphans::keep(std::vector<SavedTrack> tracks, const Definition& definition) {
  const auto known = watched(definition);
  std::vector<SavedTrack> placed;
  tracks_.clear();
  for (SavedTrack& track : tracks) {
    if (known.contains({track.source, track.rule}))
      placed.push_back(std::move(track));
    else if (track.alert)
      tracks_.push_back(std::move(track));
  }
  ++revision_;
  return placed;
}

std::vector<SavedTrack> Orphans::leaving(const Definition& definition) {
  if (tracks_.empty()) return {};
  auto tracks = std::exchange(tracks_, {});
  return keep(std::move(tracks), definition);
}

bool Orphans::has(std::string_view source, std::string_view rule) const {
  return std::ranges::any_of(tracks_,
                             [&](const SavedTrack& track) { return track.source == source && track.rule == rule; });
}

Result<AlertTransition> Orphans::end(std::string_view source, std::string_view rule, std::string_view actor,
                                     WallTime at) {
  if (actor.empty()) return fail(Errc::invalid_argument, "a reset needs the name of the person who does it");
  if (!valid_utf8(actor)) return fail(Errc::invalid_argument, "the name of the person who resets is not UTF-8");
  const auto found = std::ranges::find_if(
      tracks_, [&](const SavedTrack& track) { return track.source == source && track.rule == rule; });
  AlertTransition ended = cleared_by_configuration(*found->alert, at);
  ended.actor = actor;
  tracks_.erase(found);
  ++revision_;
  return ended;
}

std::vector<AlertTransition> Orphans::release(WallTime at) {
  std::vector<AlertTransition> released;
  for (SavedTrack& track : tracks_) {
    if (!track.alert->maintenance) continue;
    track.alert = returned_to_service(*track.alert, at);
    released.push_back(*track.alert);
    ++revision_;
  }
  return released;
}

std::vector<AlertTransition> Orphans::active() const {
  std::vector<AlertTransition> alerts;
  for (const SavedTrack& track : tracks_) alerts.push_back(*track.alert);
  return alerts;
}

}  // namespace anlan::edge
