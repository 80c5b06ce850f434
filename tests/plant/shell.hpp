// What every run of the plant has: one loop, an end by SIGTERM, SIGINT or `quit`, commands from standard input and from
// a Unix socket, lines on standard output.
#pragma once

#include <csignal>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/async/clock.hpp"
#include "common/io/listener.hpp"

namespace anlan::plant {

/// One line on standard output, at once. Any thread.
void say(const std::string& line);

class Shell {
 public:
  /// Does what a line says; returns what there is to show (whole lines, may be empty) or why not. Runs on the loop.
  using Perform = std::function<Result<std::string>(std::string_view line)>;

  /// `socket`: path of the control socket; empty: none. Errors: those of Listener::open.
  Result<void> open_control(const std::string& socket);

  /// Spawns a coroutine on the loop; stop() cancels it. Any other exception out of it ends the run with that exception.
  void spawn(boost::asio::awaitable<void> work);

  /// Until stop() or a signal, then until every coroutine has ended, at most a few seconds. Each line is answered by
  /// what `perform` returns and then "ok", or by "error: …".
  void run(Perform perform);

  /// Ends the run soon; idempotent.
  void stop();

  boost::asio::io_context& loop() { return loop_; }
  SystemClock& clock() { return clock_; }

 private:
  void cancel_all();
  boost::asio::awaitable<void> serve_standard_input();
  boost::asio::awaitable<void> serve_clients();
  template <class Stream>
  boost::asio::awaitable<void> serve(Stream in);
  std::string reply_to(std::string_view line);

  SystemClock clock_;
  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_{loop_, SIGTERM, SIGINT};
  std::optional<Listener> control_;
  std::list<boost::asio::cancellation_signal> running_;  // one of each coroutine
  bool stopping_ = false;
  Perform perform_;
};

}  // namespace anlan::plant
