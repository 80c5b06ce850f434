// Who calls, as a log-in or a token has proved it, and what that lets them reach.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "collector/people/actor.hpp"
#include "collector/people/permission_table.hpp"
#include "collector/people/reach.hpp"

namespace anlan::collector {

struct Subject {
  /// open: nobody logged in, and the configuration lets anybody on this machine do everything.
  enum class Kind : std::uint8_t { open, person, client, inspector };

  Kind kind = Kind::person;
  std::string id;        // stable: of the person, client or token; also what rates are counted by
  std::string name;      // who the author of an act is
  Role role = Role::EM;  // in which role
  Capacity capacity = Capacity::EM;
  Territory territory;               // of a person or client
  std::string hazard;                // inspector: of which the token is
  std::vector<std::string> actions;  // client: what this token may do
  std::string session;               // id of the session or token

  Actor actor() const { return {name, role}; }

  /// What `action` reaches: nothing where the table denies it.
  Reach reach(Action action) const {
    if (kind == Kind::open) return Reach::everything();
    const Scope scope = action.scope(capacity);
    if (kind == Kind::client && std::ranges::find(actions, action.name()) == actions.end() &&
        action != Action("permissions.read"))
      return Reach::nothing();
    return reach_of(scope, territory, hazard);
  }
};

}  // namespace anlan::collector
