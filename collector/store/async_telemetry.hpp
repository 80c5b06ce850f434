// A telemetry store awaited from the loop: one worker thread writes, another reads, so that a chart never waits behind
// a commit.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "collector/store/telemetry_store.hpp"
#include "common/async/worker.hpp"

namespace anlan::collector {

/// Called on the loop. The destructor waits for calls under way; await none after it.
class AsyncTelemetry {
 public:
  explicit AsyncTelemetry(std::unique_ptr<TelemetryStore> store) : store_(std::move(store)) {}

  /// `f(TelemetryStore&)` on the writing thread, for the writing methods, in the order awaited.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, TelemetryStore&>> write(F f) {
    auto call = [this, f = std::move(f)]() mutable { return f(*store_); };
    co_return co_await write_worker_.run(std::move(call));
  }

  /// `f(TelemetryStore&)` on the reading thread, for the reading methods.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, TelemetryStore&>> read(F f) {
    auto call = [this, f = std::move(f)]() mutable { return f(*store_); };
    co_return co_await read_worker_.run(std::move(call));
  }

 private:
  std::unique_ptr<TelemetryStore> store_;
  Worker write_worker_, read_worker_;  // after the store: joined before it closes
};

}  // namespace anlan::collector
