#include "tests/contract/api/api_world.hpp"

#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/use_future.hpp>

#include "collector/api/api.hpp"
#include "collector/app/pipeline.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/ingest/ledger_table.hpp"
#include "collector/people/people_schema.hpp"
#include "collector/store/changes.hpp"
#include "collector/store/sqlite_telemetry.hpp"
#include "common/io/http_client.hpp"
#include "common/io/http_server.hpp"
#include "common/wire/checksum.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

namespace asio = boost::asio;
using namespace collector;

namespace {

/// Wall time stands where the test puts it; delays are real.
class PinnedClock final : public Clock {
 public:
  WallTime wall() const override { return wall_from_ms(wall_ms_); }
  MonoTime mono() const override { return system_.mono(); }
  asio::awaitable<void> sleep_until(MonoTime when) override { return system_.sleep_until(when); }
  void set(WallTime t) { wall_ms_ = to_ms(t); }

 private:
  SystemClock system_;
  std::atomic<std::int64_t> wall_ms_ = to_ms(at(60'000));
};

std::vector<StageSchema> schemas() {
  return {{"audit", audit_schema()}, {"change", change_schema()}, {"people", people_schema()}, {"ingest", ingest_schema()},
          {"alert", alert_schema()}, {"hazard", hazard_schema()}, {"notify", notify_schema()},
          {"api", api_schema()}};
}

/// Hashes that cost next to nothing; enough log-ins for a test from one address.
PeoplePolicy cheap() {
  PeoplePolicy policy;
  policy.cost = {1, 8192};
  policy.log_ins = {1, 60};
  policy.requests = {1, 150};
  return policy;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Definition definition_of(const std::vector<std::string>& points, const std::string& device) {
  Definition made;
  for (const std::string& name : points) {
    PointDefinition point;
    point.path = {"tj-bh-017", device, name};
    point.name = "3号罐 " + name;
    point.unit = "Cel";
    point.asset = "tj-bh-017/" + device;
    point.limits.high.of(Level::orange) = 80;
    point.limits.high.of(Level::red) = 95.5;
    made.points.push_back(std::move(point));
  }
  return made;
}

}  // namespace

std::string Reply::code() const {
  const json::value* code = body.is_object() ? body.as_object().if_contains("code") : nullptr;
  return code == nullptr ? "" : text_of(*code);
}

struct ApiWorld::Parts {
  explicit Parts(Access a) : access(std::move(a)) {}
  TempDir dir;
  asio::io_context io;
  PinnedClock clock;
  Metrics metrics;
  std::atomic<int> commits = 0;
  std::atomic<bool> broker = true, feed_ended = false;
  std::unique_ptr<Records> records = must(Records::open("sqlite://" + dir.file("records.db"), schemas()));
  AsyncTelemetry telemetry{must(open_sqlite_telemetry(dir.file("telemetry.db")))};
  Pipeline pipeline{
      records->database(), HazardPolicy{}, {{"duty-room", Level::orange}}, [this] { ++commits; }, clock.mono()};
  std::unique_ptr<Gate> gate = std::make_unique<Gate>(*records, clock, cheap(), [](Database&, const PeopleAct&) {});
  Access access;
  Api api{io.get_executor(), ApiParts{*records, telemetry, pipeline, *gate, access, clock, metrics, "1.2.3", [this] {
                                        return std::vector<ReadyCheck>{{"broker", broker, "127.0.0.1:1883"}};
                                      }}};
  std::unique_ptr<HttpServer> server =
      must(HttpServer::start(io.get_executor(), {}, [this](HttpRequest r) { return api.handle(std::move(r)); }));
  asio::cancellation_signal end_feed;
  std::thread thread;
  std::vector<Commands::Order> orders;  // of the loop
  std::uint64_t sequence = 0;
  int keys = 0;

  template <class T>
  T await(asio::awaitable<T> work) {
    return asio::co_spawn(io, std::move(work), asio::use_future).get();
  }
};

ApiWorld::ApiWorld(Access access) : parts_(std::make_unique<Parts>(std::move(access))) {
  Parts& p = *parts_;
  p.pipeline.give_orders([](std::string_view) { return std::string("signed"); }, {[&p] { return p.broker.load(); },
                                                                                  [&p](const Commands::Order& order) {
                                                                                    p.orders.push_back(order);
                                                                                    return true;
                                                                                  }});
  asio::co_spawn(p.io, p.api.run(), asio::bind_cancellation_slot(p.end_feed.slot(), [&p](const std::exception_ptr&) {
                   p.feed_ended = true;
                 }));
  p.thread = std::thread([&p] {
    const auto keep = asio::make_work_guard(p.io);
    p.io.run();
  });
}

ApiWorld::~ApiWorld() {
  Parts& p = *parts_;
  p.await(p.server->stop(Millis{2'000}));
  asio::post(p.io, [&p] {
    p.server.reset();
    p.end_feed.emit(asio::cancellation_type::terminal);
  });
  for (int i = 0; i < 1000 && !p.feed_ended; ++i) std::this_thread::sleep_for(Millis{5});
  asio::post(p.io, [&p] { p.io.stop(); });
  p.thread.join();
}

Gate& ApiWorld::gate() { return *parts_->gate; }
WallTime ApiWorld::now() const { return parts_->clock.wall(); }
void ApiWorld::set_time(WallTime now) { parts_->clock.set(now); }
std::string ApiWorld::url() const { return parts_->server->url(); }
int ApiWorld::commits() const { return parts_->commits; }
std::vector<Commands::Order> ApiWorld::orders() const {
  std::promise<std::vector<Commands::Order>> all;
  asio::post(parts_->io, [&] { all.set_value(parts_->orders); });
  return all.get_future().get();
}
void ApiWorld::greeting(const std::string& edge) {
  commit([&](Database& database) {
    EdgeLedger ledger;
    ledger.greeted[{9, 9}] = {7, {}, 1};
    save_ledger(database, edge, {}, ledger);
  });
}
void ApiWorld::broker(bool good) { parts_->broker = good; }

void ApiWorld::commit(const std::function<void(Database&)>& work) {
  auto call = [work](Database& database) -> Result<void> {
    work(database);
    return {};
  };
  must(parts_->await(parts_->records->transact(std::move(call))));
  asio::post(parts_->io, [p = parts_.get()] { p->api.changed(); });
}

void ApiWorld::edge(const std::string& id, const std::vector<std::string>& points, const std::string& device) {
  commit([&, now = parts_->clock.wall()](Database& database) {
    const Origin origin{id, "tj-bh-017"};
    must(note_edge(database, origin, now));
    Hello hello;
    hello.edge = id;
    hello.site = origin.site;
    hello.version = "0.1.0";
    hello.clock = ClockState::synced;
    note_hello(database, hello, now);
    note_points(database, origin, definition_of(points, device));
  });
}

void ApiWorld::alert(const AlertTransition& transition, const std::string& edge, const std::string& site) {
  commit([&, now = parts_->clock.wall()](Database& database) {
    Record record;
    record.id = {{epoch(1), Stream::event}, parts_->sequence++};
    record.kind = Kind::alert;
    parts_->pipeline.on_event(database, {edge, site}, record, transition, now);
  });
}

void ApiWorld::samples(const std::vector<std::string>& points, std::uint64_t number, const std::vector<Sample>& samples,
                       const std::string& edge) {
  TelemetryBatch batch;
  const Place place{epoch(1), Stream::telemetry};
  const auto definition = std::make_shared<const Definition>(definition_of(points, "tank-3"));
  std::string names;
  for (const std::string& point : points) names += point + ' ';
  batch.decoded.push_back({edge, {place, number}, 1, hash128(names), definition, samples});
  batch.ranges.push_back({edge, place, RangeSet(0, number + 1)});
  auto call = [batch](TelemetryStore& store) { return store.write(batch); };
  must(parts_->await(parts_->telemetry.write(std::move(call))));
}

Reply ApiWorld::ask(HttpRequest request) const {
  request.url = url();
  const HttpResponse answer = must(run_coro(http_request(std::move(request))));
  Reply reply{answer.status, answer.headers, answer.body, nullptr};
  boost::system::error_code failed;
  if (reply.headers.get("Content-Type").find("json") != std::string_view::npos && !answer.body.empty())
    reply.body = json::parse(answer.body, failed);
  EXPECT_FALSE(failed) << answer.body;
  return reply;
}

Reply ApiWorld::get(const std::string& target, HttpHeaders headers) const {
  HttpRequest request;
  request.target = target;
  request.headers = std::move(headers);
  return ask(std::move(request));
}

Reply ApiWorld::post(const std::string& target, const json::value& body, std::optional<std::int64_t> version,
                     const std::string& key, const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Idempotency-Key", key.empty() ? "key-" + std::to_string(++parts_->keys) : key);
  if (version) request.headers.set("If-Match", '"' + std::to_string(*version) + '"');
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  request.body = json::serialize(body);
  return ask(std::move(request));
}

}  // namespace anlan::test
