#include "collector/notify/notifier.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "collector/notify/notify_metrics.hpp"
#include "common/async/event.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {

namespace asio = boost::asio;

namespace {

constexpr Millis kLongestRest{60'000};  // between two looks at the outbox, in case the wall clock was set
constexpr Millis kAfterDatabaseError{2'000};
constexpr Millis kNever{std::chrono::hours{24 * 365}};

}  // namespace

struct Notifier::Lane {
  Lane(std::unique_ptr<Channel> c, Metrics& metrics)
      : channel(std::move(c)),
        delivered(metrics.at(kDelivered, {channel->name()})),
        failed(metrics.at(kTriesFailed, {channel->name()})),
        refused(metrics.at(kTriesRefused, {channel->name()})),
        given_up(metrics.at(kGivenUp, {channel->name()})) {}

  std::unique_ptr<Channel> channel;
  Metric &delivered, &failed, &refused, &given_up;
  std::optional<Event> event;  // once run() has an executor
  bool failing = true;         // the last try failed, or nothing has been tried since the start
};

Notifier::Notifier(Database& database, Worker& worker, Clock& clock, Metrics& metrics,
                   std::vector<std::unique_ptr<Channel>> channels, RetrySchedule schedule)
    : database_(database), worker_(worker), clock_(clock), schedule_(schedule) {
  for (auto& channel : channels) {
    rules_.push_back({channel->name(), channel->from()});
    lanes_.push_back(std::make_unique<Lane>(std::move(channel), metrics));
  }
}

Notifier::~Notifier() = default;

void Notifier::wake() {
  for (auto& lane : lanes_)
    if (lane->event) lane->event->set();
}

/// `work(Outbox&) -> Result<T>` in one transaction on the database's worker.
template <class F>
asio::awaitable<std::invoke_result_t<F, Outbox&>> Notifier::on_outbox(F work) {
  auto call = [&database = database_, work = std::move(work)]() mutable {
    std::invoke_result_t<F, Outbox&> result = fail(Errc::internal, "not run");
    auto done = database.transaction([&]() -> Result<void> {
      Outbox outbox(database);
      result = work(outbox);
      if (!result) return fail(result.error());
      return {};
    });
    if (!done) result = fail(std::move(done.error()).within("outbox"));
    return result;
  };
  co_return co_await worker_.run(std::move(call));
}

asio::awaitable<void> Notifier::run() {
  const auto executor = co_await asio::this_coro::executor;
  for (auto& lane : lanes_) lane->event.emplace(executor);
  co_await warn_of_orphans();
  if (lanes_.empty()) co_return;
  const auto start = [&](Lane& lane) { return asio::co_spawn(executor, serve(lane), asio::deferred); };
  std::vector<decltype(start(*lanes_.front()))> loops;
  for (auto& lane : lanes_) loops.push_back(start(*lane));
  auto group = asio::experimental::make_parallel_group(std::move(loops));
  const auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

/// An exception is a bug of this channel: it is logged, and this channel alone goes on after a pause.
asio::awaitable<void> Notifier::serve(Lane& lane) {
  for (;;) {
    std::string bug;
    try {
      const bool tried = co_await turn(lane);
      if (!tried) co_await rest(lane);
      continue;
    } catch (const std::exception& e) {
      bug = e.what();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    log::error("notify", "channel failed unexpectedly", {{"channel", lane.channel->name()}, {"error", bug}});
    co_await clock_.sleep_for(kAfterDatabaseError);
  }
}

asio::awaitable<bool> Notifier::turn(Lane& lane) {
  const auto now = clock_.wall();
  auto next = [name = lane.channel->name(), schedule = schedule_,
               now](Outbox& outbox) -> Result<std::optional<Notification>> {
    return outbox.next_due(name, schedule, now);
  };
  auto due = co_await on_outbox(std::move(next));
  if (!due) {
    log::error("notify", "the outbox cannot be read",
               {{"channel", lane.channel->name()}, {"error", due.error().message}});
    co_await clock_.sleep_for(kAfterDatabaseError);
    co_return true;
  }
  if (!*due) co_return false;
  auto result = co_await lane.channel->send(**due);
  co_await settle(lane, std::move(**due), std::move(result));
  co_return true;
}

asio::awaitable<void> Notifier::settle(Lane& lane, Notification notification, Result<void> result) {
  const auto now = clock_.wall();
  const auto& name = lane.channel->name();
  Result<void> stored{};
  if (result) {
    lane.delivered.add();
    if (notification.attempts > 0)
      log::info("notify", "delivered",
                {{"channel", name}, {"key", notification.idempotency_key()}, {"tries", notification.attempts + 1}});
    auto mark = [notification, now, hurry = lane.failing](Outbox& outbox) -> Result<void> {
      outbox.delivered(notification, now);
      if (hurry) outbox.hurry(notification.channel, now);
      return {};
    };
    lane.failing = false;
    stored = co_await on_outbox(std::move(mark));
  } else {
    const bool helps = retryable(result.error().code);
    (helps ? lane.failed : lane.refused).add();
    lane.failing = lane.failing || helps;
    const auto delay =
        schedule_.next(notification.level, notification.attempts + 1, helps, now - notification.queued_at);
    if (!delay) lane.given_up.add();
    log::line(delay && helps ? log::Level::warning : log::Level::error, "notify",
              !delay  ? "given up"
              : helps ? "not delivered, will try again"
                      : "refused by the receiver, will try again slowly",
              {{"channel", name},
               {"key", notification.idempotency_key()},
               {"tries", notification.attempts + 1},
               {"error", result.error().message}});
    const auto next = delay ? std::optional(now + *delay) : std::nullopt;
    auto mark = [notification, error = result.error(), next, now](Outbox& outbox) -> Result<void> {
      outbox.failed(notification, error, next, now);
      return {};
    };
    stored = co_await on_outbox(std::move(mark));
  }
  if (stored) co_return;
  // Not marked: it will be sent again with the same key. Not at once, or a full disk would ring without pause.
  log::error("notify", "the outbox cannot be written", {{"channel", name}, {"error", stored.error().message}});
  co_await clock_.sleep_for(kAfterDatabaseError);
}

asio::awaitable<void> Notifier::rest(Lane& lane) {
  using namespace asio::experimental::awaitable_operators;
  auto ask = [name = lane.channel->name()](Outbox& outbox) -> Result<std::optional<WallTime>> {
    return outbox.next_time(name);
  };
  auto next = co_await on_outbox(std::move(ask));
  auto pause = kLongestRest;
  if (!next) pause = kAfterDatabaseError;
  if (next && *next) pause = std::clamp(Millis{**next - clock_.wall()}, Millis{1}, kLongestRest);
  co_await (lane.event->wait(kNever) || clock_.sleep_for(pause));
}

asio::awaitable<void> Notifier::warn_of_orphans() {
  auto ask = [](Outbox& outbox) -> Result<std::vector<Outbox::Depth>> { return outbox.depths(); };
  const auto depths = co_await on_outbox(std::move(ask));
  if (!depths) co_return;  // the lanes will say so
  for (const auto& depth : *depths) {
    const bool known = std::ranges::any_of(rules_, [&](const auto& rule) { return rule.name == depth.channel; });
    if (!known)
      log::error("notify",
                 "notifications wait for a channel that is no longer configured: give a channel this name again",
                 {{"channel", depth.channel}, {"waiting", depth.waiting}});
  }
}

}  // namespace anlan::collector
