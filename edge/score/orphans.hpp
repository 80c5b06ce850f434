// Alerts that outlived their place: while the daemon was not there, somebody took their point, their device or their
// limits out of the configuration, and nobody answered for it. They stay active until a named person ends them, or
// until their place is back. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/definition.hpp"
#include "edge/score/saved_state.hpp"

namespace anlan::edge {

/// What alerts can be of, as (source, rule): points by the rules that have limits ("high", "low"), devices by silence
/// ("comm").
std::set<std::pair<std::string, std::string>> watched(const Definition& definition);

class Orphans {
 public:
  /// Those without a place stay here, the others are returned. A delay without an alert that has no place is dropped.
  std::vector<SavedTrack> keep(std::vector<SavedTrack> tracks, const Definition& definition);

  /// Those that have a place again, for whoever tracks it from now on.
  std::vector<SavedTrack> leaving(const Definition& definition);

  bool has(std::string_view source, std::string_view rule) const;

  /// Ends it in the name of `actor`. Errors: invalid_argument (no name, or not UTF-8). REQUIRES has().
  Result<AlertTransition> end(std::string_view source, std::string_view rule, std::string_view actor, WallTime at);

  /// Nobody works on what is gone: those that were raised under maintenance are live now.
  std::vector<AlertTransition> release(WallTime at);

  std::vector<AlertTransition> active() const;
  const std::vector<SavedTrack>& tracks() const { return tracks_; }
  std::uint64_t revision() const { return revision_; }

 private:
  std::vector<SavedTrack> tracks_;  // each with an alert
  std::uint64_t revision_ = 0;
};

}  // namespace anlan::edge
