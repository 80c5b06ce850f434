#include "common/io/http_server.hpp"

#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/event.hpp"
#include "common/base/log.hpp"
#include "common/io/http_session.hpp"
#include "common/io/listener.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Session = std::shared_ptr<HttpSession>;

constexpr std::string_view kPart = "http";
constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

auto into(error_code& code) { return asio::redirect_error(asio::use_awaitable, code); }

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(const asio::any_io_executor& e, Listener l, std::shared_ptr<HttpShared> s)
      : executor(e), listener(std::move(l)), shared(std::move(s)), ended(e) {}

  asio::any_io_executor executor;
  Listener listener;
  std::shared_ptr<HttpShared> shared;
  asio::cancellation_signal stop_accepting;
  Event ended;  // a connection or the accepting has ended
  std::list<Session> sessions;
  bool accepting = false;

  void start();
  void close();
  void abort_all();
  bool make_room();
  void adopt(HttpSession::Stream::socket_type socket);
  asio::awaitable<void> accept_all();
  asio::awaitable<void> all_ended(Millis most);
};

void HttpServer::State::start() {
  accepting = true;
  const auto self = shared_from_this();
  asio::co_spawn(
      executor, [self] { return self->accept_all(); },
      asio::bind_cancellation_slot(stop_accepting.slot(), [self](const std::exception_ptr&) {
        self->accepting = false;
        self->ended.set();
      }));
}

/// No new connections; those that wait for their client, and streams, end.
void HttpServer::State::close() {
  shared->stopping = true;
  listener.close();
  stop_accepting.emit(asio::cancellation_type::terminal);
  for (const Session& session : sessions)
    if (!session->serving()) session->close();
}

void HttpServer::State::abort_all() {
  for (const Session& session : std::list(sessions)) session->abort();
}

asio::awaitable<void> HttpServer::State::accept_all() {
  bool complained = false;
  while (!shared->stopping) {
    error_code failed;
    auto socket = co_await listener.acceptor().async_accept(executor, into(failed));
    if (shared->stopping) break;
    if (!failed) {
      complained = false;
      adopt(std::move(socket));
      continue;
    }
    if (!complained)
      log::warning(kPart, "cannot accept connections, trying on", {{"url", shared->url}, {"why", failed.message()}});
    complained = true;  // out of file descriptors, mostly: give others time to close some
    asio::steady_timer pause(executor, Millis{100});
    co_await pause.async_wait(into(failed));
  }
}

/// False where every connection is being served.
bool HttpServer::State::make_room() {
  if (sessions.size() < shared->options.connections) return true;
  Session longest;
  for (const Session& session : sessions)
    if (session->waiting() && (!longest || session->since() < longest->since())) longest = session;
  if (!longest) return false;
  longest->close();
  return true;
}

void HttpServer::State::adopt(HttpSession::Stream::socket_type socket) {
  // A closed one leaves the list when its coroutine ends: a burst may stand above the limit for a moment.
  if (!make_room() || sessions.size() >= 2 * shared->options.connections) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.send(asio::buffer(kBusy), 0, ignored);
    return;
  }
  const auto session = std::make_shared<HttpSession>(std::move(socket), shared);
  const auto place = sessions.insert(sessions.end(), session);
  asio::co_spawn(
      executor, [session] { return session->run(); },
      asio::bind_cancellation_slot(session->slot(), [self = shared_from_this(), place](std::exception_ptr bug) {
        if (bug) log::error(kPart, "a connection met a fault in the program", {{"url", self->shared->url}});
        (*place)->close();
        self->sessions.erase(place);
        self->ended.set();
      }));
}

/// Waits until every connection has ended, at most `most`.
asio::awaitable<void> HttpServer::State::all_ended(Millis most) {
  const auto self = shared_from_this();
  const auto passed = std::make_shared<bool>(false);
  asio::steady_timer deadline(executor, most);
  deadline.async_wait([self, passed](const error_code& cancelled) {
    *passed = !cancelled;
    self->ended.set();
  });
  while ((accepting || !sessions.empty()) && !*passed) co_await ended.wait(most);
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const asio::any_io_executor& executor, HttpServerOptions options,
                                                      Handler handler) {
  auto listener = Listener::open(executor, options.listen);
  if (!listener) return fail(listener.error());
  auto shared = std::make_shared<HttpShared>();
  shared->options = std::move(options);
  shared->handler = std::move(handler);
  shared->url = listener->url();
  const auto state = std::make_shared<State>(executor, std::move(*listener), std::move(shared));
  state->start();
  return std::unique_ptr<HttpServer>(new HttpServer(state));
}

HttpServer::~HttpServer() {
  state_->close();
  state_->abort_all();
}

const std::string& HttpServer::url() const { return state_->listener.url(); }
unsigned short HttpServer::port() const { return state_->listener.port(); }
std::size_t HttpServer::connections() const { return state_->sessions.size(); }

asio::awaitable<void> HttpServer::stop(Millis grace) {
  const auto state = state_;
  state->close();
  co_await state->all_ended(grace);
  state->abort_all();
  co_await state->all_ended(grace);
  if (!state->sessions.empty())
    log::warning(kPart, "stopped with handlers under way",
                 {{"url", state->shared->url}, {"n", state->sessions.size()}});
}

}  // namespace anlan
