// What a new configuration may do to a running daemon (docs/decisions/0028). Pure.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/alert.hpp"
#include "edge/app/config.hpp"

namespace anlan::edge {

/// What came of a reload.
struct Reloaded {
  std::size_t devices = 0, points = 0;
  std::vector<AlertTransition> ended;  // alerts that somebody answered for
  std::vector<std::string> waiting;    // waiting_for_restart()
};

/// Keys whose new values take effect at the next start only: "uplink.broker", …; in order of the reference page.
std::vector<std::string> waiting_for_restart(const Config& running, const Config& fresh);

/// Of the active alerts those that would end because their point, or its limits in that direction, is gone in `fresh`.
/// What had no place before (edge/score/orphans) is none of them.
std::vector<AlertTransition> ended_by(const Config& running, const Config& fresh,
                                      const std::vector<AlertTransition>& active);

/// Whether `fresh` may replace `running`. Errors: conflict, with what to do: another id, site or data_dir; active
/// alerts that would end while `by` names nobody.
Result<void> may_replace(const Config& running, const Config& fresh, const std::vector<AlertTransition>& active,
                         const std::string& by);

}  // namespace anlan::edge
