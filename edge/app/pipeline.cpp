#include "edge/app/pipeline.hpp"

#include <algorithm>
#include <numeric>

#include "common/async/stopwatch.hpp"
#include "common/base/log.hpp"
#include "common/wire/codec.hpp"
#include "edge/app/pipeline_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kRecordSamples = 4096;      // one record must fit into a frame whatever its values
constexpr std::size_t kMostWaiting = 500'000;     // samples in memory while the disk does not take them
constexpr std::size_t kEnoughToCommit = 100'000;  // not to be waited for any longer
constexpr Millis kSayLossesEvery{10'000};
constexpr Millis kAfterFailure{1'000};

/// By point, so that columns are long; those of each point stay in their order.
std::vector<Sample> by_point(const std::vector<Sample>& samples) {
  std::vector<std::uint32_t> ends;
  for (const Sample& sample : samples) {
    if (ends.size() <= sample.point) ends.resize(sample.point + 1);
    ++ends[sample.point];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<Sample> sorted(samples.size());
  for (std::size_t i = samples.size(); i-- > 0;) sorted[--ends[samples[i].point]] = samples[i];
  return sorted;
}

/// In parts that fit into a frame.
void append_records(std::vector<Entry>& entries, const DefinitionHash& definition, const std::vector<Sample>& samples) {
  if (samples.empty()) return;
  const std::vector<Sample> sorted = by_point(samples);
  for (std::size_t at = 0; at < sorted.size(); at += kRecordSamples) {
    const auto end = std::min(at + kRecordSamples, sorted.size());
    const Samples part{
        definition,
        {sorted.begin() + static_cast<std::ptrdiff_t>(at), sorted.begin() + static_cast<std::ptrdiff_t>(end)}};
    entries.push_back({Kind::samples, encode_payload(part), static_cast<std::uint32_t>(part.samples.size())});
  }
}

/// The centre expects a sample of a point as often as one is reported at least.
Shared<Definition> reported(Shared<Definition> definition, const std::vector<ReportRule>& rules) {
  for (std::size_t i = 0; i < std::min(rules.size(), definition->points.size()); ++i)
    if (rules[i].on_change && definition->points[i].period < rules[i].heartbeat)
      definition.edit().points[i].period = rules[i].heartbeat;
  return definition;
}

}  // namespace

Pipeline::Pipeline(boost::asio::any_io_executor executor, const Clock& clock, AsyncBuffer& buffer, Scorer scorer,
                   Settings settings, Metrics& metrics)
    : clock_(clock),
      buffer_(buffer),
      scorer_(std::move(scorer)),
      settings_(std::move(settings)),
      reporter_(settings_.report),
      metrics_(metrics),
      samples_(metrics.at(kSamplesTaken)),
      event_(executor),
      maintenance_begun_(executor) {}

awaitable<Result<void>> Pipeline::open(const std::string& engine_state) {
  const auto restored = scorer_.restore(engine_state, now());
  if (!restored || (engine_state.empty() && !buffer_.ledger()->active.empty())) {
    log::error("score", "the saved state of the alerts cannot be read; every alert goes on, running delays begin anew",
               {{"reason", restored ? "it is not there" : restored.error().message}});
    std::vector<AlertTransition> active;
    for (const auto& [id, transition] : buffer_.ledger()->active) active.push_back(transition);
    scorer_.resume(std::move(active));
  }
  for (const AlertTransition& t : scorer_.orphans().active())
    log::warning("score",
                 "an active alert's point or limits are no longer configured; it stays until somebody ends it by name",
                 {{"source", t.source},
                  {"rule", t.rule},
                  {"level", to_string(t.level)},
                  {"command", "anlan-edge alarm reset --by NAME --source " + t.source}});
  expire_maintenance();
  saved_revision_ = ~scorer_.revision();  // the first commit saves
  announce();
  if (on_alert)
    for (const AlertTransition& t : scorer_.active()) on_alert(t);
  co_return co_await flush();
}

void Pipeline::announce() {
  auto definition = reported(scorer_.definition(), settings_.report);
  std::string payload = encode_payload(*definition);
  const DefinitionHash hash = hash_of(*definition);
  waiting_.definitions.push_back({hash, payload});
  waiting_.events.push_back({Kind::definition, std::move(payload), 0});
  waiting_.samples.push_back({hash, std::move(definition), {}});
  event_.set();
}

/// Samples already taken stay in the group of the old definition; so do those that were held back.
void Pipeline::reconfigure(Shared<Definition> definition, Scorer::Titles titles, std::vector<ReportRule> report,
                           const std::string& by) {
  reporter_.flush(waiting_.samples.back().samples);
  settings_.report = std::move(report);
  reporter_ = Reporter(settings_.report);
  auto ended = scorer_.reconfigure(std::move(definition), std::move(titles), clock_.wall());
  for (AlertTransition& transition : ended)
    if (!by.empty()) transition.actor = by;
  take(std::move(ended));
  expire_maintenance();
  announce();
}

void Pipeline::on_samples(std::vector<Sample> samples) {
  if (const auto end = scorer_.next_maintenance_end(); end && clock_.mono() >= *end) expire_maintenance();
  auto& group = waiting_.samples.back().samples;
  const bool all = reporter_.reports_all();
  for (const Sample& sample : samples) {
    auto transitions = scorer_.apply(sample);
    if (!all) reporter_.take(sample, !transitions.empty(), group);
    take(std::move(transitions));
    if (on_raised && scorer_.raised(sample.point)) on_raised(sample.point);
  }
  if (all) group.insert(group.end(), samples.begin(), samples.end());
  samples_.add(static_cast<double>(samples.size()));
  if (group.size() >= kEnoughToCommit) event_.set();
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
               {"actor", t.actor},
               {"maintenance", t.maintenance.has_value()}});
    waiting_.events.push_back({Kind::alert, encode_payload(t), 0});
    metrics_.at(kTransitions, {to_string(t.step)}).add();
    if (on_alert) on_alert(t);
  }
  waiting_.alerts_changed = true;
  event_.set();
}

Result<AlertTransition> Pipeline::reset(std::string_view source, std::string_view rule, std::string_view actor) {
  auto transition = scorer_.reset(source, rule, actor, clock_.wall(), clock_.mono());
  if (transition) take({*transition});
  return transition;
}

Result<AlertTransition> Pipeline::reset(const AlertId& alert, std::string_view actor) {
  for (const AlertTransition& t : scorer_.active())
    if (t.alert == alert) return reset(t.source, t.rule, actor);
  return fail(Errc::not_found, "no alert " + alert.hex() + " is active here");
}

void Pipeline::on_event(Kind kind, const EdgeEvent& event) {
  waiting_.events.push_back({kind, encode_payload(event), 0});
  event_.set();
}

bool Pipeline::Waiting::empty() const {
  return events.empty() && losses.empty() && !alerts_changed &&
         std::ranges::all_of(samples, [](const Group& group) { return group.samples.empty(); });
}

Commit Pipeline::events_only(const Waiting& waiting) const {
  Commit commit;
  commit.entries = waiting.events;
  commit.definitions = waiting.definitions;
  commit.losses = waiting.losses.list();
  if (waiting.alerts_changed) {
    commit.active.emplace();
    for (const AlertTransition& t : scorer_.active()) (*commit.active)[t.alert] = t;
  }
  if (scorer_.revision() != saved_revision_ || waiting.alerts_changed) commit.engine_state = scorer_.save(now());
  return commit;
}

/// The first `count` samples of a group found no room.
void Pipeline::lose(const Group& group, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Sample& sample = group.samples[i];
    losses_.add({group.definition->points[sample.point].path.str(), sample.time, sample.time, 1, LossReason::refused});
  }
  metrics_.at(kSamplesLost).add(static_cast<double>(count));
}

void Pipeline::bound_waiting() {
  std::size_t count = 0;
  for (const Group& group : waiting_.samples) count += group.samples.size();
  for (Group& group : waiting_.samples) {
    if (count <= kMostWaiting) return;
    const std::size_t excess = std::min(count - kMostWaiting, group.samples.size());
    lose(group, excess);
    group.samples.erase(group.samples.begin(), group.samples.begin() + static_cast<std::ptrdiff_t>(excess));
    count -= excess;
  }
}

void Pipeline::say_losses() {
  if (losses_.empty()) return;
  waiting_.losses.add(std::exchange(losses_, {}).list());
  losses_said_ = clock_.mono();
}

awaitable<void> Pipeline::run() {
  while (true) {
    co_await event_.wait(settings_.commit_every);
    bound_waiting();
    if (clock_.mono() - losses_said_ >= kSayLossesEvery) say_losses();
    const auto committed = co_await commit_waiting();
    if (committed) continue;
    log::error("buffer", "nothing can be stored now; alarms go on, samples wait in memory",
               {{"reason", committed.error().message}});
    const MonoTime again = clock_.mono() + kAfterFailure;
    while (clock_.mono() < again) co_await event_.wait(again - clock_.mono());
  }
}

awaitable<Result<void>> Pipeline::finish() {
  reporter_.flush(waiting_.samples.back().samples);
  co_return co_await flush();
}

awaitable<Result<void>> Pipeline::flush() {
  auto committed = co_await commit_waiting();
  if (!committed || losses_.empty()) co_return committed;
  say_losses();
  co_return co_await commit_waiting();
}

/// What is on its way to the disk: out of the queues, because more comes in meanwhile, and back in them unless it was
/// stored, in whatever way the commit ends.
class Pipeline::Taken {
 public:
  explicit Taken(Pipeline& pipeline) : pipeline_(pipeline) {
    Group& last = pipeline.waiting_.samples.back();
    Group next{last.hash, last.definition, {}};
    what = std::make_shared<Waiting>(std::exchange(pipeline.waiting_, {}));
    pipeline.waiting_.samples.push_back(std::move(next));
  }
  ~Taken() {
    if (!stored) pipeline_.put_back(std::move(*what));
  }
  Taken(const Taken&) = delete;

  std::shared_ptr<Waiting> what;  // the buffer's thread reads it meanwhile
  bool stored = false;

 private:
  Pipeline& pipeline_;
};

void Pipeline::put_back(Waiting taken) {
  auto& now = waiting_;
  Group& newest = taken.samples.back();  // the oldest group of `now` goes on with it
  newest.samples.insert(newest.samples.end(), now.samples.front().samples.begin(), now.samples.front().samples.end());
  now.samples.pop_front();
  now.samples.insert(now.samples.begin(), std::make_move_iterator(taken.samples.begin()),
                     std::make_move_iterator(taken.samples.end()));
  now.events.insert(now.events.begin(), std::make_move_iterator(taken.events.begin()),
                    std::make_move_iterator(taken.events.end()));
  now.definitions.insert(now.definitions.begin(), taken.definitions.begin(), taken.definitions.end());
  now.losses.add(taken.losses.list());
  now.alerts_changed = now.alerts_changed || taken.alerts_changed;
}

/// Where the disk takes nothing, alarms are stored and sent from memory.
awaitable<bool> Pipeline::took_refuge(Error error) {
  const bool takes_nothing = error.code == Errc::storage_failed || error.code == Errc::storage_full;
  if (!takes_nothing || buffer_.in_refuge()) co_return false;
  const auto taken = co_await buffer_.take_refuge();
  if (!taken && taken.error().code != Errc::unsupported)
    log::error("buffer", "the refuge in memory takes nothing either", {{"reason", taken.error().message}});
  if (taken && on_refuge) on_refuge(error);
  co_return taken.has_value();
}

awaitable<Result<void>> Pipeline::commit_waiting() {
  if (waiting_.empty()) co_return Result<void>{};
  Taken taken(*this);
  const Commit events = events_only(*taken.what);
  const bool samples =
      std::ranges::any_of(taken.what->samples, [](const Group& group) { return !group.samples.empty(); });
  const std::uint64_t revision = scorer_.revision();
  std::function<Commit()> all = [events, waiting = taken.what] {
    Commit commit = events;
    for (const Group& group : waiting->samples) append_records(commit.entries, group.hash, group.samples);
    return commit;
  };
  const Stopwatch watch;
  auto stored = co_await buffer_.commit(all);
  const bool moved = !stored && co_await took_refuge(stored.error());
  if (moved) stored = co_await buffer_.commit(std::move(all));
  bool refused = false;
  const bool no_room =
      !stored && (stored.error().code == Errc::cap_reached || stored.error().code == Errc::storage_full);
  if (no_room && samples) {  // events have a reserve
    stored = co_await buffer_.commit(events);
    refused = stored.has_value();
  }
  if (!stored) {
    metrics_.at(kCommitFailures).add();
    co_return stored;
  }
  metrics_.histogram(kCommitSeconds).observe(watch.seconds());
  taken.stored = true;
  saved_revision_ = moved ? ~revision : revision;  // the new storage may not have it
  if (refused)
    for (const Group& group : taken.what->samples) lose(group, group.samples.size());
  co_return stored;
}

}  // namespace anlan::edge
