// Runs a coroutine to its end on the calling thread, for at most `deadline` of real time: a test never hangs.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/time.hpp"

namespace anlan::test {

/// Runs `io` until `done()` holds; false where `deadline` passes or nothing is left to run.
template <class F>
bool run_until(boost::asio::io_context& io, F done, Millis deadline = Millis{20'000}) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  auto work = boost::asio::make_work_guard(io);
  io.restart();
  while (!done())
    if (io.run_one_until(until) == 0) return done();
  return true;
}

/// The coroutine's result; its exception is thrown on. Throws std::runtime_error after `deadline`.
template <class T>
T run_coro(boost::asio::io_context& io, boost::asio::awaitable<T> coroutine, Millis deadline = Millis{20'000}) {
  struct State {
    bool done = false;
    std::exception_ptr failed;
    std::optional<std::conditional_t<std::is_void_v<T>, char, T>> value;
  };
  const auto state = std::make_shared<State>();
  if constexpr (std::is_void_v<T>)
    boost::asio::co_spawn(io, std::move(coroutine), [state](std::exception_ptr e) {
      state->failed = e;
      state->done = true;
    });
  else
    boost::asio::co_spawn(io, std::move(coroutine), [state](std::exception_ptr e, T value) {
      state->failed = e;
      if (!e) state->value.emplace(std::move(value));
      state->done = true;
    });
  if (!run_until(io, [&] { return state->done; }, deadline)) throw std::runtime_error("the coroutine does not end");
  if (state->failed) std::rethrow_exception(state->failed);
  if constexpr (!std::is_void_v<T>) return std::move(*state->value);
}

/// For what runs on this loop alone: a Worker that it awaited may still hold on to the loop when this returns.
template <class T>
T run_coro(boost::asio::awaitable<T> coroutine, Millis deadline = Millis{20'000}) {
  boost::asio::io_context io;
  return run_coro(io, std::move(coroutine), deadline);
}

}  // namespace anlan::test
