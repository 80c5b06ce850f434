// What is said of each act of people management, so that it is written down in the transaction that does it.
#pragma once

#include <functional>
#include <string>

#include "collector/people/actor.hpp"
#include "common/base/time.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

struct PeopleAct {
  std::string what;     // "person.created", "session.opened", …: docs/decisions/0085
  std::string subject;  // "person/ID", "client/ID", "site/NAME", "hazard/ID"
  Actor actor;          // who did it
  std::string detail;   // for people: names, roles, places; never a secret
  WallTime at{};
};

/// Called inside the transaction of the act; may throw DatabaseError, which undoes the act.
using PeopleJournal = std::function<void(Database&, const PeopleAct&)>;

}  // namespace anlan::collector
