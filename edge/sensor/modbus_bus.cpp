// The connection's life: the loop resolves and connects (bounded, cancellable), the worker sends and
// receives, any doubt closes it. Requests wait for their turn in a queue of one.
#include "edge/sensor/modbus_bus.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/io/resolve.hpp"
#include "edge/sensor/modbus_frame.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;

std::unexpected<BusError> bus_error(Kind kind, std::string message) {
  return std::unexpected(BusError{kind, 0, std::move(message)});
}

/// One connected socket. Only the worker calls into it, but cut().
class Link {
 public:
  /// Takes `socket` over.
  explicit Link(int socket) : socket_(socket) {}
  ~Link() { ::close(socket_); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  BusResult<Bytes> exchange(int unit, const Bytes& request, Millis timeout);

  /// From any thread: whatever is under way ends now.
  void cut() { ::shutdown(socket_, SHUT_RDWR); }

 private:
  BusResult<Bytes> receive(Millis timeout);

  int socket_;
  std::uint16_t transaction_ = 0;
};

BusResult<Bytes> Link::exchange(int unit, const Bytes& request, Millis timeout) {
  const Bytes sent = frame(++transaction_, unit, request);
  if (::send(socket_, sent.data(), sent.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(sent.size()))
    return bus_error(Kind::no_connection, std::string("connection lost: ") + std::strerror(errno));
  const auto received = receive(timeout);
  if (!received) return received;
  const auto pdu = unframe(*received, transaction_, unit);
  if (!pdu) return std::unexpected(pdu.error());
  return Bytes(pdu->begin(), pdu->end());
}

/// One frame, whose length its header says: libmodbus 3.1.6 goes by the function instead and misreads those it does not
/// know.
BusResult<Bytes> Link::receive(Millis timeout) {
  const SystemClock clock;
  const MonoTime end = clock.mono() + timeout;
  Bytes bytes(kMaxFrame);
  std::size_t have = 0;
  for (;;) {
    const auto size = frame_size(ByteView(bytes).first(have));
    if (!size) return std::unexpected(size.error());
    if (*size > 0 && have >= *size) {
      bytes.resize(have);
      return bytes;
    }
    pollfd ready{socket_, POLLIN, 0};
    const auto left = static_cast<int>(std::max<Millis::rep>(0, (end - clock.mono()).count()));
    if (::poll(&ready, 1, left) == 0) return bus_error(Kind::no_answer, "no answer in " + to_words(timeout));
    const ssize_t got = ::recv(socket_, bytes.data() + have, bytes.size() - have, 0);
    if (got <= 0) return bus_error(Kind::no_connection, "the device hung up");
    have += static_cast<std::size_t>(got);
  }
}

class ModbusBus final : public Bus {
 public:
  ModbusBus(asio::any_io_executor executor, std::string host, std::uint16_t port)
      : state_(std::make_shared<State>(std::move(executor), std::move(host), port)) {}
  ~ModbusBus() override {
    state_->closed = true;
    if (state_->connecting != nullptr) state_->connecting->cancel();
    if (state_->link) state_->link->cut();
    for (Event* waiting : state_->queue) waiting->set();
    state_->worker.join();
  }

  asio::awaitable<BusResult<Words>> read(ReadRequest request) override { return run<Words>(state_, request); }
  asio::awaitable<BusResult<void>> write(WriteRequest request) override {
    return run<void>(state_, std::move(request));
  }
  asio::awaitable<BusResult<Identification>> identify(IdentifyRequest request) override {
    return identify(state_, request);
  }

 private:
  /// Outlives the bus while a coroutine waits in it.
  struct State {
    State(asio::any_io_executor e, std::string h, std::uint16_t p)
        : executor(std::move(e)), host(std::move(h)), port(p) {}
    std::string where(int unit) const {
      return host + ":" + std::to_string(port) + " unit " + std::to_string(unit) + ": ";
    }

    const asio::any_io_executor executor;
    const std::string host;
    const std::uint16_t port;
    bool closed = false, busy = false;
    std::deque<Event*> queue;  // who waits for its turn
    asio::ip::tcp::socket* connecting = nullptr;
    std::shared_ptr<Link> link;
    Worker worker;
  };
  using StatePtr = std::shared_ptr<State>;

  /// Holds the bus; hands it to the next in the queue at its end.
  struct Turn {
    explicit Turn(StatePtr s) : state(std::move(s)) {}
    ~Turn() {
      if (state->queue.empty()) {
        state->busy = false;
      } else {
        state->queue.front()->set();
        state->queue.pop_front();
      }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    StatePtr state;
  };

  static asio::awaitable<void> wait_for_turn(StatePtr state);
  static asio::awaitable<BusResult<void>> open(StatePtr state, Millis timeout);
  static asio::awaitable<BusResult<void>> connect(StatePtr state, asio::ip::address address, Millis timeout);
  static asio::awaitable<BusResult<Bytes>> ask(StatePtr state, int unit, Bytes request, Millis timeout);

  template <class T, class Request>
  static asio::awaitable<BusResult<T>> run(StatePtr state, Request request);
  static asio::awaitable<BusResult<Identification>> identify(StatePtr state, IdentifyRequest request);

  StatePtr state_;
};

asio::awaitable<void> ModbusBus::wait_for_turn(StatePtr state) {
  if (!std::exchange(state->busy, true)) co_return;
  Event turn(state->executor);
  state->queue.push_back(&turn);
  struct Leave {
    StatePtr state;
    Event* turn;
    bool served = false;
    ~Leave() {
      const bool waits = std::erase(state->queue, turn) > 0;
      if (!waits && !served) const Turn unused(state);  // cancelled just when its turn came
    }
  } leave{state, &turn};
  while (!co_await turn.wait(Millis{3600'000})) {
  }
  leave.served = true;
}

template <class T, class Request>
asio::awaitable<BusResult<T>> ModbusBus::run(StatePtr state, Request request) {
  if (const auto valid = validate(request); !valid) co_return std::unexpected(valid.error());
  if (!state->closed) co_await wait_for_turn(state);
  const Turn turn(state);
  const auto answer = co_await ask(state, request.unit, encode(request), request.timeout);
  if (!answer) co_return std::unexpected(answer.error());
  auto result = decode(request, *answer);
  if (!result) result.error().message.insert(0, state->where(request.unit));
  co_return result;
}

asio::awaitable<BusResult<Identification>> ModbusBus::identify(StatePtr state, IdentifyRequest request) {
  if (const auto valid = validate(request); !valid) co_return std::unexpected(valid.error());
  if (!state->closed) co_await wait_for_turn(state);
  const Turn turn(state);
  Identification found;
  std::uint8_t first = request.read == IdentifyRequest::Read::object ? request.object : std::uint8_t{0};
  for (;;) {
    const auto answer = co_await ask(state, request.unit, encode(request, first), request.timeout);
    if (!answer) co_return std::unexpected(answer.error());
    auto next = decode(request, first, *answer, found);
    if (!next) {
      next.error().message.insert(0, state->where(request.unit));
      co_return std::unexpected(next.error());
    }
    if (!*next) co_return found;
    first = **next;
  }
}

/// A connection that was open before may have been closed by the device while nothing was asked (a restart, an idle
/// limit), so one failure of such a connection is tried again on a new one. All requests may be sent twice.
asio::awaitable<BusResult<Bytes>> ModbusBus::ask(StatePtr state, int unit, Bytes request, Millis timeout) {
  const auto at = [&](BusError error) {
    error.message.insert(0, state->where(unit));
    return std::unexpected(std::move(error));
  };
  for (;;) {
    if (state->closed) co_return at({Kind::closed, 0, "stopped"});
    const bool reused = state->link != nullptr;
    if (!reused) {
      const auto opened = co_await open(state, timeout);
      if (!opened) co_return at(opened.error());
    }
    const auto link = state->link;
    auto answer =
        co_await state->worker.run([link, unit, request, timeout] { return link->exchange(unit, request, timeout); });
    if (state->closed) co_return at({Kind::closed, 0, "stopped"});
    if (answer) co_return answer;
    state->link.reset();
    if (!reused || answer.error().kind != Kind::no_connection) co_return at(answer.error());
  }
}

asio::awaitable<BusResult<void>> ModbusBus::open(StatePtr state, Millis timeout) {
  const auto found = co_await resolve(state->host, timeout);
  if (!found) co_return bus_error(Kind::no_connection, found.error().message);
  BusResult<void> result;
  for (const asio::ip::address& address : *found) {
    if (state->closed) co_return bus_error(Kind::closed, "stopped");
    result = co_await connect(state, address, timeout);
    if (result) break;
  }
  co_return result;
}

asio::awaitable<BusResult<void>> ModbusBus::connect(StatePtr state, asio::ip::address address, Millis timeout) {
  struct Attempt {
    asio::ip::tcp::socket* socket;
    bool late = false;
  };
  asio::ip::tcp::socket socket(state->executor);
  const auto attempt = std::make_shared<Attempt>(&socket);
  asio::steady_timer timer(state->executor, timeout);
  timer.async_wait([attempt](boost::system::error_code cancelled) {
    if (cancelled || attempt->socket == nullptr) return;
    attempt->late = true;
    attempt->socket->cancel();
  });
  state->connecting = &socket;
  struct Forget {
    State& state;
    Attempt& attempt;
    ~Forget() {
      state.connecting = nullptr;
      attempt.socket = nullptr;
    }
  } const forget{*state, *attempt};

  boost::system::error_code error;
  co_await socket.async_connect({address, state->port}, asio::redirect_error(asio::use_awaitable, error));
  if (state->closed) co_return bus_error(Kind::closed, "stopped");
  if (attempt->late) co_return bus_error(Kind::no_connection, "accepts no connection in " + to_words(timeout));
  if (error) co_return bus_error(Kind::no_connection, "cannot connect: " + error.message());
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  socket.native_non_blocking(false, error);
  const int descriptor = socket.release(error);
  if (error) co_return bus_error(Kind::no_connection, "cannot connect: " + error.message());
  state->link = std::make_shared<Link>(descriptor);
  co_return BusResult<void>{};
}

}  // namespace

BusFactory modbus_factory(asio::any_io_executor executor, Metrics&, std::uint64_t) {
  return [executor = std::move(executor)](const Endpoint& endpoint) -> std::unique_ptr<Bus> {
    return std::make_unique<ModbusBus>(executor, endpoint.host, endpoint.port);
  };
}

}  // namespace anlan::edge
