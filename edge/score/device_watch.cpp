#include "edge/score/device_watch.hpp"

#include <algorithm>
#include <utility>

#include "edge/score/risk_score.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kRule = "comm";
constexpr Level kLevel = Level::yellow;

std::optional<Moment>& silent_since(Timers& timers) { return timers.above[static_cast<std::size_t>(kLevel) - 1]; }

}  // namespace

DeviceWatch::DeviceWatch(const Definition& definition, NewAlertId new_id, Titles titles,
                         std::shared_ptr<const Maintenance> maintenance)
    : new_id_(std::move(new_id)), titles_(std::move(titles)), maintenance_(std::move(maintenance)) {
  lay_out(definition);
}

void DeviceWatch::lay_out(const Definition& definition) {
  points_.clear();
  devices_.clear();
  std::map<std::string, std::uint32_t> known;
  for (const PointDefinition& point : definition.points) {
    const std::string source = point.path.site + "/" + point.path.device;
    const auto [place, is_new] = known.emplace(source, static_cast<std::uint32_t>(devices_.size()));
    const Millis patience = tolerated_silence(point.period);
    if (is_new) devices_.push_back({.source = source, .patience = patience, .track = {}});
    Device& device = devices_[place->second];
    device.patience = std::min(device.patience, patience);
    ++device.points;
    points_.push_back({.device = place->second, .name = point.path.point});
  }
}

std::vector<AlertTransition> DeviceWatch::apply(const Sample& sample) {
  Point& point = points_.at(sample.point);
  Device& device = devices_[point.device];
  auto& since = silent_since(device.track.timers);
  const bool bad = !good(sample);
  if (bad != point.bad) {
    point.bad = bad;
    device.bad += bad ? 1 : -1;
    ++revision_;
  }
  if (!bad) {
    since.reset();
    if (!device.track.alert) return {};
    return {record(device, AlertStep::cleared, sample.time, sample)};
  }
  if (device.bad < device.points || device.track.alert) return {};
  if (!since || since->mono > sample.mono) {
    since = Moment{sample.mono, sample.time};
    ++revision_;
  }
  if (sample.mono - since->mono < device.patience) return {};
  return {record(device, AlertStep::raised, since->wall, sample)};
}

AlertTransition DeviceWatch::record(Device& device, AlertStep step, WallTime since, const Sample& sample) {
  const auto title = titles_.find(device.source);
  AlertTransition next;
  next.alert = device.track.alert ? device.track.alert->alert : new_id_();
  next.version = device.track.alert ? device.track.alert->version + 1 : 1;
  next.step = step;
  next.level = kLevel;
  next.source = next.asset = device.source;
  next.rule = kRule;
  next.name = title == titles_.end() ? "" : title->second;
  next.evidence.since = since;
  next.evidence.quality = sample.quality;
  next.score = step == AlertStep::cleared ? 0 : anchor(kLevel);
  next.at = sample.time;
  next.maintenance =
      maintenance_mark(device.track.alert.get(), next, maintenance_ && maintenance_->covers(next.source));
  if (next.active())
    device.track.alert = std::make_unique<AlertTransition>(next);
  else
    device.track.alert.reset();
  ++revision_;
  return next;
}

std::vector<AlertTransition> DeviceWatch::active() const {
  std::vector<AlertTransition> alerts;
  for (const Device& device : devices_)
    if (device.track.alert) alerts.push_back(*device.track.alert);
  return alerts;
}

std::vector<AlertTransition> DeviceWatch::release(WallTime at) {
  std::vector<AlertTransition> released;
  for (Device& device : devices_) {
    auto& alert = device.track.alert;
    if (!alert || !alert->maintenance || (maintenance_ && maintenance_->covers(alert->source))) continue;
    *alert = returned_to_service(*alert, at);
    released.push_back(*alert);
    ++revision_;
  }
  return released;
}

std::vector<SavedTrack> DeviceWatch::tracks() const {
  std::vector<SavedTrack> saved;
  std::vector<std::size_t> place(devices_.size(), devices_.size());
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const Device& device = devices_[i];
    if (device.bad == 0 && device.track.idle()) continue;
    place[i] = saved.size();
    saved.push_back({.source = device.source,
                     .rule = std::string(kRule),
                     .timers = device.track.timers,
                     .bad = {},
                     .alert = std::nullopt});
    if (device.track.alert) saved.back().alert = *device.track.alert;
  }
  for (const Point& point : points_)
    if (point.bad) saved[place[point.device]].bad.push_back(point.name);
  return saved;
}

std::vector<AlertTransition> DeviceWatch::adopt(std::vector<SavedTrack> saved, WallTime at) {
  for (Point& point : points_) point.bad = false;
  for (Device& device : devices_) {
    device.bad = 0;
    device.track = {};
  }
  std::vector<AlertTransition> gone;
  std::map<std::string_view, SavedTrack*> by_source;
  for (SavedTrack& track : saved) by_source.emplace(track.source, &track);
  for (Point& point : points_) {
    const auto track = by_source.find(devices_[point.device].source);
    if (track == by_source.end() || std::ranges::find(track->second->bad, point.name) == track->second->bad.end())
      continue;
    point.bad = true;
    ++devices_[point.device].bad;
  }
  for (Device& device : devices_) {
    const auto track = by_source.find(device.source);
    if (track == by_source.end()) continue;
    device.track.timers = track->second->timers;
    if (track->second->alert) device.track.alert = std::make_unique<AlertTransition>(*track->second->alert);
    by_source.erase(track);
  }
  for (const auto& [source, track] : by_source)
    if (track->alert) gone.push_back(cleared_by_configuration(*track->alert, at));
  ++revision_;
  return gone;
}

std::vector<AlertTransition> DeviceWatch::reconfigure(const Definition& definition, Titles titles, WallTime at) {
  auto saved = tracks();
  titles_ = std::move(titles);
  lay_out(definition);
  return adopt(std::move(saved), at);
}

}  // namespace anlan::edge
