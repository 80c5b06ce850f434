#include "edge/score/limit_engine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "common/base/utf8.hpp"
#include "edge/score/risk_score.hpp"

namespace anlan::edge {
namespace {

constexpr Rule kRules[] = {Rule::high, Rule::low};

std::size_t index(Rule rule) { return static_cast<std::size_t>(rule); }

std::string asset_of(const PointDefinition& point) {
  return point.asset.empty() ? point.path.site + "/" + point.path.device : point.asset;
}

std::string number(double value) {
  if (std::isnan(value)) return "unknown";
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// Values strictly between these exceed nothing, whatever the quality.
std::pair<double, double> quiet_band(const RuleLimits& high, const RuleLimits& low) {
  double least = INFINITY, most = -INFINITY;
  for (const Level level : kLevels) {
    if (high.of(level)) least = std::min(least, high.limit(level));
    if (low.of(level)) most = std::max(most, low.limit(level));
  }
  return {most, least};
}

}  // namespace

Millis tolerated_silence(Millis period) { return std::max<Millis>(std::chrono::seconds{10}, 3 * period); }

LimitEngine::LimitEngine(Shared<Definition> definition, NewAlertId new_id,
                         std::shared_ptr<const Maintenance> maintenance)
    : definition_(std::move(definition)), new_id_(std::move(new_id)), maintenance_(std::move(maintenance)) {
  lay_out();
}

void LimitEngine::lay_out() {
  newest_.clear();
  rule_sets_.clear();
  newest_.reserve(definition_->points.size());
  rule_sets_.push_back({{RuleLimits({}, Rule::high), RuleLimits({}, Rule::low)}, {}});  // of all points without limits
  calm_.clear();
  for (const PointDefinition& point : definition_->points) {
    const bool limited = point.limits.high.any() || point.limits.low.any();
    if (limited)
      rule_sets_.push_back({{RuleLimits(point.limits, Rule::high), RuleLimits(point.limits, Rule::low)}, {}});
    const std::size_t at = limited ? rule_sets_.size() - 1 : 0;
    const RuleLimits &upper = rule_sets_[at].limits[0], &lower = rule_sets_[at].limits[1];
    const auto [low, high] = quiet_band(upper, lower);
    calm_.emplace_back(-nearing(lower), nearing(upper));
    newest_.push_back(
        {.quiet_low = low, .quiet_high = high, .good_at = std::nullopt, .rules = static_cast<std::uint32_t>(at)});
  }
}

std::vector<AlertTransition> LimitEngine::apply(const Sample& sample) {
  Newest& newest = newest_.at(sample.point);
  const bool is_good = good(sample);
  const bool has_value = is_good || (sample.quality == Quality::out_of_range && std::isfinite(sample.value));
  if (has_value) newest.value = sample.value;
  newest.good_at = is_good ? std::optional(sample.mono) : std::nullopt;
  if (newest.idle && (!has_value || (sample.value > newest.quiet_low && sample.value < newest.quiet_high))) return {};

  std::vector<AlertTransition> transitions;
  Rules& rules = rules_of(sample.point);
  newest.idle = true;
  for (const Rule rule : kRules) {
    Track& track = rules.tracks[index(rule)];
    const Timers before = track.timers;
    const auto change = advance(track, rules.limits[index(rule)], sample);
    if (change)
      transitions.push_back(record(sample.point, rule, *change, sample, {}));
    else if (track.timers != before)
      ++revision_;
    newest.idle = newest.idle && track.idle();
  }
  return transitions;
}

/// Makes the change the track's newest transition.
AlertTransition LimitEngine::record(std::uint32_t point, Rule rule, const Change& change, const Sample& sample,
                                    std::string actor) {
  const PointDefinition& definition = definition_->points[point];
  Track& track = rules_of(point).tracks[index(rule)];
  AlertTransition next;
  next.alert = track.alert ? track.alert->alert : new_id_();
  next.version = track.alert ? track.alert->version + 1 : 1;
  next.step = change.step;
  next.level = change.level;
  next.source = definition.path.str();
  next.asset = asset_of(definition);
  next.rule = to_string(rule);
  next.name = definition.name;
  next.evidence = {sample.value, change.limit, definition.unit, change.since, sample.quality};
  next.score = risk_score(rules_of(point).limits[index(rule)], sample.value);
  next.at = sample.time;
  next.actor = std::move(actor);
  next.maintenance = maintenance_mark(track.alert.get(), next, maintenance_ && maintenance_->covers(next.source));
  if (next.active())
    track.alert = std::make_unique<AlertTransition>(next);
  else
    track.alert.reset();
  ++revision_;
  return next;
}

Result<void> LimitEngine::resettable(std::uint32_t point, Rule rule, MonoTime now) const {
  const Newest& newest = newest_[point];
  const Track& track = rules_of(point).tracks[index(rule)];
  const RuleLimits& limits = rules_of(point).limits[index(rule)];
  const PointDefinition& definition = definition_->points[point];
  const std::string what = definition.path.str() + " " + std::string(to_string(rule));
  if (track.level() != Level::red)
    return fail(Errc::conflict, what + " is " + std::string(to_string(track.level())) +
                                    ", not red: it needs no reset and clears by itself when the value is back");
  const bool back = track.latched() && !limits.held(Level::red, limits.toward_danger(newest.value));
  if (track.latched() && !newest.good_at)
    return fail(Errc::conflict, what +
                                    " has no good value now, so it cannot be known to be safe: reset it when the "
                                    "sensor answers again");
  if (!back)
    return fail(Errc::conflict, what + " is still at red (newest value " + number(newest.value) + " " +
                                    definition.unit + ", limit " + number(limits.limit(Level::red)) + ", deadband " +
                                    number(limits.deadband) + "): reset it when the value has been back for " +
                                    to_words(limits.off_delay));
  const Millis age = now - *newest.good_at;
  if (age > tolerated_silence(definition.period))
    return fail(Errc::conflict, what + " has had no value for " + to_words(age) +
                                    ", so it cannot be known to be safe: reset it when the sensor answers again");
  return {};
}

Result<AlertTransition> LimitEngine::reset(std::string_view source, std::string_view rule_name, std::string_view actor,
                                           WallTime at, MonoTime now) {
  if (actor.empty()) return fail(Errc::invalid_argument, "a reset needs the name of the person who does it");
  if (!valid_utf8(actor)) return fail(Errc::invalid_argument, "the name of the person who resets is not UTF-8");
  for (std::uint32_t point = 0; point < definition_->points.size(); ++point) {
    for (const Rule rule : kRules) {
      Track& track = rules_of(point).tracks[index(rule)];
      if (!track.alert || track.alert->source != source || track.alert->rule != rule_name) continue;
      if (auto allowed = resettable(point, rule, now); !allowed) return fail(std::move(allowed.error()));
      const Sample newest{point, newest_[point].value, Quality::good, at, now};
      const Change change = lower(rules_of(point).limits[index(rule)], newest.value, at);
      auto transition = record(point, rule, change, newest, std::string(actor));
      newest_[point].idle = rules_of(point).tracks[0].idle() && rules_of(point).tracks[1].idle();
      return transition;
    }
  }
  return fail(Errc::not_found, "no active alert '" + std::string(rule_name) + "' of '" + std::string(source) + "'");
}

std::vector<AlertTransition> LimitEngine::active() const {
  std::vector<AlertTransition> alerts;
  for (std::size_t point = 0; point < newest_.size(); ++point) {
    if (newest_[point].idle) continue;
    for (const Track& track : rules_of(point).tracks)
      if (track.alert) alerts.push_back(*track.alert);
  }
  return alerts;
}

std::vector<AlertTransition> LimitEngine::release(WallTime at) {
  std::vector<AlertTransition> released;
  for (std::size_t point = 0; point < newest_.size(); ++point) {
    if (newest_[point].idle) continue;
    for (Track& track : rules_of(point).tracks) {
      if (!track.alert || !track.alert->maintenance) continue;
      if (maintenance_ && maintenance_->covers(track.alert->source)) continue;
      *track.alert = returned_to_service(*track.alert, at);
      released.push_back(*track.alert);
      ++revision_;
    }
  }
  return released;
}

std::optional<double> LimitEngine::score(std::uint32_t point) const {
  const Newest& newest = newest_.at(point);
  std::optional<double> score;
  const auto at_least = [&score](double value) { score = std::max(score.value_or(0), value); };
  for (const Rule rule : kRules) {
    const Track& track = rules_of(point).tracks[index(rule)];
    if (track.alert) at_least(anchor(track.alert->level));
    if (!std::isnan(newest.value)) at_least(risk_score(rules_of(point).limits[index(rule)], newest.value));
  }
  return score;
}

double LimitEngine::risk() const {
  double most = 0;
  for (std::uint32_t point = 0; point < newest_.size(); ++point) most = std::max(most, score(point).value_or(0));
  return most;
}

std::vector<SavedTrack> LimitEngine::tracks() const {
  std::vector<SavedTrack> saved;
  for (std::size_t point = 0; point < newest_.size(); ++point) {
    if (newest_[point].idle) continue;
    for (const Rule rule : kRules) {
      const Track& track = rules_of(point).tracks[index(rule)];
      if (track.idle()) continue;
      saved.push_back({.source = definition_->points[point].path.str(),
                       .rule = std::string(to_string(rule)),
                       .timers = track.timers,
                       .bad = {},
                       .alert = std::nullopt});
      if (track.alert) saved.back().alert = *track.alert;
    }
  }
  return saved;
}

std::vector<AlertTransition> LimitEngine::adopt(std::vector<SavedTrack> saved, WallTime at) {
  std::map<std::string, std::uint32_t> points;
  for (std::uint32_t i = 0; i < definition_->points.size(); ++i) points.emplace(definition_->points[i].path.str(), i);
  for (Rules& rules : rule_sets_)
    for (Track& track : rules.tracks) track = {};
  for (Newest& newest : newest_) newest.idle = true;
  std::vector<AlertTransition> gone;
  for (SavedTrack& track : saved) {
    const auto point = points.find(track.source);
    const std::size_t rule = index(track.rule == to_string(Rule::high) ? Rule::high : Rule::low);
    if (point == points.end() || !rules_of(point->second).limits[rule].any()) {
      if (track.alert) gone.push_back(cleared_by_configuration(*track.alert, at));
      continue;
    }
    Track& own = rules_of(point->second).tracks[rule];
    own.timers = track.timers;
    if (track.alert) own.alert = std::make_unique<AlertTransition>(std::move(*track.alert));
    newest_[point->second].idle = false;
  }
  ++revision_;
  return gone;
}

std::vector<AlertTransition> LimitEngine::reconfigure(Shared<Definition> definition, WallTime at) {
  auto saved = tracks();
  std::map<PointPath, Newest> known;
  for (std::size_t i = 0; i < newest_.size(); ++i) known.emplace(definition_->points[i].path, newest_[i]);
  definition_ = std::move(definition);
  lay_out();
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    const auto before = known.find(definition_->points[i].path);
    if (before == known.end()) continue;
    newest_[i].value = before->second.value;
    newest_[i].good_at = before->second.good_at;
  }
  return adopt(std::move(saved), at);
}

}  // namespace anlan::edge
