// Requests as work for a session (modbus_session), carried out in turn on the link (modbus_link).
#include "edge/sensor/modbus_bus.hpp"

#include <map>
#include <utility>

#include "edge/sensor/modbus_link.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;
using Scheme = Endpoint::Scheme;

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
  explicit ModbusBus(std::shared_ptr<ModbusLink> link) : user_(std::make_shared<LinkUser>(std::move(link))) {
    ++user_->link->buses;
  }
  ~ModbusBus() override {
    user_->closed = true;
    ModbusLink& link = *user_->link;
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
  static auto once(LinkUserPtr user, Request request)
      -> asio::awaitable<decltype(decode(std::declval<const Request&>(), ByteView()))>;
  static asio::awaitable<BusResult<Identification>> identify(LinkUserPtr user, IdentifyRequest request);
  static asio::awaitable<std::vector<BusResult<Words>>> batch(LinkUserPtr user, std::vector<ReadRequest> requests);

  LinkUserPtr user_;
};

template <class T>
BusResult<T> at(const LinkUser& user, int unit, BusResult<T> result) {
  if (!result) result.error().message.insert(0, user.link->where(unit));
  return result;
}

/// Everyone behind a serial line hears unit 0, and nobody answers.
BusResult<void> askable(const LinkUser& user, const ReadRequest& request) {
  const bool everyone = timing_of(user.link->endpoint).rtu && request.unit == 0;
  if (everyone) return std::unexpected(BusError{Kind::malformed, 0, "unit 0 is everyone: nobody answers", "not-asked"});
  return validate(request);
}
BusResult<void> askable(const LinkUser&, const WriteRequest& request) { return validate(request); }

template <class Request>
auto ModbusBus::once(LinkUserPtr user, Request request)
    -> asio::awaitable<decltype(decode(std::declval<const Request&>(), ByteView()))> {
  if (const auto valid = askable(*user, request); !valid) co_return std::unexpected(valid.error());
  if (!user->closed) co_await wait_for_turn(user->link);
  const LinkTurn turn(user->link);
  const auto work = [request](ModbusSession& session) { return read_or_write(session, request); };
  co_return at(*user, request.unit, co_await on_session(user, request.timeout, work));
}

asio::awaitable<BusResult<Identification>> ModbusBus::identify(LinkUserPtr user, IdentifyRequest request) {
  if (const auto valid = validate(request); !valid) co_return std::unexpected(valid.error());
  if (!user->closed) co_await wait_for_turn(user->link);
  const LinkTurn turn(user->link);
  const auto work = [request](ModbusSession& session) { return ask_identity(session, request); };
  co_return at(*user, request.unit, co_await on_session(user, request.timeout, work));
}

asio::awaitable<std::vector<BusResult<Words>>> ModbusBus::batch(LinkUserPtr user, std::vector<ReadRequest> requests) {
  if (requests.empty()) co_return std::vector<BusResult<Words>>{};
  const auto batch = std::make_shared<Batch>();
  BusResult<void> valid;
  for (const ReadRequest& request : requests) {
    valid = askable(*user, request);
    if (!valid) break;
    batch->requests.push_back(request);
  }
  if (!user->closed) co_await wait_for_turn(user->link);
  const LinkTurn turn(user->link);
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
    std::map<Endpoint, std::weak_ptr<ModbusLink>> serial;  // a serial line can be opened once
    std::uint64_t seed;
  };
  auto gate = std::make_shared<ConnectGate>(executor, seed);
  auto shared = std::make_shared<Shared>(Shared{{}, seed});
  return [executor = std::move(executor), &metrics, gate, shared](const Endpoint& endpoint) -> std::unique_ptr<Bus> {
    const auto make = [&] { return std::make_shared<ModbusLink>(executor, endpoint, gate, metrics, ++shared->seed); };
    if (endpoint.scheme != Scheme::modbus_rtu) return std::make_unique<ModbusBus>(make());
    auto& known = shared->serial[endpoint];
    auto link = known.lock();
    if (!link || link->buses == 0) known = link = make();
    return std::make_unique<ModbusBus>(std::move(link));
  };
}

}  // namespace anlan::edge
