#include "collector/alert/alert_book.hpp"

#include "collector/alert/alert_rows.hpp"
#include "collector/alert/alert_state.hpp"
#include "collector/alert/settlement.hpp"

namespace anlan::collector {

namespace {

std::vector<AlertId> ids_of(const std::vector<AlertTransition>& transitions) {
  std::vector<AlertId> ids;
  for (const auto& transition : transitions) ids.push_back(transition.alert);
  return ids;
}

Input input_of(const EdgeRef& edge, std::string via, const Epoch& epoch, WallTime now) {
  Input input;
  input.edge = edge;
  input.via = std::move(via);
  input.epoch = epoch;
  input.now = now;
  return input;
}

}  // namespace

AlertBook::AlertBook(Database& database, std::function<AlertId()> new_id, MonoTime started)
    : database_(database), new_id_(std::move(new_id)), silence_(started) {
  for (const auto& edge : AlertRows(database_).contacts()) silence_.know(edge.edge);
  for (const auto& edge : AlertRows(database_).silent()) alerted_.insert(edge.edge);
}

AlertOutcome AlertBook::on_transition(const EdgeRef& edge, const RecordId& record, const AlertTransition& transition,
                                      WallTime now) {
  const auto before = AlertRows(database_).load(edge.edge, {transition.alert}, Scope::named);
  auto after = before;
  const auto effects = after.on_transition(record.place.epoch, record.sequence, transition);
  auto input = input_of(edge, "record", record.place.epoch, now);
  input.quotes.push_back({transition, std::string(to_string(transition.step))});
  return Settlement(database_).settle(input, before, after, effects);
}

AlertOutcome AlertBook::on_start(const EdgeRef& edge, const RecordId& record, const Start& start, WallTime now) {
  AlertRows rows(database_);
  const auto before = rows.load(edge.edge, ids_of(start.active), Scope::open);
  auto after = before;
  const auto effects = after.on_start(record.place.epoch, record.sequence, start);
  if (after.listed.size() != before.listed.size()) rows.save_state(edge, after);
  auto input = input_of(edge, "start", record.place.epoch, now);
  for (const auto& transition : start.active) input.quotes.push_back({transition, "continued"});
  return Settlement(database_).settle(input, before, after, effects);
}

AlertOutcome AlertBook::on_gap(const EdgeRef& edge, const RecordId& record, const Gap& gap, WallTime now) {
  if (gap.ended.empty()) return {};
  const auto before = AlertRows(database_).load(edge.edge, ids_of(gap.ended), Scope::named);
  auto after = before;
  const auto effects = after.on_gap(record.place.epoch, gap);
  auto input = input_of(edge, "gap", record.place.epoch, now);
  for (const auto& transition : gap.ended) input.quotes.push_back({transition, "summarised"});
  return Settlement(database_).settle(input, before, after, effects);
}

AlertOutcome AlertBook::on_hello(const Hello& hello, WallTime now) {
  AlertRows rows(database_);
  const EdgeRef edge{hello.edge, hello.site};
  const auto before = rows.load(edge.edge, ids_of(hello.active), Scope::open);
  auto after = before;
  const auto effects = after.on_hello(hello);
  rows.save_state(edge, after);
  auto input = input_of(edge, "hello", hello.epoch, now);
  for (const auto& transition : hello.active) input.quotes.push_back({transition, ""});
  return Settlement(database_).settle(input, before, after, effects);
}

AlertOutcome AlertBook::set_unclear(const EdgeRef& edge, bool unclear, WallTime now) {
  AlertRows rows(database_);
  if (rows.load(edge.edge, {}, Scope::named).unclear == unclear) return {};
  const auto before = rows.load(edge.edge, {}, Scope::open);
  auto after = before;
  const auto effects = after.set_unclear(unclear);
  rows.save_state(edge, after);
  Input input;
  input.edge = edge;
  input.via = "centre";
  input.now = now;
  return Settlement(database_).settle(input, before, after, effects);
}

Result<AlertOutcome> AlertBook::acknowledge(const AlertId& id, const Actor& actor, const std::string& note,
                                            std::int64_t expected_revision, WallTime now) {
  if (person_key(actor.name).empty())
    return fail(Errc::invalid_argument, "acknowledging an alert needs the name of a person");
  if (actor.role == Role::SYS) return fail(Errc::refused, "only a person acknowledges an alert, never the system");
  AlertRows rows(database_);
  const auto named = rows.find(id);
  if (!named) return fail(Errc::not_found, "no alert " + id.hex());
  if (named->revision != expected_revision)
    return fail(Errc::conflict, "alert " + id.hex() + " is at revision " + std::to_string(named->revision) +
                                    ", you saw " + std::to_string(expected_revision) + ": read it again");
  AlertOutcome outcome;
  for (const auto& was : rows.group(named->source, named->rule)) {
    if (was.acknowledged && was.acknowledged->level >= was.peak) continue;
    if (was.state == AlertState::out_of_service) continue;
    auto alert = was;
    alert.acknowledged = Acknowledgement{actor, note, now, was.peak};
    const auto shown = was.state == AlertState::cleared_unacked ? Shown::over : Shown::active;
    alert.state = alert_state(shown, was.step, was.maintenance.value_or(was.level), was.peak, was.peak);
    AlertEvent event;
    event.what = "acknowledged";
    event.via = "person";
    event.level = was.level;
    event.version = was.version;
    event.actor = actor;
    event.reason = note;
    event.evidence = was.evidence;
    event.edge_time = event.at = now;
    const auto rung = rows.load_one(was.id).episodes.at(was.id).rung;
    outcome.changes.push_back(Settlement(database_).record(std::move(alert), was, event, rung));
  }
  if (outcome.changes.empty())
    return fail(Errc::refused,
                "alert " + id.hex() + " needs no acknowledgement: it is " + std::string(to_string(named->state)));
  Settlement(database_).regroup(named->source, named->rule, now);
  // Nothing else can tell that a person has dealt with it; the next suspicion raises another.
  if (named->technical && named->rule == kRuleTwoBoxes) {
    auto cleared = clear_technical(named->origin, kRuleTwoBoxes, now);
    for (auto& change : cleared.changes) outcome.changes.push_back(std::move(change));
  }
  return outcome;
}

Result<AlertOutcome> AlertBook::ask_reset(const AlertId& id, const Actor& actor, const std::string& reason,
                                          std::int64_t expected_revision, WallTime now) {
  if (person_key(actor.name).empty())
    return fail(Errc::invalid_argument, "resetting an alert needs the name of a person");
  if (actor.role == Role::SYS || actor.role == Role::EM)
    return fail(Errc::refused, "role " + std::string(to_string(actor.role)) + " does not reset alerts");
  AlertRows rows(database_);
  const auto was = rows.find(id);
  if (!was) return fail(Errc::not_found, "no alert " + id.hex());
  if (was->revision != expected_revision)
    return fail(Errc::conflict, "alert " + id.hex() + " is at revision " + std::to_string(was->revision) +
                                    ", you saw " + std::to_string(expected_revision) + ": read it again");
  if (was->technical) return fail(Errc::refused, "alert " + id.hex() + " is the centre's own: it clears by itself");
  if (was->state != AlertState::latched)
    return fail(Errc::refused, "alert " + id.hex() + " is " + std::string(to_string(was->state)) +
                                   ": only one that is latched waits for a reset");
  AlertEvent event;
  event.what = "reset-ordered";
  event.via = "person";
  event.actor = actor;
  event.reason = reason;
  event.edge_time = event.at = now;
  return remark(*was, std::move(event));
}

AlertOutcome AlertBook::on_reset_refused(const EdgeRef& edge, const AlertId& id, const std::string& actor,
                                         const std::string& why, WallTime edge_time, WallTime now) {
  const auto was = AlertRows(database_).find(id);
  if (!was || was->technical || was->origin.edge != edge.edge) return {};
  AlertEvent event;
  event.what = "reset-refused";
  event.via = "record";
  event.actor = {actor, Role::EP};
  event.reason = why;
  event.edge_time = edge_time;
  event.at = now;
  return remark(*was, std::move(event));
}

AlertOutcome AlertBook::remark(const Alert& alert, AlertEvent event) {
  event.level = alert.level;
  event.version = alert.version;
  event.evidence = alert.evidence;
  event.maintenance = alert.maintenance;
  const auto rung = AlertRows(database_).load_one(alert.id).episodes.at(alert.id).rung;
  AlertOutcome outcome;
  outcome.changes.push_back(Settlement(database_).record(alert, alert, event, rung));
  return outcome;
}

}  // namespace anlan::collector
