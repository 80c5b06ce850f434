// What the local alarm should do now: sound or not, which level, and a heartbeat. Pure; decides by alert transitions
// and `now` alone, with no line to the centre (DESIGN.md §3.9). Resetting is the scoring's (edge/score); this only
// stops the noise.
//
//   an alert                                           its sound
//   is raised at or above `from`                       on
//   rises to a level at or above `from`                on, also where it had been silenced (ISA-18.2: re-alarm)
//   is red again after it had latched                  on, also where it had been silenced
//   falls, and stays at or above `from`                as it was
//   falls below `from`                                 off
//   latches                                            as it was: an alarm that nobody heard goes on until somebody
//                                                      does
//   is cleared                                         off
//   is silenced by a person                            off; of every alert that sounds now, never of a later one
//   stands under maintenance                           as at its live level: it does not rise by it, and may fall
//   returns from maintenance                           on, where that raises its level or it was last raised or
//                                                      upgraded
//
// The whole sounds while any alert does. Silence is not kept over a restart: what is still active sounds again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/model/alert.hpp"

namespace anlan::edge {

struct AnnunciatorOutput {
  bool sound = false;
  Level level = Level::none;  // highest active, silenced or not
  std::uint16_t beat = 0;     // counts up and wraps: a sounder that sees it stand still sounds by itself
  bool operator==(const AnnunciatorOutput&) const = default;
};

class Annunciator {
 public:
  /// `from`: the lowest level that sounds. REQUIRES from != none, beat > 0.
  Annunciator(Level from, Millis beat) : from_(from), beat_(beat) {}

  /// Every transition, in order; the newest transitions of what is active after a restart likewise.
  void apply(const AlertTransition& transition);

  struct Silence {
    std::string by;
    MonoTime at{};
    std::vector<std::string> sources;  // whose alerts were silenced: "site/device/point rule"
  };

  /// Errors: invalid_argument (no name, or not UTF-8), conflict (nothing sounds).
  Result<Silence> silence(std::string_view by, MonoTime now);

  /// What to show at `now`. The beat is the number of whole beats since the first call, so it stands still
  /// where nobody calls.
  AnnunciatorOutput tick(MonoTime now);

  /// From `now` to the next whole beat: more than 0, at most one beat.
  Millis until_next_beat(MonoTime now) const;

 private:
  struct Heard {
    std::string what;
    Level level = Level::none;
    bool silenced = false;
  };
  bool sounds(const Heard& alert) const { return alert.level >= from_ && !alert.silenced; }

  Level from_;
  Millis beat_;
  std::map<AlertId, Heard> alerts_;
  std::optional<MonoTime> first_;
};

}  // namespace anlan::edge
