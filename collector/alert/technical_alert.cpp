// AlertBook's own alerts about edges: silence, two boxes under one identity. They live in the same tables as an edge's,
// in an epoch of their own (all zero), and end by the same rules.
#include <algorithm>
#include <iterator>

#include "collector/alert/alert_book.hpp"
#include "collector/alert/alert_rows.hpp"
#include "collector/alert/settlement.hpp"

namespace anlan::collector {

namespace {

constexpr Millis kSaveContactEvery{30'000};

std::string source_of(const EdgeRef& edge) { return edge.site + "/" + edge.edge; }

}  // namespace

AlertOutcome AlertBook::on_heard(const EdgeRef& edge, WallTime now, MonoTime mono) {
  silence_.heard(edge.edge, mono);
  const auto saved = contact_saved_.find(edge.edge);
  if (saved == contact_saved_.end() || mono - saved->second >= kSaveContactEvery) {
    AlertRows(database_).save_contact(edge, now);
    contact_saved_[edge.edge] = mono;
  }
  if (!alerted_.contains(edge.edge)) return {};
  alerted_.erase(edge.edge);  // where this is rolled back, the next check puts it back
  return clear_technical(edge, kRuleEdgeSilent, now);
}

AlertOutcome AlertBook::check_silence(WallTime now, MonoTime mono, Millis silent_after) {
  const AlertRows rows(database_);
  alerted_.clear();
  for (const auto& edge : rows.silent()) alerted_.insert(edge.edge);
  const auto silent = silence_.silent(mono, silent_after);
  std::set<std::string> fresh;
  for (const auto& edge : silent)
    if (!alerted_.contains(edge)) fresh.insert(edge);
  AlertOutcome outcome;
  if (fresh.empty()) return outcome;
  for (const auto& edge : rows.contacts()) {
    if (!fresh.contains(edge.edge)) continue;
    auto raised = raise_technical(edge, kRuleEdgeSilent, Level::yellow,
                                  "边缘网关失联 (edge " + edge.edge + " is silent)", now - silent_after, now);
    std::ranges::move(raised.changes, std::back_inserter(outcome.changes));
    std::ranges::move(raised.rings, std::back_inserter(outcome.rings));
    alerted_.insert(edge.edge);
  }
  return outcome;
}

AlertOutcome AlertBook::raise_technical(const EdgeRef& edge, std::string_view rule, Level level,
                                        const std::string& name, WallTime since, WallTime now) {
  const auto source = source_of(edge);
  if (AlertRows(database_).active_technical(source, rule)) return {};
  AlertTransition transition;
  transition.alert = new_id_();
  transition.version = 1;
  transition.step = AlertStep::raised;
  transition.level = level;
  transition.source = transition.asset = source;
  transition.rule = rule;
  transition.name = name;
  transition.evidence.since = since;
  transition.at = now;
  return technical(edge, transition, now);
}

AlertOutcome AlertBook::clear_technical(const EdgeRef& edge, std::string_view rule, WallTime now) {
  const auto id = AlertRows(database_).active_technical(source_of(edge), rule);
  if (!id) return {};
  auto transition = AlertRows(database_).load_one(*id).view(*id).newest;
  ++transition.version;
  transition.step = AlertStep::cleared;
  transition.at = now;
  return technical(edge, transition, now);
}

AlertOutcome AlertBook::technical(const EdgeRef& edge, const AlertTransition& transition, WallTime now) {
  const auto before = AlertRows(database_).load_one(transition.alert);
  auto after = before;
  const auto effects = after.on_transition(Epoch{}, 0, transition);
  Input input;
  input.edge = edge;
  input.technical = true;
  input.via = "centre";
  input.epoch = Epoch{};
  input.now = now;
  input.quotes.push_back({transition, std::string(to_string(transition.step))});
  return Settlement(database_).settle(input, before, after, effects);
}

}  // namespace anlan::collector
