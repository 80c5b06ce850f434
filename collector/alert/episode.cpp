#include "collector/alert/episode.hpp"

#include <algorithm>
#include <tuple>

namespace anlan::collector {

namespace {

constexpr std::uint8_t bit(Level level) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(level)); }

auto order(const Entry& entry) { return std::tuple(entry.version, entry.rank()); }

}  // namespace

bool View::same_as(const View& other) const {
  return shown == other.shown && newest.version == other.newest.version && newest.step == other.newest.step &&
         newest.level == other.newest.level && newest.maintenance == other.newest.maintenance;
}

Effects EdgeAlerts::on_transition(const Epoch& epoch, std::uint64_t sequence, const AlertTransition& transition) {
  const auto before = view(transition.alert);
  Effects effects;
  const auto state = transition.active() ? EntryState::active : EntryState::cleared;
  if (note(transition.alert, epoch, state, transition) && transition.active() &&
      !known_over(epoch, sequence, transition))
    ring(transition.alert, transition, effects);
  compare(transition.alert, before, effects);
  return effects;
}

Effects EdgeAlerts::on_start(const Epoch& epoch, std::uint64_t sequence, const Start& start) {
  const auto before = views();
  Effects effects;
  for (const auto& earlier : start.before) listed.erase(earlier);
  for (const auto& transition : start.active) {
    for (const auto& earlier : start.before) note(transition.alert, earlier, EntryState::continued, transition);
    if (note(transition.alert, epoch, EntryState::active, transition) && !known_over(epoch, sequence, transition))
      ring(transition.alert, transition, effects);
  }
  compare(before, effects);
  return effects;
}

Effects EdgeAlerts::on_hello(const Hello& hello) {
  const auto before = views();
  Effects effects;
  ++hellos;
  last = {};
  last.at = hello.at;
  for (const auto& end : hello.ends) last.ends[end.epoch] = end.event_end;
  for (const auto& transition : hello.active) last.alerts.insert(transition.alert);
  listed[hello.epoch] = {hellos, last.alerts};
  std::erase_if(listed, [this](const auto& item) { return item.second.number + kLease <= hellos; });
  for (const auto& transition : hello.active) {
    note(transition.alert, hello.epoch, EntryState::active, transition);
    // Where it was heard of before without ringing (taken for over, or continued elsewhere), it rings now.
    const auto& entry = episodes[transition.alert].entries.at(hello.epoch);
    if (entry.state != EntryState::cleared) ring(transition.alert, entry.newest, effects);
  }
  compare(before, effects);
  return effects;
}

Effects EdgeAlerts::on_gap(const Epoch& epoch, const Gap& gap) {
  const auto before = views();
  Effects effects;
  std::set<Epoch> epochs{epoch};
  for (const auto& voided : gap.voids)
    if (voided.reason == LossReason::summarised && voided.place.stream == Stream::event)
      epochs.insert(voided.place.epoch);
  for (const auto& transition : gap.ended)
    for (const auto& each : epochs) note(transition.alert, each, EntryState::cleared, transition);
  compare(before, effects);
  return effects;
}

Effects EdgeAlerts::set_unclear(bool now) {
  const auto before = views();
  Effects effects;
  const bool lost_sight = now && !unclear;
  unclear = now;
  // What was taken for over on a hello's word may not be: it rings, unless its end has arrived.
  for (const auto& item : episodes) {
    if (!lost_sight) break;
    const auto is = view(item.first);
    if (is.shown != Shown::over) ring(item.first, is.newest, effects);
  }
  compare(before, effects);
  return effects;
}

View EdgeAlerts::view(const AlertId& alert) const {
  const auto found = episodes.find(alert);
  if (found == episodes.end()) return {};
  const Epoch* deciding = nullptr;
  const Entry* best = nullptr;
  bool best_holds = false;
  for (const auto& [epoch, entry] : found->second.entries) {
    const bool holds =
        entry.state == EntryState::active || (entry.state == EntryState::continued && is_listed(epoch, alert));
    const auto weight = [](bool h, const Entry& e) {
      return std::tuple(h, h ? e.newest.live_level() : Level::none, h ? e.newest.level : Level::none, e.version,
                        e.state);
    };
    if (best && weight(holds, entry) <= weight(best_holds, *best)) continue;
    deciding = &epoch, best = &entry, best_holds = holds;
  }
  if (!best) return {};
  const auto holding = unclear && !is_listed_anywhere(alert) ? Shown::uncertain : Shown::active;
  return {best_holds ? holding : Shown::over, *deciding, best->newest};
}

/// True where it was news. The model's `note`.
bool EdgeAlerts::note(const AlertId& alert, const Epoch& epoch, EntryState state, const AlertTransition& transition) {
  auto& episode = episodes[alert];
  episode.peak = std::max(episode.peak, transition.live_level());
  const Entry entry{transition.version, state, transition};
  const auto [place, fresh] = episode.entries.try_emplace(epoch, entry);
  if (!fresh) {
    if (order(place->second) >= order(entry)) return false;
    place->second = entry;
  }
  return true;
}

/// Once per (alert, level) for good, by the level that counts: what stands under maintenance rings when it returns. A
/// downgrade rings only where nothing higher has rung: what rang higher said it.
void EdgeAlerts::ring(const AlertId& alert, const AlertTransition& transition, Effects& effects) {
  auto& rung = episodes[alert].rung;
  const Level level = transition.live_level();
  const auto key = bit(level);
  const bool told_higher = rung > key;
  if (level == Level::none || (rung & key) || (transition.step == AlertStep::downgraded && told_higher)) return;
  rung |= key;
  effects.due.push_back({alert, transition});
}

bool EdgeAlerts::is_listed(const Epoch& epoch, const AlertId& alert) const {
  const auto found = listed.find(epoch);
  return found != listed.end() && found->second.number + kLease > hellos && found->second.alerts.contains(alert);
}

bool EdgeAlerts::is_listed_anywhere(const AlertId& alert) const {
  return std::ranges::any_of(listed, [&](const auto& item) { return is_listed(item.first, alert); });
}

/// The newest hello covers the record, so it would list the alert if it were not over. Where something of this edge is
/// unknown, nothing is taken for over.
bool EdgeAlerts::known_over(const Epoch& epoch, std::uint64_t sequence, const AlertTransition& transition) const {
  const auto end = last.ends.find(epoch);
  return !unclear && end != last.ends.end() && sequence < end->second && last.at - transition.at > kLateBeforeHello &&
         !is_listed_anywhere(transition.alert);
}

EdgeAlerts::Views EdgeAlerts::views() const {
  Views all;
  for (const auto& item : episodes) all.emplace(item.first, view(item.first));
  return all;
}

void EdgeAlerts::compare(const Views& before, Effects& effects) const {
  for (const auto& item : episodes) {
    const auto found = before.find(item.first);
    compare(item.first, found == before.end() ? View{} : found->second, effects);
  }
}

void EdgeAlerts::compare(const AlertId& alert, const View& before, Effects& effects) const {
  const auto after = view(alert);
  if (!after.same_as(before)) effects.changes.push_back({alert, before, after});
}

}  // namespace anlan::collector
