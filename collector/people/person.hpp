// A person with an account. Values only; rules are in people_desk.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/people/permission_table.hpp"
#include "collector/people/reach.hpp"
#include "common/base/time.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector {

using PersonId = Id<struct PersonTag>;

/// Part of a role that is done on somebody's behalf: a grid officer acts as a district administrator in one grid, a
/// rectifier as the principal of one company.
enum class Duty : std::uint8_t { none, grid_officer, rectifier };

inline constexpr std::array kDuties{Duty::none, Duty::grid_officer, Duty::rectifier};

constexpr std::string_view to_string(Duty duty) {
  constexpr std::string_view names[] = {"none", "grid-officer", "rectifier"};
  return names[static_cast<std::size_t>(duty)];
}

constexpr std::optional<Duty> duty_from(std::string_view text) {
  for (const Duty duty : kDuties)
    if (to_string(duty) == text) return duty;
  return std::nullopt;
}

/// invited: has no password yet. off: may do nothing; an account is never deleted, so that a name in the history stays
/// that person's.
enum class PersonState : std::uint8_t { invited, active, off };

inline constexpr std::array kPersonStates{PersonState::invited, PersonState::active, PersonState::off};

constexpr std::string_view to_string(PersonState state) {
  constexpr std::string_view names[] = {"invited", "active", "off"};
  return names[static_cast<std::size_t>(state)];
}

constexpr std::optional<PersonState> person_state_from(std::string_view text) {
  for (const PersonState state : kPersonStates)
    if (to_string(state) == text) return state;
  return std::nullopt;
}

/// What an administrator says of a person.
struct PersonWish {
  std::string name;          // unique but for case and outer blanks; fixed for good: it is the author of acts
  std::string staff_number;  // unique where there is one
  Role role = Role::EM;      // not SYS
  Duty duty = Duty::none;
  Territory territory;  // what the role needs of it, and no more
};

struct Person {
  PersonId id;
  std::int64_t number = 0;  // grows in the order of creation
  std::int64_t version = 0;
  PersonWish is;
  PersonState state = PersonState::invited;
  bool second_factor = false;
  WallTime created_at{}, changed_at{};
};

constexpr Capacity capacity_of(Role role, Duty duty) {
  switch (role) {
    case Role::SA:
      return Capacity::SA;
    case Role::CR:
      return Capacity::CR;
    case Role::DA:
      return duty == Duty::grid_officer ? Capacity::GO : Capacity::DA;
    case Role::EP:
      return duty == Duty::rectifier ? Capacity::RE : Capacity::EP;
    default:
      return Capacity::EM;
  }
}

/// What nobody but collector/people reads.
struct PersonSecrets {
  std::string password_hash;    // empty: none was chosen yet
  std::string invitation_hash;  // empty: none is open
  WallTime invitation_until{};
  std::string code_seed, pending_seed;  // empty: no second factor; pending: shown, not yet confirmed
  std::int64_t code_step = 0;           // of the code that was taken last
};

}  // namespace anlan::collector
