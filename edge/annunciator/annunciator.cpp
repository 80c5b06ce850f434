#include "edge/annunciator/annunciator.hpp"

#include <algorithm>

#include "common/base/utf8.hpp"

namespace anlan::edge {

void Annunciator::apply(const AlertTransition& transition) {
  const Level level = transition.live_level();
  if (!transition.active() || level == Level::none) {
    alerts_.erase(transition.alert);
    return;
  }
  Heard& alert = alerts_[transition.alert];
  const bool rises = transition.step == AlertStep::raised || transition.step == AlertStep::upgraded;
  if ((rises && !transition.maintenance) || level > alert.level) alert.silenced = false;
  alert.what = transition.source + " " + transition.rule;
  alert.level = level;
}

Result<Annunciator::Silence> Annunciator::silence(std::string_view by, MonoTime now) {
  if (by.empty()) return fail(Errc::invalid_argument, "silencing needs the name of the person who does it");
  if (!valid_utf8(by)) return fail(Errc::invalid_argument, "the name of the person who silences is not UTF-8");
  Silence done{std::string(by), now, {}};
  for (auto& [id, alert] : alerts_) {
    if (!sounds(alert)) continue;
    alert.silenced = true;
    done.sources.push_back(alert.what);
  }
  if (done.sources.empty()) return fail(Errc::conflict, "nothing sounds, so there is nothing to silence");
  return done;
}

AnnunciatorOutput Annunciator::tick(MonoTime now) {
  if (!first_) first_ = now;
  AnnunciatorOutput output;
  for (const auto& [id, alert] : alerts_) {
    output.sound = output.sound || sounds(alert);
    output.level = std::max(output.level, alert.level);
  }
  output.beat = static_cast<std::uint16_t>((now - *first_) / beat_);
  return output;
}

Millis Annunciator::until_next_beat(MonoTime now) const {
  if (!first_ || now < *first_) return beat_;
  return beat_ - (now - *first_) % beat_;
}

}  // namespace anlan::edge
