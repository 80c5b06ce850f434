#include "edge/app/pipeline.hpp"

#include <algorithm>

#include "common/base/log.hpp"
#include "common/wire/codec.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kRecordSamples = 4096;   // one record must fit into a frame whatever its values
constexpr std::size_t kMostWaiting = 200'000;  // samples in memory while the disk does not take them
constexpr Millis kSayLossesEvery{10'000};
constexpr Millis kAfterFailure{1'000};

}  // namespace

Pipeline::Pipeline(boost::asio::any_io_executor executor, const Clock& clock, AsyncBuffer& buffer, Scorer scorer,
                   Settings settings, Metrics& metrics)
    : clock_(clock),
      buffer_(buffer),
      scorer_(std::move(scorer)),
      settings_(std::move(settings)),
      metrics_(metrics),
      event_(executor) {}

awaitable<Result<void>> Pipeline::open(const std::string& engine_state) {
  auto restored = scorer_.restore(engine_state, {clock_.wall(), clock_.mono(), settings_.boot});
  if (restored) {
    take(std::move(*restored));
  } else {
    log::error("score", "the saved state of the alerts cannot be read; every alert goes on, running delays begin anew",
               {{"reason", restored.error().message}});
    std::vector<AlertTransition> active;
    for (const auto& [id, transition] : buffer_.ledger()->active) active.push_back(transition);
    take(scorer_.resume(std::move(active), clock_.wall()));
  }
  saved_revision_ = ~scorer_.revision();  // the first commit saves
  announce();
  if (on_alert)
    for (const AlertTransition& t : scorer_.active()) on_alert(t);
  co_return co_await flush();
}

void Pipeline::announce() {
  std::string payload = encode_payload(scorer_.definition());
  definition_ = hash_of(scorer_.definition());
  definitions_.push_back({definition_, payload});
  events_.push_back({Kind::definition, std::move(payload), 0});
  event_.set();
}

void Pipeline::reconfigure(Definition definition, Scorer::Titles titles) {
  bound_waiting();
  // Samples already taken belong to the old definition: they go into records of their own before it changes.
  for (Entry& entry : sample_records(std::exchange(samples_, {}))) events_.push_back(std::move(entry));
  take(scorer_.reconfigure(std::move(definition), std::move(titles), clock_.wall()));
  announce();
}

void Pipeline::on_samples(std::vector<Sample> samples) {
  for (const Sample& sample : samples) take(scorer_.apply(sample));
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  metrics_.counter("anlan_edge_samples_total", "samples taken").add(static_cast<double>(samples.size()));
}

void Pipeline::take(std::vector<AlertTransition> transitions) {
  if (transitions.empty()) return;
  for (const AlertTransition& t : transitions) {
    log::info("alert", std::string(to_string(t.step)) + " " + std::string(to_string(t.level)),
              {{"source", t.source},
               {"rule", t.rule},
               {"value", t.evidence.value},
               {"limit", t.evidence.limit},
               {"score", t.score},
               {"actor", t.actor}});
    events_.push_back({Kind::alert, encode_payload(t), 0});
    metrics_.counter("anlan_edge_alert_transitions_total", "alert transitions decided").add();
    if (on_alert) on_alert(t);
  }
  alerts_changed_ = true;
  event_.set();
}

Result<AlertTransition> Pipeline::reset(std::string_view source, std::string_view rule, std::string_view actor) {
  auto transition = scorer_.reset(source, rule, actor, clock_.wall(), clock_.mono());
  if (transition) take({*transition});
  return transition;
}

void Pipeline::on_event(Kind kind, const EdgeEvent& event) {
  events_.push_back({kind, encode_payload(event), 0});
  event_.set();
}

Commit Pipeline::events_only() const {
  Commit commit;
  commit.entries = events_;
  commit.definitions = definitions_;
  if (alerts_changed_) {
    commit.active.emplace();
    for (const AlertTransition& t : scorer_.active()) (*commit.active)[t.alert] = t;
  }
  if (scorer_.revision() != saved_revision_ || alerts_changed_)
    commit.engine_state = scorer_.save({clock_.wall(), clock_.mono(), settings_.boot});
  return commit;
}

/// In parts that fit into a frame, all of the present definition.
std::vector<Entry> Pipeline::sample_records(const std::vector<Sample>& samples) const {
  std::vector<Entry> entries;
  for (std::size_t at = 0; at < samples.size(); at += kRecordSamples) {
    const auto end = std::min(at + kRecordSamples, samples.size());
    const Samples part{
        definition_,
        {samples.begin() + static_cast<std::ptrdiff_t>(at), samples.begin() + static_cast<std::ptrdiff_t>(end)}};
    entries.push_back({Kind::samples, encode_payload(part), static_cast<std::uint32_t>(part.samples.size())});
  }
  return entries;
}

void Pipeline::lose(const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    const std::string point = scorer_.definition().points[sample.point].path.str();
    Loss& loss =
        losses_.try_emplace(point, Loss{point, sample.time, sample.time, 0, LossReason::refused}).first->second;
    loss.from = std::min(loss.from, sample.time);
    loss.to = std::max(loss.to, sample.time);
    ++*loss.count;
  }
  metrics_.counter("anlan_edge_samples_lost_total", "samples that found no room in the buffer")
      .add(static_cast<double>(samples.size()));
}

void Pipeline::bound_waiting() {
  if (samples_.size() <= kMostWaiting) return;
  const auto excess = static_cast<std::ptrdiff_t>(samples_.size() - kMostWaiting);
  lose({samples_.begin(), samples_.begin() + excess});
  samples_.erase(samples_.begin(), samples_.begin() + excess);
}

awaitable<void> Pipeline::run() {
  while (true) {
    co_await event_.wait(settings_.commit_every);
    bound_waiting();
    const auto flushed = co_await flush();
    if (flushed) continue;
    log::error("buffer", "nothing can be stored now; alarms go on, samples wait in memory",
               {{"reason", flushed.error().message}});
    const MonoTime again = clock_.mono() + kAfterFailure;
    while (clock_.mono() < again) co_await event_.wait(again - clock_.mono());
  }
}

/// What is handed over is taken out of the queues first: more comes in while the commit is under way.
awaitable<Result<void>> Pipeline::flush() {
  const MonoTime now = clock_.mono();
  if (!losses_.empty() && now - losses_said_ >= kSayLossesEvery) {
    Gap gap;
    for (auto& [point, loss] : losses_) gap.losses.push_back(std::move(loss));
    losses_.clear();
    losses_said_ = now;
    events_.push_back({Kind::gap, encode_payload(gap), 0});
  }
  if (samples_.empty() && events_.empty() && !alerts_changed_) co_return Result<void>{};
  Commit events = events_only();
  Commit all = events;
  for (Entry& entry : sample_records(samples_)) all.entries.push_back(std::move(entry));
  auto samples = std::exchange(samples_, {});
  auto waiting_events = std::exchange(events_, {});
  auto waiting_definitions = std::exchange(definitions_, {});
  const bool alerts = std::exchange(alerts_changed_, false);
  const std::uint64_t revision = scorer_.revision();
  auto stored = co_await buffer_.commit(std::move(all));
  if (!stored && stored.error().code == Errc::storage_full && !samples.empty()) {
    // No room for samples; events have a reserve.
    stored = co_await buffer_.commit(std::move(events));
    if (stored) lose(samples);
    if (stored) samples.clear();
  }
  if (stored) {
    saved_revision_ = revision;
    co_return stored;
  }
  samples_.insert(samples_.begin(), samples.begin(), samples.end());
  events_.insert(events_.begin(), std::make_move_iterator(waiting_events.begin()),
                 std::make_move_iterator(waiting_events.end()));
  definitions_.insert(definitions_.begin(), waiting_definitions.begin(), waiting_definitions.end());
  alerts_changed_ = alerts_changed_ || alerts;
  co_return stored;
}

}  // namespace anlan::edge
