// What hazard/ hands to notify/, for tests.
#pragma once

#include "collector/notify/outbox.hpp"
#include "tests/support/alert_builder.hpp"

namespace anlan::collector::testing_notify {

inline Call call_for(std::uint64_t id, Level level) {
  Call call;
  call.ring.transition = test::raised(id, level);
  auto& alert = call.ring.alert;
  alert.id = test::alert_id(id);
  alert.origin = {"tj-bh-017-a", "tj-bh-017"};
  alert.source = call.ring.transition.source;
  alert.asset = call.ring.transition.asset;
  alert.rule = call.ring.transition.rule;
  alert.name = call.ring.transition.name;
  alert.level = alert.peak = call.ring.level = level;
  alert.raised_at = test::at(0);
  call.ring.age = Millis{754'321};
  call.ring.late = true;
  return call;
}

inline std::string key_of(std::uint64_t id, Level level) {
  return test::alert_id(id).hex() + "-" + std::string(to_string(level));
}

}  // namespace anlan::collector::testing_notify
