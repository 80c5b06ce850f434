// Builds the collector's parts, joins them, and ends them in reverse order.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "collector/app/config.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

class Daemon {
 public:
  /// Opens the databases, listens, and is ready to run. Errors: those of the databases, a port in use, an unreadable
  /// secret.
  static Result<std::unique_ptr<Daemon>> open(boost::asio::io_context& loop, Config config);
  ~Daemon();

  /// Serves until SIGTERM or SIGINT, then ends within 2 seconds; what was not committed comes again from the edges.
  /// SIGHUP reads the configuration again. Returns the exit code.
  boost::asio::awaitable<int> run();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace anlan::collector
