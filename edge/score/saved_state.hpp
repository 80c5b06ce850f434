// The state of the scoring stage as text, kept in the buffer beside the records so that a restart neither loses nor
// restarts a delay (promise 7). By path and rule, never by index: it survives a changed configuration.
//
//   {"format":1, "boot":"<32 hex>", "mono":ms, "wall":ms, "tracks":[
//     {"source":"site/device/point", "rule":"high",
//      "above":[[mono,wall] or null, … one for each level], "back":[mono,wall] or null, "doubt":mono or null,
//      "bad":["point", …],                                     (device watch only)
//      "alert":{"id":"<32 hex>","version":2,"step":"raised","level":"orange","source":…,"asset":…,"rule":…,"name":…,
//               "value":"75.5","limit":"75","unit":"Cel","since":ms,"quality":0,"score":"75.5","at":ms,"actor":""}
//               or null}],                                     (an alert that is marked: "maintenance":"none" and so
//               on)
//    "maintenance":[{"device":"site/device","id":"<32 hex>","by":…,"reason":…,"since":ms,"until":ms,"ends":mono,
//                    "other_boot":true}]}                      (where there is any; "other_boot" where it is so)
//
// Real numbers are text so that they come back bit for bit ("" is "no value").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "edge/score/limit_track.hpp"
#include "edge/score/maintenance.hpp"

namespace anlan::edge {

struct SavedTrack {
  std::string source, rule;
  Timers timers;
  std::vector<std::string> bad;  // device watch: points whose newest sample is not good
  std::optional<AlertTransition> alert;
  bool operator==(const SavedTrack&) const = default;
};

struct SavedState {
  Instant at;
  std::vector<SavedTrack> tracks;
  std::vector<OpenWindow> maintenance{};
  bool operator==(const SavedState&) const = default;
};

std::string encode(const SavedState& state);

/// Never trusts its input. Errors: malformed (with what and where), unsupported (a newer format), too_large (16 MiB).
Result<SavedState> decode(std::string_view text);

/// Makes the monotonic times those of `now.boot`. In the same boot nothing changes. After another boot a delay has
/// gone on for as long as the wall clock says has passed since the state was saved: never less than nothing, never more
/// than that; what had elapsed before is kept as it was measured. So it is with what is left of a maintenance.
void translate(SavedState& state, const Instant& now);

/// The last transition of an alert whose point or rule is no longer configured; its evidence stays as it was.
AlertTransition cleared_by_configuration(const AlertTransition& newest, WallTime at);

}  // namespace anlan::edge
