#include "collector/store/victoria/mover.hpp"

#include "collector/store/victoria/transfer.hpp"
#include "common/base/log.hpp"
#include "common/io/random.hpp"

namespace anlan::collector::victoria {
namespace {

constexpr std::uint64_t kGroupSamples = 200'000;  // what is in memory at once, about 200 bytes each
constexpr Millis kFirstRetry{1'000}, kLastRetry{60'000};

}  // namespace

Mover::Mover(SQLite::Database db, Engine& engine, JournalMeter& meter, Millis every)
    : engine_(engine),
      meter_(meter),
      every_(every),
      backoff_(kFirstRetry, kLastRetry, random64()),
      departures_(std::move(db), meter),
      label_(departures_.label()),
      mark_(departures_.mark()) {
  if (every_ > Millis{0}) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Mover::~Mover() {
  thread_.request_stop();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  engine_.cancel();
}

void Mover::wake() {
  if (meter_.waiting_samples >= kGroupSamples) changed_.notify_all();
}

bool Mover::pause(Millis time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void Mover::run(const std::stop_token& stop) {
  Millis wait = every_;
  bool working = true;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, wait, [&] { return working && meter_.waiting_samples >= kGroupSamples; });
    }
    if (stop.stop_requested()) return;
    const Result<void> known = check_engine(engine_);
    const Result<void> moved = known ? move_all() : known;
    if (stop.stop_requested()) return;
    say(moved);
    working = moved.has_value();
    wait = working ? every_ : backoff_.next();
    if (working) backoff_.reset();
  }
}

void Mover::say(const Result<void>& moved) {
  const std::scoped_lock lock(mutex_);
  if (moved) {
    if (std::exchange(failing_, false)) log::info("store", "the telemetry engine takes what the journal holds again");
    trouble_.clear();
    return;
  }
  failing_ = true;
  trouble_ = moved.error().message;
  if (const auto left_out = quiet_.pass("engine", clock_.mono()))
    log::error("store", "telemetry stays in the journal until the engine takes it",
               {{"reason", moved.error().message},
                {"waiting_samples", meter_.waiting_samples.load()},
                {"waiting_bytes", meter_.waiting_bytes.load()}});
}

std::optional<std::string> Mover::trouble() const {
  const std::scoped_lock lock(mutex_);
  if (trouble_.empty()) return std::nullopt;
  return trouble_;
}

Result<void> Mover::check_engine(const Engine& engine) {
  Mark mark;
  {
    const std::scoped_lock lock(mutex_);
    if (engine_known_ || mark_.number == 0) return {};
    mark = mark_;
  }
  const auto held = holds(engine, label_, mark);
  if (!held) return fail(held.error());
  if (!*held)
    return fail(Errc::storage_corrupt,
                "the telemetry engine does not hold what it held before: it is another one, was lost, or was restored "
                "(docs/operations.md, \"Telemetry in VictoriaMetrics\")");
  const std::scoped_lock lock(mutex_);
  engine_known_ = true;
  return {};
}

Result<void> Mover::move_all() {
  while (true) {
    auto moved = move_group();
    if (!moved) {
      const std::scoped_lock lock(mutex_);
      engine_known_ = false;
      return fail(std::move(moved.error()));
    }
    if (!*moved) return {};
  }
}

/// False where nothing waits.
Result<bool> Mover::move_group() try {
  const std::scoped_lock one(one_at_a_time_);
  const auto group = departures_.next(kGroupSamples);
  if (!group) return fail(group.error());
  if (!*group) return false;
  if (auto known = check_engine(engine_); !known) return fail(std::move(known.error()));
  const Mark mark{departures_.mark().number + 1, to_ms(clock_.wall())};
  const auto kept = transfer(engine_, **group, mark, label_, [this](Millis time) { return pause(time); });
  if (!kept) return fail(kept.error());
  if (!kept->empty())
    log::warning("store", "samples that the telemetry engine does not give back stay in the journal",
                 {{"samples", kept->size()}, {"of", (*group)->samples.size()}});
  const std::scoped_lock out(moving_out_);
  departures_.release(**group, *kept, mark);
  const std::scoped_lock lock(mutex_);
  mark_ = mark;
  engine_known_ = true;
  return true;
} catch (const SQLite::Exception& e) {
  return fail(to_error(e, "moving telemetry to its engine"));
}

}  // namespace anlan::collector::victoria
