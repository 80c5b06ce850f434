// What is known of one device's firmware, and what of its profile counts by that. Pure: answers and time come in.
//
//   not asked ──answered()──▶ known ──lost()──▶ not asked (what was known goes on to count until it answers)
//       ▲                       │ no revision matches: asked again after kAskUnknownAgain
//       └──────not_told()───────┘
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "edge/sensor/firmware.hpp"

namespace anlan::edge {

/// How long a device that has told nothing, or a firmware that nobody knows, is left alone.
inline constexpr Millis kAskUnknownAgain{60'000};

class FirmwareWatch {
 public:
  /// Where there is no question, the base counts for ever. `remembered`: what the device answered last before this
  /// process, if that is known: nothing is read by it, another answer is news.
  FirmwareWatch(ProfilePoints points, Shared<Revisions> revisions, std::optional<std::string> remembered = {});

  const std::optional<FirmwareQuestion>& question() const { return revisions_->question; }

  /// The device is to be asked before anything else is read of it.
  bool must_ask(MonoTime now) const { return revisions_->question && now >= ask_at_; }

  /// It may have another firmware when it is back.
  void lost() { ask_at_ = MonoTime::min(); }

  struct News {
    bool other_points = false;  // what is read, or how, is different from now on
    std::string said;           // for the history; "" where nothing happened that people should know
  };
  /// firmware_text(), or the object's text; "" where the device refuses the question.
  News answered(const std::string& firmware, MonoTime now);

  /// It answered, but not the question (busy, an error of its own).
  void not_told(MonoTime now) { ask_at_ = now + kAskUnknownAgain; }

  /// All points of the profile, as the present firmware has them.
  const ProfilePoints& points() const { return now_.points; }

  /// False: there is nothing to read of it, as far as is known.
  bool has(std::size_t point) const { return readable_ && !now_.absent.contains(point); }

 private:
  Shared<Revisions> revisions_;
  ProfilePoints profile_;
  Variant now_;
  bool readable_;                        // now_ counts
  std::optional<std::string> firmware_;  // what it answered last
  bool answered_ = false;                // this process
  MonoTime ask_at_ = MonoTime::min();
};

}  // namespace anlan::edge
