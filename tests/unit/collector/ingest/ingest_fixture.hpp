// A centre without a line: both lanes over real databases in a directory of their own, a clock that the test moves, the
// later stages and the way down scripted. restart() is a restart of the process.
#pragma once

#include <functional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "collector/ingest/event_lane.hpp"
#include "collector/ingest/loss_log.hpp"
#include "collector/ingest/telemetry_lane.hpp"
#include "collector/store/sqlite_telemetry.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {

inline const Origin kEdgeA{"edge-a", "site-1"}, kEdgeB{"edge-b", "site-1"}, kProbe{"probe", "site-9"};
inline const StoreIdentity kIdentity{{{1, 1}, {1, 2}}, true};
inline const Epoch kEpoch{7, 7};

/// The stages after ingest: what they are told stands in a table of theirs, "edge-a alert s/d/p", so that what the
/// database refuses is refused here, and what is rolled back is not seen.
class ScriptedSink final : public EventSink {
 public:
  std::function<void(const Origin&, const Record&)> on_event_hook;  // may throw DatabaseError
  std::function<void()> in_transaction;                             // asked in each call
  std::map<std::string, bool> unclear;
  int commits = 0, hellos = 0;

  void on_event(Database& database, const Origin& origin, const Record& record, const EventBody& body,
                WallTime) override {
    if (in_transaction) in_transaction();
    if (on_event_hook) on_event_hook(origin, record);
    std::string what(to_string(record.kind));
    if (const auto* t = std::get_if<AlertTransition>(&body)) what += " " + t->source;
    if (const auto* e = std::get_if<EdgeEvent>(&body)) what += " " + e->what;
    database.exec("INSERT INTO seen(what) VALUES(:p1)", {origin.edge + " " + what});
  }
  void on_hello(Database&, const Hello&, WallTime) override {
    if (in_transaction) in_transaction();
    ++hellos;
  }
  void on_unclear(Database&, const Origin& origin, bool is, WallTime) override { unclear[origin.edge] = is; }
  void on_two_boxes(Database& database, const Origin& origin, WallTime) override {
    database.exec("INSERT INTO seen(what) VALUES(:p1)", {origin.edge + " two boxes"});
  }
  void committed() override { ++commits; }
};

/// The real store, refusing what a test says.
class FaultyTelemetry final : public TelemetryStore {
 public:
  struct Script {
    std::function<Result<void>(const TelemetryBatch&)> before_write = [](const TelemetryBatch&) {
      return Result<void>{};
    };
  };
  FaultyTelemetry(std::unique_ptr<TelemetryStore> inner, Script& script) : inner_(std::move(inner)), script_(script) {}

  Result<std::optional<StoreRef>> identity() override { return inner_->identity(); }
  Result<void> set_identity(const StoreRef& identity) override { return inner_->set_identity(identity); }
  Result<void> write(const TelemetryBatch& batch) override {
    if (auto refused = script_.before_write(batch); !refused) return refused;
    return inner_->write(batch);
  }
  Result<std::size_t> replace_raw(const std::vector<DecodedRecord>& decoded) override {
    return inner_->replace_raw(decoded);
  }
  bool untidy() const override { return inner_->untidy(); }
  Result<void> compact() override { return inner_->compact(); }
  Result<bool> expire(const TelemetryRetention& retention, WallTime now) override {
    return inner_->expire(retention, now);
  }
  Result<RangesByPlace> load_ranges(const std::string& edge) override { return inner_->load_ranges(edge); }
  Result<std::vector<RawRecord>> raw(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                                     const std::optional<RecordId>& after, std::size_t limit) override {
    return inner_->raw(edge, wanted, after, limit);
  }
  Result<std::vector<DefinitionHash>> wanted(const std::string& edge) override { return inner_->wanted(edge); }
  Result<TelemetryPage> query(const TelemetryQuery& query) override { return inner_->query(query); }
  Result<Trend> trend(const TrendQuery& query) override { return inner_->trend(query); }
  Result<std::vector<std::optional<NewestValue>>> newest(const std::vector<std::string>& points) override {
    return inner_->newest(points);
  }
  Result<std::vector<TelemetryAccount>> accounts(const std::string& edge) override { return inner_->accounts(edge); }

 private:
  std::unique_ptr<TelemetryStore> inner_;
  Script& script_;
};

class IngestTest : public testing::Test {
 protected:
  struct Sent {
    Origin to;
    Message message;
  };

  IngestTest() { start(); }
  ~IngestTest() override { stop(); }

  void restart() {
    stop();
    start();
  }

  // ---- what an edge says ----------------------------------------------------------------------------------------
  static Record record(const Origin& origin, Kind kind, std::uint64_t sequence, std::string payload,
                       const Epoch& epoch = kEpoch) {
    Record r;
    r.id = {{epoch, kind == Kind::samples ? Stream::telemetry : Stream::event}, sequence};
    r.kind = kind;
    r.wall = wall_from_ms(5000);
    r.samples = kind == Kind::samples ? 1 : 0;
    r.payload = std::move(payload);
    r.checksum = checksum(origin.edge, r);
    return r;
  }
  static Record alert(const Origin& origin, std::uint64_t sequence, const std::string& source) {
    AlertTransition t;
    t.alert = {sequence, 9};
    t.version = 1;
    t.level = Level::red;
    t.source = source;
    return record(origin, Kind::alert, sequence, encode_payload(t));
  }
  static Definition definition(const std::string& site, std::vector<std::string> points) {
    Definition d;
    for (auto& point : points) d.points.emplace_back().path = {site, "d", std::move(point)};
    return d;
  }
  static Record samples(const Origin& origin, std::uint64_t sequence, const Definition& meaning, double value = 1,
                        std::uint32_t point = 0) {
    return record(origin, Kind::samples, sequence,
                  encode_payload(Samples{
                      hash_of(meaning),
                      {{point, value, Quality::good, wall_from_ms(1000 + static_cast<std::int64_t>(sequence)), {}}}}));
  }
  Hello hello(const Origin& origin, std::uint64_t counter = 1) {
    Hello h;
    h.edge = origin.edge;
    h.site = origin.site;
    h.version = "0.1.0";
    h.incarnation = {std::hash<std::string>{}(origin.edge), 3};
    h.counter = counter;
    h.epoch = kEpoch;
    h.ends = {{kEpoch, 1, 0, 0}};
    return h;
  }
  void say(const Origin& origin, Message message) { ASSERT_TRUE(events_->push({origin, std::move(message)})); }
  void send(const Origin& origin, std::vector<Record> records) { say(origin, RecordBatch{std::move(records)}); }
  void send_samples(const Origin& origin, std::vector<Record> records, bool at_once = true) {
    ASSERT_TRUE(telemetry_lane_->push(origin, std::move(records), at_once));
  }

  /// Until everything said so far has been dealt with: a message of another edge comes through. Sleeps of a lane after
  /// a failure are passed over and counted.
  void settle() {
    const std::uint64_t number = ++probes_;
    say(kProbe, hello(kProbe, number));
    until([&] { return answer_to(kProbe, number).has_value(); });
    const std::size_t receipts = receipts_to(kProbe).size();
    send_samples(kProbe, {samples(kProbe, number, definition("site-9", {"p"}))});
    until([&] { return receipts_to(kProbe).size() > receipts; });
  }
  void until(const std::function<bool()>& done) {
    while (!done()) {
      ASSERT_TRUE(test::run_until(*io_, [&] { return done() || clock_.sleepers() > 0; }))
          << "the lanes do not come to an end";
      if (done()) return;
      ++sleeps_;
      clock_.advance(*io_, Millis{1000});
    }
  }

  // ---- what it is told ------------------------------------------------------------------------------------------
  std::vector<Receipt> receipts_to(const Origin& origin) const {
    std::vector<Receipt> out;
    for (const Sent& sent : sent_)
      if (const auto* receipt = std::get_if<Receipt>(&sent.message); receipt && sent.to == origin)
        out.push_back(*receipt);
    return out;
  }
  std::optional<Answer> answer_to(const Origin& origin, std::uint64_t counter) const {
    for (const Sent& sent : sent_)
      if (const auto* answer = std::get_if<Answer>(&sent.message);
          answer && sent.to == origin && answer->counter == counter)
        return *answer;
    return std::nullopt;
  }
  RangeSet received(const Origin& origin, Stream stream = Stream::event) const {
    RangeSet out;
    for (const Receipt& receipt : receipts_to(origin))
      if (receipt.place.stream == stream) out.add(receipt.data);
    return out;
  }
  RangeSet quarantined(const Origin& origin) const {
    RangeSet out;
    for (const Receipt& receipt : receipts_to(origin)) out.add(receipt.quarantined);
    return out;
  }

  // ---- what is stored -------------------------------------------------------------------------------------------
  std::vector<double> stored(const std::string& point) {
    auto call = [&](TelemetryStore& store) {
      return store.query({point, WallTime::min(), WallTime::max(), 10'000, ""});
    };
    const auto page = test::run_coro(*io_, telemetry_->read(call));
    std::vector<double> values;
    if (page)
      for (const auto& sample : page->samples) values.push_back(sample.value);
    return values;
  }
  template <class F>
  auto look(F question) {
    auto call = [question](Database& database) -> Result<std::invoke_result_t<F, Database&>> {
      return question(database);
    };
    return test::run_coro(*io_, records_->read(call)).value();
  }
  std::int64_t count(const std::string& table, const std::string& where = "1 = 1") {
    return look(
        [&](Database& db) { return db.query("SELECT count(*) FROM " + table + " WHERE " + where).at(0).integer(0); });
  }
  /// What the later stages have been told and was committed.
  std::vector<std::string> seen() {
    return look([](Database& db) {
      std::vector<std::string> all;
      for (const SqlRow& row : db.query("SELECT what FROM seen ORDER BY rowid")) all.push_back(row.text(0));
      return all;
    });
  }
  /// As the lanes know it; loaded where it is not yet.
  std::vector<LossRow> losses(const LossFilter& filter) {
    return test::run_coro(*io_, records_->read([filter](Database& database) -> Result<std::vector<LossRow>> {
             return list_losses(database, filter);
           }))
        .value();
  }
  EdgeLedger ledger(const Origin& origin) {
    auto known = test::run_coro(*io_, ledgers_->of(origin.edge)).value()->ledger;
    for (auto* ranges : {&known.data, &known.voided, &known.lost})
      std::erase_if(*ranges, [](const auto& entry) { return entry.second.empty(); });
    std::erase_if(known.ends, [](const auto& entry) { return entry.second == 0; });
    return known;
  }

  test::TempDir dir_;
  test::ManualClock clock_;
  Metrics metrics_;
  ScriptedSink sink_;
  FaultyTelemetry::Script telemetry_script_;
  std::vector<Sent> sent_;
  int sleeps_ = 0;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<AsyncTelemetry> telemetry_;
  std::unique_ptr<Ledgers> ledgers_;
  std::unique_ptr<TelemetryLane> telemetry_lane_;
  std::unique_ptr<EventLane> events_;

 private:
  void start() {
    io_ = std::make_unique<boost::asio::io_context>();
    const StageSchema seen{"seen", {"CREATE TABLE seen(what TEXT NOT NULL)"}};
    records_ =
        std::move(Records::open("sqlite://" + dir_.file("records.db"), {{"ingest", ingest_schema()}, seen}).value());
    telemetry_ = std::make_unique<AsyncTelemetry>(
        std::make_unique<FaultyTelemetry>(open_sqlite_telemetry(dir_.file("telemetry.db")).value(), telemetry_script_));
    ledgers_ = std::make_unique<Ledgers>(*records_, *telemetry_);
    const auto reply = [this](const Origin& to, const Message& message) { sent_.push_back({to, message}); };
    telemetry_lane_ = std::make_unique<TelemetryLane>(io_->get_executor(), clock_, *records_, *telemetry_, *ledgers_,
                                                      kIdentity.ref, reply, metrics_);
    const auto learned = [this](const Origin& origin, const DefinitionHash& hash,
                                std::shared_ptr<const Definition> meaning) {
      telemetry_lane_->learned(origin, hash, std::move(meaning));
    };
    events_ = std::make_unique<EventLane>(io_->get_executor(), clock_, *records_, *ledgers_, kIdentity, sink_, reply,
                                          learned, metrics_);
    boost::asio::co_spawn(*io_, events_->run(), boost::asio::detached);
    boost::asio::co_spawn(*io_, telemetry_lane_->run(), boost::asio::detached);
  }
  void stop() {
    settle();  // nobody is at work on a worker
    events_.reset();
    telemetry_lane_.reset();
    ledgers_.reset();
    telemetry_.reset();
    records_.reset();
    io_.reset();  // last: the workers hold on to it until they are joined
  }

  std::uint64_t probes_ = 0;
};

}  // namespace anlan::collector
