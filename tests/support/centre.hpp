// For tests: a whole centre behind a broker that the test plays. Real are the stores in a directory, both lanes of
// ingest and the chain ingest → alert → hazard → outbox; only the clock and the line are the test's. A Centre is one
// process: its destruction is a kill.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "collector/app/pipeline.hpp"
#include "collector/app/stores.hpp"
#include "collector/ingest/ingest.hpp"
#include "tests/support/fake_mqtt.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::test {

class Centre {
 public:
  using Sent = std::function<void(const collector::Origin& to, const Message& message)>;

  /// `sent`: is told of every message as it is handed to MQTT. Errors: those of open_stores.
  static Result<std::unique_ptr<Centre>> start(const std::string& directory, ManualClock& clock, Sent sent);
  ~Centre();

  const StoreRef& store() const { return identity_.ref; }

  /// What an edge publishes.
  void say(const collector::Origin& from, const Message& message);

  /// Runs until `done()`; false where that cannot be: a lane waits after a failure of its database.
  bool until(const std::function<bool()>& done);

  /// `f(Database&, Pipeline&) -> Result<T>` in one transaction of records.db: what people and the notifier do.
  template <class F>
  auto act(F f) {
    return run_coro(io_,
                    records_->transact([this, f = std::move(f)](Database& db) mutable { return f(db, pipeline_); }));
  }
  /// `f(TelemetryStore&)` on the writing thread.
  template <class F>
  auto write(F f) {
    return run_coro(io_, telemetry_.write(std::move(f)));
  }
  template <class F>
  auto read(F f) {
    return run_coro(io_, telemetry_.read(std::move(f)));
  }

 private:
  Centre(collector::Stores stores, ManualClock& clock, Sent sent);

  ManualClock& clock_;
  Metrics metrics_;
  FakeMqtt broker_;
  collector::StoreIdentity identity_;
  boost::asio::io_context io_;  // the workers post to it until they are joined
  std::unique_ptr<collector::Records> records_;
  collector::AsyncTelemetry telemetry_;
  collector::Pipeline pipeline_;
  std::unique_ptr<collector::Ingest> ingest_;
};

}  // namespace anlan::test
