#pragma once

#include "common/model/alert.hpp"

namespace anlan::edge {

/// One step of alert number `alert`.
inline AlertTransition transition(std::uint64_t alert, AlertStep step, Level level) {
  AlertTransition t;
  t.alert = {0, alert};
  t.version = 1;
  t.step = step;
  t.level = level;
  t.source = "site-a/tank-" + std::to_string(alert) + "/temperature";
  t.rule = "high";
  return t;
}

}  // namespace anlan::edge
