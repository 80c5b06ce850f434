// Delivers the outbox: one coroutine per channel, so that a dead one delays only itself. Runs on the loop; the database
// is touched on its worker only.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "collector/notify/channel.hpp"
#include "collector/notify/outbox.hpp"
#include "collector/notify/retry.hpp"
#include "common/async/clock.hpp"
#include "common/async/worker.hpp"
#include "common/base/metrics.hpp"

namespace anlan::collector {

class Notifier {
 public:
  /// `database` lives on `worker`. All must outlive run().
  Notifier(Database& database, Worker& worker, Clock& clock, Metrics& metrics,
           std::vector<std::unique_ptr<Channel>> channels, RetrySchedule schedule = {});
  ~Notifier();

  /// For enqueue().
  const std::vector<ChannelRule>& rules() const { return rules_; }

  /// Until cancelled. The caller owns the coroutine and cancels it (cancellation_signal) to stop; a delivery under way
  /// is abandoned and made again after the next start, with the same key.
  boost::asio::awaitable<void> run();

  /// Something was queued (call it after the commit, on the loop).
  void wake();

 private:
  struct Lane;
  boost::asio::awaitable<void> serve(Lane& lane);
  /// One turn: true where a delivery was tried.
  boost::asio::awaitable<bool> turn(Lane& lane);
  boost::asio::awaitable<void> settle(Lane& lane, Notification notification, Result<void> result);
  boost::asio::awaitable<void> rest(Lane& lane);
  boost::asio::awaitable<void> warn_of_orphans();
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F, Outbox&>> on_outbox(F work);

  Database& database_;
  Worker& worker_;
  Clock& clock_;
  RetrySchedule schedule_;
  std::vector<ChannelRule> rules_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace anlan::collector
