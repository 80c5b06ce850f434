// Plays a scenario through the real cores: edge/score and edge/annunciator.
#include <memory>
#include <utility>

#include "edge/annunciator/annunciator.hpp"
#include "edge/score/scorer.hpp"
#include "tests/scenario/scoring_scenario.hpp"

namespace anlan::scenario {
namespace {

const WallTime kStart = wall_from_ms(1'800'000'000'000);
constexpr std::string_view kSitePrefix = "site/";

/// Without the site, which is the same everywhere.
std::string shorten(std::string_view source) { return std::string(source.substr(kSitePrefix.size())); }

class Player {
 public:
  explicit Player(const Scenario& scenario) : scenario_(scenario), definition_(scenario.definition) { start(); }

  std::vector<std::string> run() {
    for (const Event& event : scenario_.events) {
      end_maintenance_until(event.at);
      now_ = event.at;
      std::visit([this](const auto& action) { act(action); }, event.action);
      show_horn();
    }
    return std::move(happened_);
  }

 private:
  void start() {
    scorer_ = std::make_unique<edge::Scorer>(definition_, [this] { return AlertId{0, ++last_id_}; });
    if (scenario_.horn) annunciator_.emplace(*scenario_.horn, Millis{1000});
  }

  edge::Instant instant() const { return {kStart + now_ + clock_, MonoTime{now_ - booted_}, boot_}; }

  void say(const std::string& what) { happened_.push_back(to_text(now_) + " " + what); }

  void tell(const AlertTransition& t) {
    say(shorten(t.source) + " " + t.rule + " " + std::string(to_string(t.step)) + " " +
        std::string(to_string(t.level)) + (t.actor.empty() ? "" : " by " + t.actor) +
        (t.maintenance ? " in maintenance" : ""));
    if (annunciator_) annunciator_->apply(t);
  }

  void show_horn() {
    if (!annunciator_) return;
    const bool sounds = annunciator_->tick(instant().mono).sound;
    if (sounds != std::exchange(sounds_, sounds)) say(sounds ? "horn on" : "horn off");
  }

  void act(const Reading& reading) {
    for (std::uint32_t i = 0; i < definition_.points.size(); ++i) {
      if (shorten(definition_.points[i].path.str()) != reading.point) continue;
      const edge::Instant now = instant();
      for (const auto& t : scorer_->apply({i, reading.value, reading.quality, now.wall, now.mono})) tell(t);
      return;
    }
    say("there is no point " + reading.point);
  }

  void act(const Reset& reset) {
    const edge::Instant now = instant();
    const std::string source = std::string(kSitePrefix) + reset.point;
    const auto done = scorer_->reset(source, reset.rule, reset.by, now.wall, now.mono);
    if (done) return tell(*done);
    const std::string what = source + " " + reset.rule + " ";
    const std::string& why = done.error().message;
    say(reset.point + " " + reset.rule + " reset refused: " + (why.starts_with(what) ? why.substr(what.size()) : why));
  }

  void act(const Silence& silence) {
    const auto done =
        annunciator_ ? annunciator_->silence(silence.by, instant().mono) : fail(Errc::conflict, "there is no horn");
    if (!done) say("silence refused: " + done.error().message);
  }

  /// As the daemon does with a timer, for ends that no later event coincides with too.
  void end_maintenance_until(Millis time) {
    while (const auto next = scorer_->next_maintenance_end()) {
      const Millis at = std::max(next->time_since_epoch() + booted_, now_);
      if (at > time) return;
      now_ = at;
      settle(scorer_->expire_maintenance(instant(), true));
      show_horn();
    }
  }

  void settle(const edge::MaintenanceChange& change) {
    for (const auto& open : change.ended) say(shorten(open.device) + " maintenance of " + open.window.by + " over");
    for (const auto& open : change.begun) say(shorten(open.device) + " maintenance of " + open.window.by);
    for (const auto& t : change.transitions) tell(t);
  }

  void act(const Maintain& maintain) {
    const std::string device = std::string(kSitePrefix) + maintain.device;
    const auto change = maintain.time ? scorer_->begin_maintenance(device, maintain.by, "", *maintain.time, instant(),
                                                                   MaintenanceId{0, ++last_id_})
                                      : scorer_->end_maintenance(device, maintain.by, false, instant());
    if (change) return settle(*change);
    say(maintain.device + " maintenance refused: " + change.error().message);
  }

  void act(const SetClock& set) { clock_ = set.by ? clock_ + *set.by : Millis{0}; }

  void act(const Restart&) { resume(scorer_->save(instant())); }

  void act(const Reboot& reboot) {
    const std::string saved = scorer_->save(instant());
    now_ += reboot.down;
    booted_ = now_ - Millis{20'000};  // 20 s after boot the daemon runs
    if (!reboot.has_clock) clock_ = booted_ - now_ - (kStart + booted_).time_since_epoch();
    ++boot_.low;
    resume(saved);
  }

  void act(const Configure& configure) {
    definition_ = configure.definition;
    for (const auto& t : scorer_->reconfigure(definition_, {}, instant().wall)) tell(t);
    settle(scorer_->expire_maintenance(instant(), true));
  }

  void resume(const std::string& saved) {
    start();
    if (const auto restored = scorer_->restore(saved, instant()); !restored)
      return say("restore failed: " + restored.error().message);
    settle(scorer_->expire_maintenance(instant(), true));
    if (annunciator_)
      for (const auto& t : scorer_->active()) annunciator_->apply(t);
  }

  const Scenario& scenario_;
  Definition definition_;
  std::unique_ptr<edge::Scorer> scorer_;
  std::optional<edge::Annunciator> annunciator_;
  std::uint64_t last_id_ = 0;
  BootId boot_{0, 1};
  Millis now_{0}, booted_{-1'000'000}, clock_{0};  // clock_: how wrong the wall clock is
  bool sounds_ = false;
  std::vector<std::string> happened_;
};

}  // namespace

std::vector<std::string> play(const Scenario& scenario) { return Player(scenario).run(); }

}  // namespace anlan::scenario
