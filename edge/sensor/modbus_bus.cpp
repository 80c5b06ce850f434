// The connection's life: the loop resolves and connects (bounded, cancellable), the worker lets libmodbus receive, any
// doubt closes it. Requests wait for their turn in a queue of one.
#include "edge/sensor/modbus_bus.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <modbus/modbus.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/io/resolve.hpp"
#include "edge/sensor/modbus_frame.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;
using Answer = std::vector<std::uint8_t>;

std::unexpected<BusError> bus_error(Kind kind, std::string message) {
  return std::unexpected(BusError{kind, 0, std::move(message)});
}

/// One connected socket with its libmodbus context. Only the worker calls into it, but cut().
class Link {
 public:
  /// Takes `socket` over.
  explicit Link(int socket) : socket_(socket), context_(modbus_new_tcp("127.0.0.1", 502)) {
    if (context_ != nullptr) modbus_set_socket(context_, socket_);
  }
  ~Link() {
    ::close(socket_);
    if (context_ != nullptr) modbus_free(context_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  BusResult<Answer> exchange(const RequestFrame& request, Millis timeout);

  /// From any thread: whatever is under way ends now.
  void cut() { ::shutdown(socket_, SHUT_RDWR); }

 private:
  int socket_;
  modbus_t* context_;
};

BusResult<Answer> Link::exchange(const RequestFrame& request, Millis timeout) {
  if (context_ == nullptr) return bus_error(Kind::no_connection, "no memory for a connection");
  // libmodbus governs the whole answer by the response timeout where there is no byte timeout; its select(2) cannot
  // take descriptors from FD_SETSIZE on.
  if (socket_ >= FD_SETSIZE) return bus_error(Kind::no_connection, "too many open files for libmodbus");
  const auto ms = static_cast<std::uint32_t>(timeout.count());
  modbus_set_response_timeout(context_, ms / 1000, ms % 1000 * 1000);
  modbus_set_byte_timeout(context_, 0, 0);
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return bus_error(Kind::no_connection, std::string("connection lost: ") + std::strerror(errno));
  Answer answer(MODBUS_TCP_MAX_ADU_LENGTH);
  const int received = modbus_receive_confirmation(context_, answer.data());
  if (received > 0) {
    answer.resize(static_cast<std::size_t>(received));
    return answer;
  }
  const int error = errno;
  if (error == ETIMEDOUT) return bus_error(Kind::no_answer, "no answer in " + to_words(timeout));
  if (error == ECONNRESET || error == EPIPE || error == EBADF)
    return bus_error(Kind::no_connection, "the device hung up");
  return bus_error(Kind::malformed, std::string("malformed answer: ") + modbus_strerror(error));
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

  asio::awaitable<BusResult<std::vector<std::uint16_t>>> read(ReadRequest request) override {
    return run<ReadRequest, std::vector<std::uint16_t>>(state_, request);
  }
  asio::awaitable<BusResult<void>> write(WriteRequest request) override {
    return run<WriteRequest, void>(state_, request);
  }

 private:
  /// Outlives the bus while a coroutine waits in it.
  struct State {
    State(asio::any_io_executor e, std::string h, std::uint16_t p)
        : executor(std::move(e)), host(std::move(h)), port(p) {}
    std::string where() const { return host + ":" + std::to_string(port); }

    const asio::any_io_executor executor;
    const std::string host;
    const std::uint16_t port;
    bool closed = false, busy = false;
    std::deque<Event*> queue;  // who waits for its turn
    asio::ip::tcp::socket* connecting = nullptr;
    std::shared_ptr<Link> link;
    std::uint16_t transaction = 0;
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
  static asio::awaitable<BusResult<Answer>> ask(StatePtr state, RequestFrame frame, Millis timeout);

  template <class Request, class T>
  static asio::awaitable<BusResult<T>> run(StatePtr state, Request request);

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

template <class Request, class T>
asio::awaitable<BusResult<T>> ModbusBus::run(StatePtr state, Request request) {
  if (!state->closed) co_await wait_for_turn(state);
  const Turn turn(state);
  const std::string where = state->where() + " unit " + std::to_string(request.unit) + ": ";
  const std::uint16_t transaction = ++state->transaction;
  auto answer = co_await ask(state, encode(request, transaction), request.timeout);
  if (!answer) {
    answer.error().message.insert(0, where);
    co_return std::unexpected(std::move(answer.error()));
  }
  auto result = decode(request, transaction, *answer);
  if (!result) {
    if (result.error().kind == Kind::malformed) state->link.reset();
    result.error().message.insert(0, where);
  }
  co_return result;
}

/// A connection that was open before may have been closed by the device while nothing was asked (a restart, an idle
/// limit), so one failure of such a connection is tried again on a new one. All requests may be sent twice.
asio::awaitable<BusResult<Answer>> ModbusBus::ask(StatePtr state, RequestFrame frame, Millis timeout) {
  for (;;) {
    if (state->closed) co_return bus_error(Kind::closed, "stopped");
    const bool reused = state->link != nullptr;
    if (!reused) {
      const auto opened = co_await open(state, timeout);
      if (!opened) co_return std::unexpected(opened.error());
    }
    const auto link = state->link;
    auto answer = co_await state->worker.run([link, frame, timeout] { return link->exchange(frame, timeout); });
    if (state->closed) co_return bus_error(Kind::closed, "stopped");
    if (answer) co_return answer;
    state->link.reset();
    if (!reused || answer.error().kind != Kind::no_connection) co_return answer;
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

BusFactory modbus_tcp_factory(asio::any_io_executor executor) {
  return [executor = std::move(executor)](const std::string& host, std::uint16_t port) -> std::unique_ptr<Bus> {
    return std::make_unique<ModbusBus>(executor, host, port);
  };
}

}  // namespace anlan::edge
