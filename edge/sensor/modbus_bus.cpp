// The loop's side of an endpoint: whose turn it is, when to connect, the hand-over to the worker. What happens on the
// connection is modbus_session's.
#include "edge/sensor/modbus_bus.hpp"

#include <deque>
#include <map>
#include <utility>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/io/resolve.hpp"
#include "edge/sensor/connect_gate.hpp"
#include "edge/sensor/modbus_session.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;
using Scheme = Endpoint::Scheme;

std::unique_ptr<ModbusGuard> guard_for(const Endpoint& endpoint, Metrics& metrics, std::uint64_t seed) {
  auto count = [&metrics](std::string_view kind) { metrics.at(kBusFailures, {kind}).add(); };
  if (endpoint.scheme == Scheme::modbus_rtu || endpoint.scheme == Scheme::modbus_rtutcp)
    return std::make_unique<RtuGuard>(std::move(count));
  return std::make_unique<TcpGuard>(std::move(count), static_cast<std::uint16_t>(seed));
}

std::unique_ptr<ModbusLine> line_to(const Endpoint& endpoint, Addresses addresses) {
  switch (endpoint.scheme) {
    case Scheme::modbus_rtu:
      return serial_line(endpoint.device, endpoint.line);
    case Scheme::modbus_tls:
      return tls_line(std::move(addresses), endpoint.port, endpoint.host, endpoint.tls);
    default:
      return tcp_line(std::move(addresses), endpoint.port);
  }
}

/// One endpoint; outlives its buses while a coroutine waits in it. On the loop, but where it says so.
struct Link {
  Link(asio::any_io_executor e, Endpoint to, std::shared_ptr<ConnectGate> g, Metrics& metrics, std::uint64_t seed)
      : executor(std::move(e)),
        endpoint(std::move(to)),
        gate(std::move(g)),
        guard(guard_for(endpoint, metrics, seed)) {}
  std::string where(int unit) const { return endpoint.str() + " unit " + std::to_string(unit) + ": "; }

  const asio::any_io_executor executor;
  const Endpoint endpoint;
  const std::shared_ptr<ConnectGate> gate;
  const std::unique_ptr<ModbusGuard> guard;  // the worker's
  int buses = 0;
  bool busy = false, was_open = false;
  std::deque<Event*> queue;  // who waits for its turn
  std::shared_ptr<ModbusSession> session;
  Worker worker;
};

/// Of one bus: outlives it like the link.
struct User {
  std::shared_ptr<Link> link;
  bool closed = false;
};
using UserPtr = std::shared_ptr<User>;

/// Holds the link; hands it to the next in the queue at its end.
struct Turn {
  explicit Turn(std::shared_ptr<Link> l) : link(std::move(l)) {}
  ~Turn() {
    if (link->queue.empty()) {
      link->busy = false;
    } else {
      link->queue.front()->set();
      link->queue.pop_front();
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  std::shared_ptr<Link> link;
};

asio::awaitable<void> wait_for_turn(std::shared_ptr<Link> link) {
  if (!std::exchange(link->busy, true)) co_return;
  Event turn(link->executor);
  link->queue.push_back(&turn);
  struct Leave {
    std::shared_ptr<Link> link;
    Event* turn;
    bool served = false;
    ~Leave() {
      const bool waits = std::erase(link->queue, turn) > 0;
      if (!waits && !served) const Turn unused(link);  // cancelled just when its turn came
    }
  } leave{link, &turn};
  while (!co_await turn.wait(Millis{3600'000})) {
  }
  leave.served = true;
}

std::unexpected<BusError> stopped() { return std::unexpected(BusError{Kind::closed, 0, "stopped"}); }

asio::awaitable<BusResult<void>> open(UserPtr user, Millis timeout) {
  const auto link = user->link;
  Addresses addresses;
  std::unique_ptr<ConnectGate::Place> place;
  if (link->endpoint.scheme != Scheme::modbus_rtu) {
    auto found = co_await resolve(link->endpoint.host, timeout);
    if (!found) co_return no_connection(found.error().message);
    addresses = *std::move(found);
    place = co_await link->gate->enter(link->endpoint.host, link->was_open, timeout);
    if (!place) co_return no_connection("too many connections to this host are being opened");
  }
  if (user->closed) co_return stopped();
  link->was_open = true;
  link->session = std::make_shared<ModbusSession>(line_to(link->endpoint, std::move(addresses)), *link->guard,
                                                  timing_of(link->endpoint));
  const auto session = link->session;
  auto opened = co_await link->worker.run([session, timeout] { return session->open(SystemClock().mono() + timeout); });
  if (user->closed) co_return stopped();
  if (!opened) link->session.reset();
  co_return opened;
}

/// Lets `work` (a callable that takes a session and answers with a BusResult) run on the worker. A connection that was
/// open before may have been closed by the device while nothing was asked (a restart, an idle limit), so a lost one
/// that was is tried again, once, on a new one. All requests may be sent twice.
template <class Work>
asio::awaitable<std::invoke_result_t<Work, ModbusSession&>> on_session(UserPtr user, Millis timeout, Work work) {
  const auto link = user->link;
  for (;;) {
    if (user->closed) co_return stopped();
    const bool reused = link->session != nullptr;
    if (!reused) {
      const auto opened = co_await open(user, timeout);
      if (!opened) co_return std::unexpected(opened.error());
    }
    const auto session = link->session;
    auto result = co_await link->worker.run([session, work] { return work(*session); });
    if (user->closed) co_return stopped();
    if (!session->usable()) link->session.reset();
    if (result || !reused || result.error().kind != Kind::no_connection) co_return result;
  }
}

template <class Request>
auto read_or_write(ModbusSession& session, const Request& request) {
  using Result = decltype(decode(request, ByteView()));
  const auto answer = session.exchange(request.unit, encode(request), request.timeout);
  if (!answer) return Result(std::unexpected(answer.error()));
  if constexpr (std::is_same_v<Request, WriteRequest>)
    if (answer->empty()) return Result();  // to everyone; nobody answers
  Result result = decode(request, *answer);
  if (!result && result.error().kind == Kind::malformed) session.doubt(request.unit);
  return result;
}

BusResult<Identification> ask_identity(ModbusSession& session, const IdentifyRequest& request) {
  Identification found;
  std::uint8_t first = request.read == IdentifyRequest::Read::object ? request.object : std::uint8_t{0};
  for (;;) {
    const auto answer = session.exchange(request.unit, encode(request, first), request.timeout);
    if (!answer) return std::unexpected(answer.error());
    const auto next = decode(request, first, *answer, found);
    if (!next) {
      if (next.error().kind == Kind::malformed) session.doubt(request.unit);
      return std::unexpected(next.error());
    }
    if (!*next) return found;
    first = **next;
  }
}

/// Several reads, and how far they have come: what was answered stays answered when the connection has to be opened
/// anew.
struct Batch {
  std::vector<ReadRequest> requests;
  std::vector<BusResult<Words>> results;
};

BusResult<void> go_on(ModbusSession& session, Batch& batch) {
  while (batch.results.size() < batch.requests.size()) {
    auto words = read_or_write(session, batch.requests[batch.results.size()]);
    if (!words && words.error().kind != Kind::exception) return std::unexpected(words.error());
    batch.results.push_back(std::move(words));
  }
  return {};
}

class ModbusBus final : public Bus {
 public:
  explicit ModbusBus(std::shared_ptr<Link> link) : user_(std::make_shared<User>(std::move(link))) {
    ++user_->link->buses;
  }
  ~ModbusBus() override {
    user_->closed = true;
    Link& link = *user_->link;
    if (--link.buses > 0) return;
    if (link.session) link.session->cut();
    for (Event* waiting : link.queue) waiting->set();
    link.queue.clear();
    link.worker.join();
  }

  asio::awaitable<BusResult<Words>> read(ReadRequest request) override { return once(user_, request); }
  asio::awaitable<BusResult<void>> write(WriteRequest request) override { return once(user_, std::move(request)); }
  asio::awaitable<BusResult<Identification>> identify(IdentifyRequest request) override {
    return identify(user_, request);
  }
  asio::awaitable<std::vector<BusResult<Words>>> read_all(std::vector<ReadRequest> requests) override {
    // A serial line is slow: others, such as the local alarm, get their turn between two requests.
    if (user_->link->endpoint.scheme == Scheme::modbus_rtu) return Bus::read_all(std::move(requests));
    return batch(user_, std::move(requests));
  }

 private:
  template <class Request>
  static auto once(UserPtr user, Request request)
      -> asio::awaitable<decltype(decode(std::declval<const Request&>(), ByteView()))>;
  static asio::awaitable<BusResult<Identification>> identify(UserPtr user, IdentifyRequest request);
  static asio::awaitable<std::vector<BusResult<Words>>> batch(UserPtr user, std::vector<ReadRequest> requests);

  UserPtr user_;
};

template <class T>
BusResult<T> at(const User& user, int unit, BusResult<T> result) {
  if (!result) result.error().message.insert(0, user.link->where(unit));
  return result;
}

/// Everyone behind a serial line hears unit 0, and nobody answers.
BusResult<void> askable(const User& user, const ReadRequest& request) {
  const bool everyone = timing_of(user.link->endpoint).serial && request.unit == 0;
  if (everyone) return std::unexpected(BusError{Kind::malformed, 0, "unit 0 is everyone: nobody answers", "not-asked"});
  return validate(request);
}
BusResult<void> askable(const User&, const WriteRequest& request) { return validate(request); }

template <class Request>
auto ModbusBus::once(UserPtr user, Request request)
    -> asio::awaitable<decltype(decode(std::declval<const Request&>(), ByteView()))> {
  if (const auto valid = askable(*user, request); !valid) co_return std::unexpected(valid.error());
  if (!user->closed) co_await wait_for_turn(user->link);
  const Turn turn(user->link);
  const auto work = [request](ModbusSession& session) { return read_or_write(session, request); };
  co_return at(*user, request.unit, co_await on_session(user, request.timeout, work));
}

asio::awaitable<BusResult<Identification>> ModbusBus::identify(UserPtr user, IdentifyRequest request) {
  if (const auto valid = validate(request); !valid) co_return std::unexpected(valid.error());
  if (!user->closed) co_await wait_for_turn(user->link);
  const Turn turn(user->link);
  const auto work = [request](ModbusSession& session) { return ask_identity(session, request); };
  co_return at(*user, request.unit, co_await on_session(user, request.timeout, work));
}

asio::awaitable<std::vector<BusResult<Words>>> ModbusBus::batch(UserPtr user, std::vector<ReadRequest> requests) {
  if (requests.empty()) co_return std::vector<BusResult<Words>>{};
  const auto batch = std::make_shared<Batch>();
  BusResult<void> valid;
  for (const ReadRequest& request : requests) {
    valid = askable(*user, request);
    if (!valid) break;
    batch->requests.push_back(request);
  }
  if (!user->closed) co_await wait_for_turn(user->link);
  const Turn turn(user->link);
  const auto work = [batch](ModbusSession& session) { return go_on(session, *batch); };
  BusResult<void> ended = co_await on_session(user, requests.front().timeout, work);
  if (ended) ended = valid;
  auto results = std::move(batch->results);
  if (!ended) results.emplace_back(std::unexpected(ended.error()));
  for (std::size_t i = 0; i < results.size(); ++i) results[i] = at(*user, requests[i].unit, std::move(results[i]));
  co_return results;
}

}  // namespace

BusFactory modbus_factory(asio::any_io_executor executor, Metrics& metrics, std::uint64_t seed) {
  struct Shared {
    std::map<Endpoint, std::weak_ptr<Link>> serial;  // a serial line can be opened once
    std::uint64_t seed;
  };
  auto gate = std::make_shared<ConnectGate>(executor, seed);
  auto shared = std::make_shared<Shared>(Shared{{}, seed});
  return [executor = std::move(executor), &metrics, gate, shared](const Endpoint& endpoint) -> std::unique_ptr<Bus> {
    const auto make = [&] { return std::make_shared<Link>(executor, endpoint, gate, metrics, ++shared->seed); };
    if (endpoint.scheme != Scheme::modbus_rtu) return std::make_unique<ModbusBus>(make());
    auto& known = shared->serial[endpoint];
    auto link = known.lock();
    if (!link || link->buses == 0) known = link = make();
    return std::make_unique<ModbusBus>(std::move(link));
  };
}

}  // namespace anlan::edge
