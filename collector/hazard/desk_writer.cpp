#include "collector/hazard/desk_writer.hpp"

#include <stdexcept>

#include <boost/json.hpp>

#include "collector/audit/audit_log.hpp"
#include "collector/hazard/hazard_json.hpp"
#include "collector/store/changes.hpp"

namespace anlan::collector {

namespace {

std::string fields_text(const ActFields& fields) {
  boost::json::object object;
  for (const auto& [key, value] : fields) object[key] = value;
  return boost::json::serialize(object);
}

bool has_key(const Hazard& hazard) { return hazard.from_alert; }

}  // namespace

HazardChange DeskWriter::open(Hazard hazard, const Act& act) {
  hazard.version = 1;
  hazard.state = HazardState::reported;
  hazard.updated_at = now_;
  hazard.said = said_from_start(hazard, policy_, now_);
  rows_.insert(hazard);
  rows_.look_again(hazard.id, next_look(hazard, policy_));
  if (has_key(hazard)) rows_.set_key(hazard.asset, hazard.rule, hazard.id);
  record(hazard,
         {0, 1, "reported", HazardState::reported, HazardState::reported, act.actor, act.reason,
          fields_text(act.fields), now_},
         act);
  feed(hazard, "reported");
  return {std::move(hazard), "reported", std::nullopt};
}

Result<HazardChange> DeskWriter::act(const Hazard& hazard, std::string_view action, const Act& act) {
  auto after = step(hazard, action, act, policy_, now_);
  if (!after) return fail(after.error());
  if (auto fits = check_around(hazard, *after, act); !fits) return fail(fits.error());
  const std::string what(find_arrow(hazard.state, action)->event);
  write(hazard, *after, what, act);
  if (const auto* next = arrow_at_once(*after, policy_, now_))
    after = act_as_system(*after, next->action, "follows " + what).hazard;
  return HazardChange{std::move(*after), what, hazard.state};
}

HazardChange DeskWriter::act_as_system(const Hazard& hazard, std::string_view action, std::string reason,
                                       ActFields fields) {
  auto changed = act(hazard, action, {system_actor(), std::move(reason), std::move(fields)});
  if (!changed) throw std::logic_error("the system's own step was refused: " + changed.error().message);
  return std::move(*changed);
}

Result<void> DeskWriter::check_around(const Hazard& before, Hazard& after, const Act& act) const {
  if (after.state == HazardState::merged) {
    const auto into = HazardId::from_hex(act.fields.at("into"));
    const auto target = into ? rows_.find(*into) : std::nullopt;
    if (!target || target->id == before.id || !is_open(target->state))
      return fail(Errc::refused, "merge: into \"" + act.fields.at("into") + "\" is no other open hazard");
    after.merged_into = into;
  }
  if (after.state == HazardState::reopened && has_key(before))
    if (const auto other = rows_.open_for(before.asset, before.rule))
      return fail(Errc::refused, "reopen: hazard " + other->id.hex() + " is open for the same asset and rule");
  return {};
}

void DeskWriter::write(const Hazard& before, const Hazard& after, std::string_view what, const Act& act) {
  rows_.update(after);
  rows_.look_again(after.id, next_look(after, policy_));
  record(after,
         {0, after.version, std::string(what), before.state, after.state, act.actor, act.reason,
          fields_text(act.fields), now_},
         act);
  if (is_open(before.state) && !is_open(after.state)) rows_.drop_keys(after.id);
  if (!is_open(before.state) && is_open(after.state) && has_key(after))
    rows_.set_key(after.asset, after.rule, after.id);
  if (after.merged_into && after.state == HazardState::merged) {
    HazardEvidence note;
    note.kind = "note";
    note.what = "merged";
    note.text = after.title + " (" + after.id.hex() + "): " + act.reason;
    note.edge_time = note.at = now_;
    rows_.add_evidence(*after.merged_into, note);
    this->note(*after.merged_into, "evidence", note.text, {{"merged", after.id.hex()}});
  }
  feed(after, what);
}

/// History, and with it the entry of the log: what was given, and the hazard as it stands afterwards.
void DeskWriter::record(const Hazard& after, const HazardEvent& event, const Act& act) {
  rows_.add_event(after.id, event);
  Deed deed{now_, act.actor, "hazard." + event.what, "hazard/" + after.id.hex(), act.reason, {}};
  deed.data = {{"from", std::string(to_string(event.from))},
               {"to", std::string(to_string(event.to))},
               {"version", std::to_string(event.version)},
               {"after", boost::json::serialize(to_json(after, now_))}};
  for (const auto& [name, value] : act.fields) deed.data["given." + name] = value;
  audit::append(database_, deed);
}

void DeskWriter::note(const HazardId& hazard, std::string_view what, std::string reason,
                      std::map<std::string, std::string> data) {
  audit::append(database_, {now_, system_actor(), "hazard." + std::string(what), "hazard/" + hazard.hex(),
                            std::move(reason), std::move(data)});
}

void DeskWriter::feed(const Hazard& hazard, std::string_view what) {
  auto body = to_json(hazard, now_);
  body["what"] = what;
  changes::append(database_, now_, "hazard", hazard.id.hex(), boost::json::serialize(body));
}

}  // namespace anlan::collector
