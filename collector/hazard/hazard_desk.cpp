#include "collector/hazard/hazard_desk.hpp"

#include <boost/json.hpp>

#include "collector/hazard/desk_writer.hpp"
#include "collector/hazard/hazard_step.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector {

namespace {

bool printable(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

Result<void> check_actor(const Actor& actor) {
  if (person_key(actor.name).empty()) return fail(Errc::invalid_argument, "the name of the acting person is missing");
  if (!printable(actor.name))
    return fail(Errc::invalid_argument, "the name of the acting person holds control characters");
  if (actor.role == Role::SYS)
    return fail(Errc::refused, "role SYS is the system's own: a person acts in a role of people");
  return {};
}

std::string why_now(const Hazard& hazard, const std::string& action) {
  const std::string deadline = "the deadline " + to_rfc3339(hazard.deadline.value_or(WallTime{}));
  if (action == "remind") return deadline + " comes nearer";
  return action == "overdue" ? deadline + " has passed: to the district" : deadline + " has passed: to the city";
}

}  // namespace

HazardDesk::HazardDesk(Database& database, HazardPolicy policy, std::function<HazardId()> new_id)
    : database_(database), policy_(std::move(policy)), new_id_(std::move(new_id)) {}

Result<HazardChange> HazardDesk::report(const HazardReport& report, const Actor& actor, WallTime now) {
  if (auto ok = check_actor(actor); !ok) return fail(ok.error());
  std::string missing;
  if (!valid_name(report.site)) missing += "site (a name like tj-bh-017); ";
  if (person_key(report.description).empty()) missing += "description; ";
  if (person_key(report.location).empty() && person_key(report.category).empty()) missing += "location or category; ";
  if (!missing.empty()) return fail(Errc::invalid_argument, "a report needs " + missing.substr(0, missing.size() - 2));
  Hazard hazard;
  hazard.id = new_id_();
  hazard.site = report.site;
  hazard.asset = report.asset;
  hazard.title = report.title.empty() ? report.description.substr(0, report.description.find('\n')) : report.title;
  hazard.description = report.description;
  hazard.category = report.category;
  hazard.location = report.location;
  hazard.reported_at = now;
  hazard.deadline = now + policy_.grade_within;
  return DeskWriter(database_, policy_, now).open(std::move(hazard), {actor, report.description, {}});
}

int HazardDesk::on_time(WallTime now, int most) {
  HazardRows rows(database_);
  const auto due = rows.select("WHERE look_at IS NOT NULL AND look_at <= :p1 ORDER BY look_at LIMIT :p2",
                               {to_ms(now), std::int64_t{most}});
  DeskWriter writer(database_, policy_, now);
  for (const auto& each : due) {
    Hazard hazard = each.hazard;
    while (const auto action = timed_action(hazard, policy_, now))
      hazard = writer.act_as_system(hazard, *action, why_now(hazard, *action)).hazard;
    rows.look_again(hazard.id, next_look(hazard, policy_));
  }
  return static_cast<int>(due.size());
}

Result<HazardChange> HazardDesk::act(const HazardId& id, std::string_view action, const Actor& actor,
                                     const std::string& reason, std::string_view fields, std::int64_t expected_version,
                                     WallTime now) {
  if (auto ok = check_actor(actor); !ok) return fail(ok.error());
  auto parsed = parse_fields(fields);
  if (!parsed) return fail(parsed.error());
  const HazardRows rows(database_);
  const auto hazard = rows.find(id);
  if (!hazard) return fail(Errc::not_found, "no hazard " + id.hex());
  if (hazard->version != expected_version)
    return fail(Errc::conflict, "hazard " + id.hex() + " is at version " + std::to_string(hazard->version) +
                                    ", you saw " + std::to_string(expected_version) + ": read it again");
  return DeskWriter(database_, policy_, now).act(*hazard, action, {actor, reason, std::move(*parsed)});
}

}  // namespace anlan::collector
