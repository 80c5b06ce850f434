#include "collector/ingest/ingest.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "collector/ingest/ingest_metrics.hpp"
#include "common/base/log.hpp"
#include "common/io/random.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/topics.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr Millis kTimeout{10'000}, kEndTimeout{500};
constexpr Millis kReceiptsEvery{100};
constexpr Millis kBackoffFirst{250}, kBackoffMost{5'000};
constexpr std::chrono::seconds kReplyExpiry{10};  // an edge that does not get it in time asks again (rule 14)

std::string hex16(std::uint64_t value) { return Id<void>{value, 0}.hex().substr(0, 16); }

}  // namespace

Ingest::Ingest(boost::asio::any_io_executor executor, Clock& clock, Records& records, AsyncTelemetry& telemetry,
               StoreIdentity identity, EventSink& sink, MqttOptions broker, std::uint64_t broker_queue,
               MqttFactory connect, Metrics& metrics, std::uint64_t seed)
    : executor_(executor),
      clock_(clock),
      identity_(identity),
      broker_(std::move(broker)),
      factory_(std::move(connect)),
      metrics_(metrics),
      backoff_(kBackoffFirst, kBackoffMost, seed),
      process_(hex16(random64())),
      ledgers_(records, telemetry),
      telemetry_(
          executor, clock, records, telemetry, ledgers_, identity.ref,
          [this](const Origin& to, const Message& m) { reply(to, m); }, metrics),
      events_(
          executor, clock, records, ledgers_, identity, sink,
          [this](const Origin& to, const Message& m) { reply(to, m); },
          [this](const Origin& origin, const DefinitionHash& hash, std::shared_ptr<const Definition> definition) {
            telemetry_.learned(origin, hash, std::move(definition));
          },
          metrics),
      waiting_(clock, records),
      credit_(broker_queue, TelemetryLane::kInboxBytes),
      event_(executor) {
  for (const auto lane : {topics::Lane::urgent, topics::Lane::live, topics::Lane::backlog})
    frames_[lane] = &metrics_.at(kFrames, {topics::to_string(lane)});
  for (const Stream stream : kStreams) receipts_counted_[stream] = &metrics_.at(kReceipts, {to_string(stream)});
}

awaitable<void> Ingest::run() {
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (serve() && events_.run() && telemetry_.run() && waiting_.run() && send_waiting());
}

std::unique_ptr<MqttClient> Ingest::client(const char* suffix) {
  MqttOptions options = broker_;
  options.client_id = "anlan-collector-" + process_ + suffix;
  if (*suffix == '\0')
    if (auto will = encode(CollectorState{identity_.ref, false}))
      options.will = MqttPublish{std::string(topics::kCollectorState), std::move(*will), 1, true, {}};
  auto made = factory_(std::move(options));
  made->on_message = [this](MqttMessage message) { take(std::move(message)); };
  made->on_lost = [this](std::string reason) {
    if (!lost_) trouble_ = std::move(reason);
    lost_ = true;
    event_.set();
  };
  return made;
}

awaitable<Result<void>> Ingest::connect() {
  lost_ = false;
  urgent_ = client("");
  bulk_ = client("-bulk");
  for (MqttClient* one : {urgent_.get(), bulk_.get()}) {
    auto connected = co_await one->connect(kTimeout);
    if (!connected) co_return connected;
  }
  std::vector<std::string> urgent{std::string(topics::kAllUrgent), std::string(topics::kAllStates)};
  auto first = co_await urgent_->subscribe(std::move(urgent), kTimeout);
  if (!first) co_return first;
  std::vector<std::string> bulk{std::string(topics::kAllLive), std::string(topics::kAllBacklog)};
  auto second = co_await bulk_->subscribe(std::move(bulk), kTimeout);
  if (!second) co_return second;
  co_return say_state();
}

Result<void> Ingest::say_state() {
  auto state = encode(CollectorState{identity_.ref, true, audit_head_});
  if (!state) return fail(state.error());
  return urgent_->publish({std::string(topics::kCollectorState), std::move(*state), 1, true, {}});
}

void Ingest::say_head(std::string head) {
  audit_head_ = std::move(head);
  if (!connected_) return;  // it goes with the next connection
  if (const auto said = say_state(); !said)
    log::debug("ingest", "the log's head is not sent now", {{"reason", said.error().message}});
}

awaitable<void> Ingest::end() {
  if (connected_) log::warning("ingest", "line to the broker lost", {{"broker", broker_.broker}, {"reason", trouble_}});
  connected_ = false;
  receipts_.clear();
  metrics_.at(kBrokerConnected).set(0);
  for (auto* client : {&urgent_, &bulk_})
    if (*client) {
      co_await (*client)->disconnect(kEndTimeout);
      client->reset();
    }
}

awaitable<void> Ingest::serve() {
  while (true) {
    auto connected = co_await connect();
    if (connected && !lost_) {
      connected_ = true;
      trouble_.clear();
      backoff_.reset();
      metrics_.at(kBrokerConnected).set(1);
      log::info("ingest", "connected to the broker", {{"broker", broker_.broker}});
      while (!lost_) co_await event_.wait(Millis{60'000});
    } else if (!connected && trouble_ != connected.error().message) {
      trouble_ = connected.error().message;
      log::warning("ingest", "no broker; the edges keep what they have",
                   {{"broker", broker_.broker}, {"reason", trouble_}});
    }
    co_await end();
    co_await clock_.sleep_for(backoff_.next());
  }
}

void Ingest::take(MqttMessage message) {
  const auto topic = topics::parse_up(message.topic);
  const MonoTime now = clock_.mono();
  if (!topic) {
    metrics_.at(kFramesRefused).add();
    if (const auto left_out = quiet_.pass("topic", now))
      log::warning("ingest", "a message on a topic of no edge",
                   {{"topic", message.topic.substr(0, 200)}, {"left_out", *left_out}});
    return;
  }
  const Origin origin{topic->edge, topic->site};
  if (!topic->lane) return;  // birth and Will are hints; silence is judged by what is heard (rule 14)
  auto decoded = decode(message.payload);
  if (!decoded) {
    metrics_.at(kFramesRefused).add();
    if (const auto left_out = quiet_.pass("frame/" + origin.edge, now))
      log::warning("ingest", "a frame that cannot be read is ignored",
                   {{"edge", origin.edge}, {"reason", decoded.error().message}, {"left_out", *left_out}});
    return;
  }
  heard_.insert(origin);
  frames_.at(*topic->lane)->add();
  if (*topic->lane == topics::Lane::backlog) credit_.sends(origin, now);
  if (auto* batch = std::get_if<RecordBatch>(&*decoded)) {
    receipts_.heard(origin, message.payload.size(), now);
    return take(origin, std::move(*batch), *topic->lane != topics::Lane::live);
  }
  if (const auto* waiting = std::get_if<Waiting>(&*decoded)) {
    credit_.waits(origin, *waiting, now);
    return waiting_.take(origin, *waiting);
  }
  if (const auto* hello = std::get_if<Hello>(&*decoded)) {
    if (hello->waiting) credit_.waits(origin, *hello->waiting, now);
    waiting_.take(origin, hello->waiting);
  }
  if (!std::holds_alternative<Hello>(*decoded) && !std::holds_alternative<Confirm>(*decoded)) {
    metrics_.at(kFramesRefused).add();
    if (const auto left_out = quiet_.pass("unexpected/" + origin.edge, now))
      log::warning("ingest", "a message that no collector expects", {{"edge", origin.edge}, {"left_out", *left_out}});
    return;
  }
  if (events_.push({origin, std::move(*decoded)})) return;
  metrics_.at(kFramesDeferred).add();
  if (const auto left_out = quiet_.pass("full", now))
    log::warning("ingest", "too many events at once; the edges send again",
                 {{"edge", origin.edge}, {"left_out", *left_out}});
}

/// Records may travel on any lane; their stream tells where they belong (rule 1).
void Ingest::take(const Origin& origin, RecordBatch batch, bool at_once) {
  std::vector<Record> events, samples;
  for (Record& record : batch.records)
    (record.id.place.stream == Stream::event ? events : samples).push_back(std::move(record));
  bool taken = true;
  if (!events.empty()) taken = events_.push({origin, RecordBatch{std::move(events)}});
  if (!samples.empty()) taken = telemetry_.push(origin, std::move(samples), at_once) && taken;
  if (!taken) metrics_.at(kFramesDeferred).add();
}

Credit Ingest::credit() { return credit_.grant(telemetry_.inbox_bytes(), telemetry_.held(), clock_.mono()); }

/// Answers say what the edge may send of its backlog. Telemetry's receipts go where telemetry comes from: on the other
/// connection they would stand before answers and orders.
void Ingest::reply(const Origin& to, const Message& message) {
  if (!connected_) return;
  if (const auto* answer = std::get_if<Answer>(&message)) {
    Answer with = *answer;
    with.credit = credit();
    send(*urgent_, to, with);
  } else if (const auto* receipt = std::get_if<Receipt>(&message);
             receipt && receipt->place.stream == Stream::telemetry) {
    send_telemetry(receipts_.take(to, *receipt, credit_.draining(to), clock_.mono()));
  } else {
    send(*urgent_, to, message);
  }
}

/// Those of an edge that drains say what has become of its credit.
void Ingest::send_telemetry(ReceiptDesk::Out receipts) {
  for (auto& [to, receipt] : receipts) {
    if (credit_.draining(to)) receipt.credit = credit();
    send(*bulk_, to, receipt);
  }
}

awaitable<void> Ingest::send_waiting() {
  while (true) {
    co_await clock_.sleep_for(kReceiptsEvery);
    if (connected_) send_telemetry(receipts_.due(clock_.mono()));
  }
}

void Ingest::send(MqttClient& client, const Origin& to, const Message& message) {
  auto frame = encode(message);
  if (!frame) {
    log::error("ingest", "an answer does not fit into a frame", {{"edge", to.edge}, {"reason", frame.error().message}});
    return;
  }
  const auto sent = client.publish({topics::down_receipt(to.site, to.edge), std::move(*frame), 1, false, kReplyExpiry});
  if (const auto* receipt = std::get_if<Receipt>(&message); sent && receipt)
    receipts_counted_.at(receipt->place.stream)->add();
  if (!sent)
    log::debug("ingest", "answer not sent; the edge asks again", {{"edge", to.edge}, {"reason", sent.error().message}});
}

bool Ingest::command(const Origin& to, const std::string& payload, Millis life) {
  const auto expiry = std::chrono::ceil<std::chrono::seconds>(life);
  const bool sent =
      connected_ && urgent_->publish({topics::down_command(to.site, to.edge), payload, 1, false, expiry}).has_value();
  metrics_.at(kCommands, {sent ? "sent" : "lost"}).add();
  return sent;
}

}  // namespace anlan::collector
