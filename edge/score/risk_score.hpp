// How dangerous a value is, from 0 to 100, by its distance from the limits.
#pragma once

#include "common/model/level.hpp"
#include "edge/score/limit_track.hpp"

namespace anlan::edge {

/// The score at a level's limit (DOMAIN.md, life cycle of an alert: blue 40, yellow 60, orange 75, red 90); none: 0.
double anchor(Level level);

/// Piecewise linear through (limit, anchor) of the configured levels, never falling as the value moves towards danger.
/// Outside them it goes on with the mean slope of all of them; one limit alone is taken to rise from 0 at a distance of
/// its own size (a high limit of 20 scores 0 at 0; a limit of 0 uses the deadband or 1). Below the lowest limit it ends
/// at 0, beyond red at 100; beyond a highest level under red one short of the next anchor, for a danger that
/// nobody configured is not claimed. 0 where no level is configured. REQUIRES a finite value.
double risk_score(const RuleLimits& limits, double value);

/// From this value on, toward danger (toward_danger()), the score has three quarters of the anchor of the lowest
/// configured level, so that the limit is near; +infinity where no level is configured.
double nearing(const RuleLimits& limits);

}  // namespace anlan::edge
