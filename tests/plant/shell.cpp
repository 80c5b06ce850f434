#include "tests/plant/shell.hpp"

#include <exception>
#include <iostream>
#include <syncstream>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <unistd.h>

namespace anlan::plant {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::chrono::seconds longest_farewell{3};

using Client = asio::basic_stream_socket<asio::generic::stream_protocol, asio::any_io_executor>;

/// Standard input is read here and answered on standard output; a client is answered where it asks.
asio::awaitable<void> answer(asio::posix::stream_descriptor&, std::string reply) {
  std::osyncstream(std::cout) << reply << std::flush;
  co_return;
}

asio::awaitable<void> answer(Client& client, std::string reply) {
  boost::system::error_code ignored;  // a client that has gone away is noticed at the next read
  co_await asio::async_write(client, asio::buffer(reply), asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace

void say(const std::string& line) { std::osyncstream(std::cout) << line << '\n' << std::flush; }

Result<void> Shell::open_control(const std::string& socket) {
  if (socket.empty()) return {};
  auto listener = Listener::open(loop_.get_executor(), "unix://" + socket);
  if (!listener) return fail(std::move(listener.error()).within("control socket"));
  control_.emplace(std::move(*listener));
  return {};
}

void Shell::spawn(asio::awaitable<void> work) {
  if (stopping_) return;
  const auto signal = running_.emplace(running_.end());
  const auto ended = [this, signal](const std::exception_ptr& failure) {
    running_.erase(signal);
    if (failure && !stopping_) std::rethrow_exception(failure);
  };
  asio::co_spawn(loop_, std::move(work), asio::bind_cancellation_slot(signal->slot(), ended));
}

void Shell::stop() {
  asio::post(loop_, [this] { cancel_all(); });  // after the reply to who asked for it
}

void Shell::cancel_all() {
  if (std::exchange(stopping_, true)) return;
  signals_.cancel();
  for (auto next = running_.begin(); next != running_.end();)  // an emit may end the coroutine and erase its signal
    (next++)->emit(asio::cancellation_type::terminal);
}

void Shell::run(Perform perform) {
  perform_ = std::move(perform);
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) stop();
  });
  spawn(serve_standard_input());
  if (control_) spawn(serve_clients());
  while (!stopping_) loop_.run_one();
  loop_.run_for(longest_farewell);
}

std::string Shell::reply_to(std::string_view line) {
  if (line.empty() || line.front() == '#') return {};
  const auto done = perform_(line);
  return done ? *done + "ok\n" : "error: " + done.error().message + "\n";
}

template <class Stream>
asio::awaitable<void> Shell::serve(Stream in) {
  std::string buffer;
  while (true) {
    const auto [error, size] = co_await asio::async_read_until(in, asio::dynamic_buffer(buffer, longest_line), '\n',
                                                               asio::as_tuple(asio::use_awaitable));
    if (error) co_return;  // the end, or a line that is too long
    const std::string line = buffer.substr(0, size - 1);
    buffer.erase(0, size);
    co_await answer(in, reply_to(line));
  }
}

asio::awaitable<void> Shell::serve_standard_input() {
  const int fd = ::dup(STDIN_FILENO);
  if (fd < 0) co_return;  // started without standard input
  co_await serve(asio::posix::stream_descriptor(loop_, fd));
}

asio::awaitable<void> Shell::serve_clients() {
  while (true) {
    Client client = co_await control_->acceptor().async_accept(asio::use_awaitable);
    spawn(serve(std::move(client)));
  }
}

}  // namespace anlan::plant
