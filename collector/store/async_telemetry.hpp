// A telemetry store awaited from the loop: one worker thread writes, one tidies up, one reads, so that a chart never
// waits behind a commit, nor a commit behind the filing of what came before.
#pragma once

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "collector/store/telemetry_store.hpp"
#include "common/async/worker.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {

/// Called on the loop. The destructor waits for calls under way; await none after it.
class AsyncTelemetry {
 public:
  explicit AsyncTelemetry(std::unique_ptr<TelemetryStore> store) : store_(std::move(store)) {}

  /// `f(TelemetryStore&)` on the writing thread, for the writing methods, in the order awaited.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, TelemetryStore&>> write(F f) {
    auto call = [this, f = std::move(f)]() mutable { return f(*store_); };
    auto done = co_await write_worker_.run(std::move(call));
    tidy_where_due();
    co_return done;
  }

  /// `f(TelemetryStore&)` on the tidying thread, for the tidying methods.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, TelemetryStore&>> tidy(F f) {
    auto call = [this, f = std::move(f)]() mutable { return f(*store_); };
    co_return co_await tidy_worker_.run(std::move(call));
  }

  /// `f(TelemetryStore&)` on the reading thread, for the reading methods.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, TelemetryStore&>> read(F f) {
    auto call = [this, f = std::move(f)]() mutable { return f(*store_); };
    co_return co_await read_worker_.run(std::move(call));
  }

 private:
  /// One at a time; what fails is tried again after a later write, and said there.
  void tidy_where_due() {
    if (!store_->untidy() || tidying_.exchange(true)) return;
    tidy_worker_.post([this] {
      if (const auto done = store_->compact(); !done)
        log::error("store", "telemetry cannot be compacted; nothing is lost, it is tried again",
                   {{"reason", done.error().message}});
      tidying_ = false;
    });
  }

  std::unique_ptr<TelemetryStore> store_;
  std::atomic<bool> tidying_ = false;
  Worker write_worker_, tidy_worker_, read_worker_;  // after the store: joined before it closes
};

}  // namespace anlan::collector
