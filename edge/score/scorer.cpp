#include "edge/score/scorer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace anlan::edge {
namespace {

void append(std::vector<AlertTransition>& all, std::vector<AlertTransition> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<SavedTrack> all_tracks(const LimitEngine& limits, const DeviceWatch& devices) {
  auto all = limits.tracks();
  std::ranges::move(devices.tracks(), std::back_inserter(all));
  return all;
}

bool is_comm(const SavedTrack& track) { return track.rule == "comm"; }
bool is_limit(const SavedTrack& track) {
  return track.rule == to_string(Rule::high) || track.rule == to_string(Rule::low);
}

}  // namespace

Scorer::Scorer(Shared<Definition> definition, NewAlertId new_id, Titles titles)
    : maintenance_(std::make_shared<Maintenance>()),
      new_id_(std::make_shared<NewAlertId>(std::move(new_id))),
      limits_(
          std::move(definition), [ids = new_id_] { return (*ids)(); }, maintenance_),
      devices_(limits_.definition(), [ids = new_id_] { return (*ids)(); }, std::move(titles), maintenance_) {}

std::vector<AlertTransition> Scorer::apply(const Sample& sample) {
  auto transitions = limits_.apply(sample);
  append(transitions, devices_.apply(sample));
  return transitions;
}

Result<AlertTransition> Scorer::reset(std::string_view source, std::string_view rule, std::string_view actor,
                                      WallTime at, MonoTime now) {
  if (orphans_.has(source, rule)) return orphans_.end(source, rule, actor, at);
  for (const AlertTransition& alert : devices_.active())
    if (alert.source == source && alert.rule == rule)
      return fail(Errc::conflict,
                  alert.source + " " + alert.rule +
                      " is a technical alert: it needs no reset and clears by itself when the device answers");
  return limits_.reset(source, rule, actor, at, now);
}

std::vector<AlertTransition> Scorer::reconfigure(Shared<Definition> definition, Titles titles, WallTime at) {
  auto transitions = limits_.reconfigure(std::move(definition), at);
  append(transitions, devices_.reconfigure(limits_.definition(), std::move(titles), at));
  if (auto home = orphans_.leaving(limits_.definition()); !home.empty()) {
    auto tracks = all_tracks(limits_, devices_);
    std::ranges::move(home, std::back_inserter(tracks));
    place(std::move(tracks));
  }
  return transitions;
}

std::vector<AlertTransition> Scorer::active() const {
  auto alerts = limits_.active();
  append(alerts, devices_.active());
  append(alerts, orphans_.active());
  return alerts;
}

bool Scorer::has_device(std::string_view device) const {
  return std::ranges::any_of(definition()->points, [device](const PointDefinition& point) {
    return point.path.site.size() + 1 + point.path.device.size() == device.size() &&
           device.starts_with(point.path.site + "/") && device.ends_with(point.path.device);
  });
}

Result<MaintenanceChange> Scorer::begin_maintenance(std::string_view device, std::string_view by,
                                                    std::string_view reason, Millis duration, const Instant& now,
                                                    const MaintenanceId& id) {
  if (!has_device(device)) return fail(Errc::not_found, "there is no device " + std::string(device) + " on this edge");
  auto begun = maintenance_->begin(device, by, reason, duration, now, id);
  if (!begun) return fail(std::move(begun.error()));
  MaintenanceChange change;
  change.actor = by;
  if (begun->replaced) change.ended.push_back(std::move(*begun->replaced));
  change.begun.push_back(std::move(begun->window));
  return change;
}

Result<MaintenanceChange> Scorer::end_maintenance(std::string_view device, std::string_view by, bool all,
                                                  const Instant& now) {
  Maintenance after = *maintenance_;
  auto ended = after.end(device, by, all, now.wall);
  if (!ended) return fail(std::move(ended.error()));
  MaintenanceChange change{std::move(*ended), {}, std::string(by), {}};
  for (const AlertTransition& alert : limits_.active()) {
    const bool released = maintenance_->covers(alert.source) && !after.covers(alert.source);
    if (!released || !alert.maintenance || alert.live_level() == Level::red || alert.step != AlertStep::latched)
      continue;
    auto reset = limits_.reset(alert.source, alert.rule, by, now.wall, now.mono);
    if (reset) change.transitions.push_back(std::move(*reset));  // one that cannot be known to be safe rings
  }
  *maintenance_ = std::move(after);
  release(change, now.wall);
  return change;
}

MaintenanceChange Scorer::expire_maintenance(const Instant& now, bool synced) {
  MaintenanceChange change;
  change.ended = maintenance_->expire(now, synced);
  auto orphans = maintenance_->drop([this](std::string_view device) { return has_device(device); }, now.wall);
  std::ranges::move(orphans, std::back_inserter(change.ended));
  release(change, now.wall);
  return change;
}

void Scorer::release(MaintenanceChange& change, WallTime at) {
  append(change.transitions, limits_.release(at));
  append(change.transitions, devices_.release(at));
  append(change.transitions, orphans_.release(at));
}

std::string Scorer::save(const Instant& now) const {
  SavedState state{now, all_tracks(limits_, devices_), maintenance_->open()};
  const auto& more = orphans_.tracks();
  state.tracks.insert(state.tracks.end(), more.begin(), more.end());
  return encode(state);
}

Result<void> Scorer::restore(std::string_view text, const Instant& now) {
  if (text.empty()) return {};
  auto state = decode(text);
  if (!state) return fail(std::move(state.error()));
  for (const SavedTrack& track : state->tracks)
    if (!is_comm(track) && !is_limit(track))
      return fail(Errc::malformed, "saved state: '" + track.rule + "' is no rule of this program");
  translate(*state, now);
  maintenance_->adopt(std::move(state->maintenance));
  adopt(std::move(state->tracks));
  return {};
}

void Scorer::resume(std::vector<AlertTransition> active) {
  maintenance_->adopt({});
  std::vector<SavedTrack> tracks;
  for (AlertTransition& alert : active) {
    tracks.push_back({.source = alert.source, .rule = alert.rule, .timers = {}, .bad = {}, .alert = std::nullopt});
    tracks.back().alert = std::move(alert);
  }
  adopt(std::move(tracks));
}

void Scorer::adopt(std::vector<SavedTrack> tracks) { place(orphans_.keep(std::move(tracks), limits_.definition())); }

/// Each where it belongs. REQUIRES that each has a place.
void Scorer::place(std::vector<SavedTrack> tracks) {
  std::vector<SavedTrack> limits, devices;
  for (SavedTrack& track : tracks) (is_comm(track) ? devices : limits).push_back(std::move(track));
  limits_.adopt(std::move(limits), WallTime{});
  devices_.adopt(std::move(devices), WallTime{});
}

}  // namespace anlan::edge
