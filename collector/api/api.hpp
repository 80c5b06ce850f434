// The collector's HTTP API: /api/v1, health and metrics. docs/openapi.json says what each call takes and gives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "collector/api/authorise.hpp"
#include "collector/api/commands.hpp"
#include "collector/api/route.hpp"
#include "collector/store/async_telemetry.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"
#include "common/io/http.hpp"

namespace anlan::collector {

/// Migration steps of this stage's tables, for Records::open.
const std::vector<std::string>& api_schema();

/// One thing that must be well before the collector counts as ready.
struct ReadyCheck {
  std::string name;  // stable: "broker", …
  bool good = false;
  std::string detail;  // for people
};

/// What the API stands on. All must outlive it.
struct ApiParts {
  Records& records;
  AsyncTelemetry& telemetry;
  Commands& commands;
  Gate& gate;
  Access access;
  Clock& clock;
  Metrics& metrics;
  std::string version;
  std::function<std::vector<ReadyCheck>()> checks;  // on the loop, at once; the records' own check is added
};

/// Every method on one strand.
class Api {
 public:
  Api(const boost::asio::any_io_executor& executor, ApiParts parts);
  ~Api();

  /// The HTTP server's handler. Stop the server before this is destroyed.
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request);

  /// Feeds the event streams until it is cancelled. The caller waits for it.
  boost::asio::awaitable<void> run();

  /// Something was committed to the records (call it after each commit, on the loop).
  void changed();

  /// Every route there is with its action, for the check against the document.
  static std::vector<RoutePattern> routes();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anlan::collector
