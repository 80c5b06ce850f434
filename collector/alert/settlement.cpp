#include "collector/alert/settlement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <boost/json.hpp>

#include "collector/alert/alert_json.hpp"
#include "collector/alert/alert_state.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/store/changes.hpp"

namespace anlan::collector {

namespace {

/// The alerts that the input names and those that it changed, each once, in that order.
std::vector<AlertId> touched(const Input& input, const Effects& effects) {
  std::vector<AlertId> ids;
  const auto add = [&ids](const AlertId& id) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  };
  for (const auto& quote : input.quotes) add(quote.transition.alert);
  for (const auto& change : effects.changes) add(change.alert);
  return ids;
}

const Input::Quote* quote_of(const Input& input, const AlertId& id) {
  const auto found = std::ranges::find(input.quotes, id, [](const auto& quote) { return quote.transition.alert; });
  return found == input.quotes.end() ? nullptr : &*found;
}

const Effects::Change* change_of(const Effects& effects, const AlertId& id) {
  const auto found = std::ranges::find(effects.changes, id, &Effects::Change::alert);
  return found == effects.changes.end() ? nullptr : &*found;
}

/// What to call a change that no record has told.
std::string word_for(const Effects::Change& change) {
  if (change.after.shown == Shown::uncertain) return "uncertain";
  if (change.after.shown == Shown::over) return "gone";
  return change.before.shown == Shown::uncertain ? "certain" : "listed";
}

/// True where the quoted transition changed nothing in its epoch: something at least as new was known.
bool superseded(const Input& input, const AlertId& id, const EdgeAlerts& before, const EdgeAlerts& after) {
  const auto entry = [&](const EdgeAlerts& alerts) -> const Entry* {
    const auto episode = alerts.episodes.find(id);
    if (episode == alerts.episodes.end() || !input.epoch) return nullptr;
    const auto found = episode->second.entries.find(*input.epoch);
    return found == episode->second.entries.end() ? nullptr : &found->second;
  };
  const auto *was = entry(before), *is = entry(after);
  return was && is && was->version == is->version && was->state == is->state;
}

void take_newest(Alert& alert, const View& view) {
  const auto& t = view.newest;
  alert.source = t.source;
  alert.asset = t.asset;
  alert.rule = t.rule;
  alert.name = t.name;
  alert.uncertain = view.shown == Shown::uncertain;
  alert.level = t.level;
  alert.step = view.shown == Shown::over ? AlertStep::cleared : t.step;
  alert.version = t.version;
  alert.evidence = t.evidence;
  alert.maintenance = t.maintenance;
  alert.score = t.score;
  alert.changed_at = t.at;
  if (view.shown == Shown::over) alert.reset_by = t.actor;
}

bool differs(const Alert& a, const Alert& b) {
  return a.state != b.state || a.uncertain != b.uncertain || a.level != b.level || a.peak != b.peak ||
         a.step != b.step || a.version != b.version || a.raised_at != b.raised_at || a.changed_at != b.changed_at;
}

/// The edge says the same again without the mark.
bool returns_to_service(const Input::Quote& quote, const std::optional<Alert>& before) {
  const auto& t = quote.transition;
  return before && before->maintenance && !t.maintenance && t.version == before->version + 1 &&
         t.step == before->step && t.level == before->level;
}

AlertEvent line_of(const Input& input, const Alert& alert, const Input::Quote* quote, std::string what, bool late) {
  AlertEvent event;
  event.what = std::move(what);
  event.via = input.via;
  event.level = quote ? quote->transition.level : alert.level;
  event.version = quote ? quote->transition.version : alert.version;
  if (input.epoch && !input.technical) event.epoch = input.epoch->hex();
  event.actor = system_actor();
  if (quote && !quote->transition.actor.empty()) event.actor = {quote->transition.actor, Role::EP};
  event.evidence = quote ? quote->transition.evidence : alert.evidence;
  event.maintenance = quote ? quote->transition.maintenance : alert.maintenance;
  event.edge_time = quote ? quote->transition.at : input.now;
  event.at = input.now;
  event.late = late;
  return event;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

/// The entry of the log for one line of history, which says by itself what was seen.
Deed deed_of(const Alert& alert, const AlertEvent& event) {
  Deed deed{event.at, event.actor, "alert." + event.what, "alert/" + alert.id.hex(), event.reason, {}};
  deed.data = {{"via", event.via},
               {"source", alert.source},
               {"rule", alert.rule},
               {"state", std::string(to_string(alert.state))},
               {"level", std::string(to_string(event.level))},
               {"version", std::to_string(event.version)},
               {"edge", alert.origin.edge},
               {"edge_time", to_rfc3339(event.edge_time)}};
  if (!event.epoch.empty()) deed.data["epoch"] = event.epoch;
  if (!std::isnan(event.evidence.value)) deed.data["value"] = number(event.evidence.value) + " " + event.evidence.unit;
  if (!std::isnan(event.evidence.limit)) deed.data["limit"] = number(event.evidence.limit);
  if (event.late) deed.data["late"] = "yes";
  if (event.maintenance) deed.data["maintenance"] = std::string(to_string(*event.maintenance));
  return deed;
}

Ring ring_of(const Alert& alert, const AlertTransition& transition, WallTime now) {
  Ring ring{alert, transition.live_level(), transition, now - transition.at > kLate, std::nullopt};
  if (now >= alert.raised_at) ring.age = now - alert.raised_at;
  return ring;
}

}  // namespace

AlertOutcome Settlement::settle(const Input& input, const EdgeAlerts& before, const EdgeAlerts& after,
                                const Effects& effects) {
  rows_.save_entries(before, after);
  AlertOutcome outcome;
  for (const auto& id : touched(input, effects))
    if (auto change = settle_one(input, id, before, after, effects)) outcome.changes.push_back(std::move(*change));
  for (auto& change : outcome.changes) {
    regroup(change.alert.source, change.alert.rule, input.now);
    if (auto now = rows_.find(change.alert.id)) change.alert = std::move(*now);  // with its lead
    feed(change.alert, change.what, input.now);
  }
  for (const auto& due : effects.due)
    if (const auto alert = rows_.find(due.alert)) outcome.rings.push_back(ring_of(*alert, due.transition, input.now));
  return outcome;
}

std::optional<AlertChange> Settlement::settle_one(const Input& input, const AlertId& id, const EdgeAlerts& before,
                                                  const EdgeAlerts& after, const Effects& effects) {
  const auto& episode = after.episodes.at(id);
  const auto* quote = quote_of(input, id);
  const auto* change = change_of(effects, id);
  const auto view = after.view(id);
  const auto existing = rows_.find(id);

  Alert alert = existing.value_or(Alert{});
  if (!existing) {
    alert.id = alert.lead = id;
    alert.origin = input.edge;
    alert.technical = input.technical;
    alert.heard_at = input.now;
    alert.raised_at = view.newest.at;
  }
  take_newest(alert, view);
  alert.peak = episode.peak;
  for (const auto& each : input.quotes)
    if (each.transition.alert == id) alert.raised_at = std::min(alert.raised_at, each.transition.at);
  alert.state = alert_state(view.shown, view.newest.step, view.newest.live_level(), alert.peak,
                            alert.acknowledged ? alert.acknowledged->level : Level::none);
  if (alert.state == AlertState::over) alert.lead = id;

  std::string what = quote ? quote->what : "";
  if (!what.empty() && returns_to_service(*quote, existing)) what = "returned-to-service";
  if (what.empty() && change) what = word_for(*change);
  if (!what.empty()) {
    const bool late = quote && !quote->what.empty() && superseded(input, id, before, after);
    note(alert, line_of(input, alert, quote, what, late));
  }
  const auto rung_before = before.episodes.contains(id) ? before.episodes.at(id).rung : std::uint8_t{0};
  if (existing && !differs(alert, *existing)) {
    if (episode.rung != rung_before) rows_.update(alert, episode.rung);
    return std::nullopt;
  }
  ++alert.revision;
  alert.updated_at = input.now;
  existing ? rows_.update(alert, episode.rung) : rows_.insert(alert, episode.rung);
  if (what.empty())  // nothing for its history, but it stands otherwise than before
    audit::append(database_, deed_of(alert, line_of(input, alert, quote, "updated", false)));
  return AlertChange{alert, existing ? std::optional(existing->state) : std::nullopt,
                     existing ? existing->level : Level::none, what.empty() ? "updated" : what};
}

AlertChange Settlement::record(Alert alert, const Alert& was, const AlertEvent& event, std::uint8_t rung) {
  if (alert.state == AlertState::over) alert.lead = alert.id;
  ++alert.revision;
  alert.updated_at = event.at;
  rows_.update(alert, rung);
  note(alert, event);
  feed(alert, event.what, event.at);
  return {std::move(alert), was.state, was.level, event.what};
}

void Settlement::note(const Alert& alert, const AlertEvent& event) {
  rows_.add_event(alert.id, event);
  audit::append(database_, deed_of(alert, event));
}

void Settlement::regroup(const std::string& source, const std::string& rule, WallTime now) {
  const auto group = rows_.group(source, rule);
  if (group.empty()) return;
  bool joined = false;
  for (const auto& member : group)
    if (member.lead != group.front().id) {
      rows_.set_lead(member.id, group.front().id, member.revision + 1, now);
      audit::append(database_, {now,
                                system_actor(),
                                "alert.shown-under",
                                "alert/" + member.id.hex(),
                                "one line for each source and rule",
                                {{"lead", group.front().id.hex()}}});
      joined = true;
    }
  // Who looks at the leading one sees another set of episodes: an acknowledgement of the old one must not count.
  if (joined && group.front().lead == group.front().id)
    rows_.set_lead(group.front().id, group.front().id, group.front().revision + 1, now);
}

void Settlement::feed(const Alert& alert, std::string_view what, WallTime now) {
  auto body = to_json(alert);
  body["what"] = what;
  changes::append(database_, now, "alert", alert.id.hex(), boost::json::serialize(body));
}

}  // namespace anlan::collector
