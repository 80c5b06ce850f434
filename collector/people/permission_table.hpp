// Who may do what, and to whose things: role × action × scope, one table. What is not in it is denied. The API runs it,
// GET /api/v1/permissions serves it, docs/permissions.md prints it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "collector/people/actor.hpp"

namespace anlan::collector {

/// As what somebody acts: the five roles, the duties that are part of one, and what is no person.
enum class Capacity : std::uint8_t {
  SA,  // system administrator: configures
  CR,  // city regulator
  DA,  // district administrator
  GO,  // grid officer: acts as DA, in one grid
  EP,  // enterprise principal
  RE,  // rectifier: acts as EP, in one company
  EM,  // employee: reports only
  IN,  // third-party inspector: a token for one hazard
  CL,  // a program of another system (OAuth 2.0 client), within what it was granted
};

inline constexpr std::array kCapacities{Capacity::SA, Capacity::CR, Capacity::DA, Capacity::GO, Capacity::EP,
                                        Capacity::RE, Capacity::EM, Capacity::IN, Capacity::CL};

constexpr std::string_view to_string(Capacity capacity) {
  constexpr std::string_view names[] = {"SA", "CR", "DA", "GO", "EP", "RE", "EM", "IN", "CL"};
  return names[static_cast<std::size_t>(capacity)];
}

/// Whose things.
enum class Scope : std::uint8_t {
  none,      // not at all
  own,       // one's own account and session
  all,       // everybody's
  district,  // of the sites of one's district
  grid,      // of the sites of one's grid
  company,   // of the sites of one's company
  task,      // the one hazard that the token is for
  granted,   // within the reach and the actions that the client was granted
};

constexpr std::string_view to_string(Scope scope) {
  constexpr std::string_view names[] = {"none", "own", "all", "district", "grid", "company", "task", "granted"};
  return names[static_cast<std::size_t>(scope)];
}

struct Permission {
  std::string_view action, what;
  std::array<Scope, kCapacities.size()> scopes;  // in the order of kCapacities
};

namespace permission_table {
inline constexpr Scope no = Scope::none, own = Scope::own, all = Scope::all, district = Scope::district,
                       grid = Scope::grid, company = Scope::company, task = Scope::task, granted = Scope::granted;

// clang-format off
inline constexpr std::array kRows{
    //         action                 what                                                       SA   CR   DA        GO    EP       RE       EM       IN    CL
    Permission{"self.use",            "see and change one's own account, end one's session",     {own, own, own,      own,  own,     own,     own,     no,   no}},
    Permission{"permissions.read",    "read this table",                                         {all, all, all,      all,  all,     all,     all,     all,  all}},
    Permission{"people.manage",       "accounts: list, create, change, invite anew, switch off", {all, no,  no,       no,   no,      no,      no,      no,   no}},
    Permission{"clients.manage",      "programs of other systems: list, create, switch off",     {all, no,  no,       no,   no,      no,      no,      no,   no}},
    Permission{"places.read",         "which site belongs to which district, grid and company",  {all, all, district, grid, company, company, no,      no,   granted}},
    Permission{"places.manage",       "say where a site belongs",                                {all, no,  no,       no,   no,      no,      no,      no,   no}},
    Permission{"system.read",         "metrics, channels of notifications",                      {all, all, no,       no,   no,      no,      no,      no,   granted}},
    Permission{"audit.read",          "the log of who did what, with its proofs",                {all, all, no,       no,   no,      no,      no,      no,   no}},
    Permission{"sites.read",          "sites, edges, points, what is stored, missing and lost",  {all, all, district, grid, company, company, no,      no,   granted}},
    Permission{"telemetry.read",      "samples",                                                 {all, all, district, grid, company, company, no,      no,   granted}},
    Permission{"alerts.read",         "alerts",                                                  {all, all, district, grid, company, company, no,      no,   granted}},
    Permission{"alerts.acknowledge",  "say that an alert was seen",                              {no,  all, district, grid, company, company, no,      no,   no}},
    Permission{"alerts.reset",        "order an edge to reset a latched red",                    {no,  all, district, no,   company, no,      no,      no,   no}},
    Permission{"hazards.read",        "hazards with history and evidence",                       {all, all, district, grid, company, company, no,      task, granted}},
    Permission{"hazards.report",      "report a hazard",                                         {all, all, district, grid, company, company, company, no,   granted}},
    Permission{"hazards.act",         "a step of the closed loop, where its table allows it",    {no,  all, district, grid, company, company, no,      task, no}},
    Permission{"hazards.downgrade",   "lower a grade, with a second verification",               {no,  all, district, no,   no,      no,      no,      no,   no}},
    Permission{"hazards.appoint",     "give an inspector a token for one hazard",                {no,  all, district, no,   no,      no,      no,      no,   no}},
    Permission{"events.read",         "follow changes of what one may read",                     {all, all, district, grid, company, company, no,      no,   granted}},
};
// clang-format on
}  // namespace permission_table

inline constexpr const auto& kPermissions = permission_table::kRows;

constexpr std::optional<std::size_t> find_permission(std::string_view action) {
  for (std::size_t i = 0; i < kPermissions.size(); ++i)
    if (kPermissions[i].action == action) return i;
  return std::nullopt;
}

/// An action that is in the table: a name that is not does not compile.
class Action {
 public:
  consteval Action(const char* name) : row_(find_permission(name).value()) {}
  constexpr std::string_view name() const { return kPermissions[row_].action; }
  constexpr Scope scope(Capacity capacity) const {
    return kPermissions[row_].scopes[static_cast<std::size_t>(capacity)];
  }
  constexpr bool operator==(const Action&) const = default;

 private:
  std::size_t row_;
};

}  // namespace anlan::collector
