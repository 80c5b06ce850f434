#include "tests/crash/walk/engine.hpp"

#include <stdexcept>

namespace anlan::walk {

namespace {

constexpr const char* kWatched = "site-1/d/watched";

Definition watched() {
  Definition definition;
  PointDefinition& point = definition.points.emplace_back();
  point.path = {"site-1", "d", "watched"};
  point.limits.high.at = {40, 60, 75, 90};
  point.limits.deadband = 2;
  point.limits.on_delay = Millis{30'000};
  point.limits.off_delay = Millis{20'000};
  point.period = Millis{60'000};
  return definition;
}

std::string decided(const edge::Scorer& scorer) {
  std::string text;
  for (const AlertTransition& t : scorer.active())
    text += t.rule + " " + std::string(to_string(t.step)) + " " + std::string(to_string(t.level)) + " version " +
            std::to_string(t.version) + "; ";
  return text;
}

}  // namespace

edge::Scorer Engine::fresh() const { return edge::Scorer(Shared<Definition>(watched()), ids_); }

bool Engine::is_mine(const AlertTransition& transition) { return transition.source == kWatched; }

void Engine::start(const std::string& state, const std::map<AlertId, AlertTransition>& active,
                   const edge::Instant& now) {
  scorer_.emplace(fresh());
  std::vector<AlertTransition> mine;
  for (const auto& [id, transition] : active)
    if (is_mine(transition)) mine.push_back(transition);
  if (!scorer_->restore(state, now)) throw std::logic_error("a saved state cannot be read");
  if (state.empty() && !mine.empty()) scorer_->resume(std::move(mine));
}

std::vector<AlertTransition> Engine::apply(double value, const edge::Instant& now, const edge::Instant& real) {
  readings_.push_back({value, real});
  (void)shadow_->apply({0, value, Quality::good, real.wall, real.mono});
  return scorer_->apply({0, value, Quality::good, now.wall, now.mono});
}

void Engine::die() {
  if (!shadow_ || readings_.size() == durable_) return;
  readings_.resize(durable_);
  replay();
}

/// By way of a saved state that no time has passed over since.
void Engine::follow(const edge::Instant& now, const edge::Instant& real) {
  began_with_ = scorer_->save(now);
  began_ = {now.wall, real.mono, real.boot};
  readings_.clear();
  durable_ = 0;
  based_on_disk_ = false;
  replay();
}

void Engine::replay() {
  shadow_.emplace(fresh());
  if (!shadow_->restore(began_with_, began_)) throw std::logic_error("a state just saved cannot be read");
  for (const auto& [value, real] : readings_) (void)shadow_->apply({0, value, Quality::good, real.wall, real.mono});
}

std::string Engine::difference() const {
  const std::string here = decided(*scorer_), there = decided(*shadow_);
  if (here == there) return "";
  return "the engine says [" + here + "], without any fault it would say [" + there + "]";
}

}  // namespace anlan::walk
