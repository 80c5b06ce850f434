// From what the edge says and what people have acknowledged to the state that people see. Pure.
#pragma once

#include "collector/alert/alert.hpp"
#include "collector/alert/episode.hpp"

namespace anlan::collector {

/// Blue informs; from yellow on somebody has to have seen it (DOMAIN.md, table of levels).
constexpr bool needs_acknowledgement(Level peak) { return peak >= Level::yellow; }

/// `live`: the level that counts now; none while it has stood under maintenance since it was raised.
/// `acknowledged`: the peak at the time of the newest acknowledgement (none: never). A higher peak needs another one.
constexpr AlertState alert_state(Shown shown, AlertStep step, Level live, Level peak, Level acknowledged) {
  if (shown != Shown::over && live == Level::none) return AlertState::out_of_service;
  const bool seen = acknowledged >= peak && acknowledged != Level::none;
  if (shown == Shown::over)
    return seen || !needs_acknowledgement(peak) ? AlertState::over : AlertState::cleared_unacked;
  if (step == AlertStep::latched && live == Level::red) return AlertState::latched;
  return seen ? AlertState::active_acked : AlertState::active_unacked;
}

}  // namespace anlan::collector
