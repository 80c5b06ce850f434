#include "edge/uplink/uplink.hpp"

#include <algorithm>

#include "common/base/log.hpp"
#include "common/wire/codec.hpp"
#include "edge/uplink/uplink_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;
using topics::Lane;

namespace {

constexpr Millis kConnectTimeout{10'000};
constexpr Millis kEndTimeout{500};
constexpr Millis kBackoffFirst{500}, kBackoffMost{30'000};
constexpr Millis kBackoffRed{2'000};  // at most, while an active red alert waits for the line
constexpr std::size_t kInbox =
    10'000;  // messages from the centre not yet taken; beyond it they are dropped: they come again

}  // namespace

Uplink::Uplink(boost::asio::any_io_executor executor, Clock& clock, AsyncBuffer& buffer,
               UplinkMachine::Settings settings, UplinkMachine::Identity identity, MqttOptions broker,
               MqttFactory connect, Metrics& metrics, std::uint64_t seed)
    : executor_(executor),
      clock_(clock),
      buffer_(buffer),
      settings_(settings),
      identity_(identity),
      broker_(std::move(broker)),
      factory_(std::move(connect)),
      metrics_(metrics),
      machine_(settings, std::move(identity)),
      backoff_(kBackoffFirst, kBackoffMost, seed),
      event_(executor) {
  status_.since = clock.wall();
}

std::unique_ptr<MqttClient> Uplink::client(const char* suffix) {
  MqttOptions options = broker_;
  // The id carries the incarnation: two boxes with one identity do not disconnect each other (PROTOCOL.md rule 6).
  options.client_id = "anlan-" + identity_.edge + "-" + identity_.incarnation.hex().substr(0, 12) + suffix;
  if (*suffix == '\0')
    if (auto will = encode(EdgeState{identity_.incarnation, false}))
      options.will = MqttPublish{topics::edge_state(identity_.site, identity_.edge), std::move(*will), 1, false, {}};
  auto made = factory_(std::move(options));
  made->on_lost = [this](std::string reason) { lost(std::move(reason)); };
  made->on_message = [this](MqttMessage message) {
    if (inbox_.size() < kInbox) inbox_.push_back(std::move(message));
    event_.set();
  };
  return made;
}

void Uplink::lost(std::string reason) {
  if (!lost_) status_.trouble = std::move(reason);
  lost_ = true;
  event_.set();
}

awaitable<Result<void>> Uplink::connect() {
  lost_ = false;
  inbox_.clear();
  received_.clear();
  urgent_ = client("");
  bulk_ = client("-bulk");
  auto first = co_await urgent_->connect(kConnectTimeout);
  if (!first) co_return first;
  auto second = co_await bulk_->connect(kConnectTimeout);
  if (!second) co_return second;
  std::vector<std::string> filters{topics::down_receipt(identity_.site, identity_.edge),
                                   std::string(topics::kCollectorState)};
  if (orders_) filters.push_back(topics::down_command(identity_.site, identity_.edge));
  auto subscribed = co_await urgent_->subscribe(std::move(filters), kConnectTimeout);
  if (!subscribed) co_return subscribed;
  if (auto birth = encode(EdgeState{identity_.incarnation, true}))
    co_return urgent_->publish({topics::edge_state(identity_.site, identity_.edge), std::move(*birth), 1, false, {}});
  co_return Result<void>{};
}

awaitable<void> Uplink::end() {
  machine_.disconnected();
  if (status_.connected) {
    status_.connected = status_.answered = false;
    status_.since = clock_.wall();
    metrics_.at(kUplinkConnected).set(0);
    log::warning("uplink", "line lost", {{"broker", broker_.broker}, {"reason", status_.trouble}});
  }
  for (auto* client : {&urgent_, &bulk_})
    if (*client) {
      co_await (*client)->disconnect(kEndTimeout);
      client->reset();
    }
}

awaitable<void> Uplink::run() {
  while (true) {
    auto connected = co_await connect();
    if (connected && !lost_) {
      status_ = {true, false, clock_.wall(), ""};
      metrics_.at(kUplinkConnected).set(1);
      metrics_.at(kUplinkConnections).add();
      log::info("uplink", "connected", {{"broker", broker_.broker}});
      machine_.ledger(buffer_.ledger(), clock_.mono());
      machine_.connected();
      co_await pump();
    } else if (!connected) {
      if (status_.trouble != connected.error().message)
        log::warning("uplink", "no line to the centre; everything is kept and sent later",
                     {{"broker", broker_.broker}, {"reason", connected.error().message}});
      status_.trouble = connected.error().message;
    }
    co_await end();
    const Millis delay = backoff_.next();
    co_await clock_.sleep_for(red_waits() ? std::min(delay, kBackoffRed) : delay);
  }
}

bool Uplink::red_waits() const {
  return std::ranges::any_of(buffer_.ledger()->active,
                             [](const auto& entry) { return entry.second.level == Level::red; });
}

awaitable<void> Uplink::pump() {
  while (!lost_) {
    co_await take_inbox();
    machine_.ledger(buffer_.ledger(), clock_.mono());
    greet();
    report();
    const bool busy = co_await send_next();
    if (busy || lost_ || !inbox_.empty()) continue;
    const MonoTime now = clock_.mono();
    co_await event_.wait(std::max(machine_.wake(now) - now, Millis{10}));
  }
}

void Uplink::greet() {
  while (auto message = machine_.greeting(stamp(clock_))) {
    if (auto* hello = std::get_if<Hello>(&*message)) {
      if (orders_) orders_->gate.greeted(hello->counter, clock_.mono());
      if (countable()) hello->waiting = machine_.waiting(hello->at, oldest_());
    }
    if (!publish(Lane::urgent, *message)) break;
  }
}

/// It goes where the samples go: what is urgent has nothing before it.
void Uplink::report() {
  if (!machine_.report_due(clock_.mono())) return;
  if (!countable()) return machine_.no_report(clock_.mono());
  if (const auto message = machine_.report(stamp(clock_), oldest_())) publish(Lane::live, *message);
}

/// Rows that lie elsewhere wait too, but nobody can count them: then nothing is said.
bool Uplink::countable() const { return !buffer_.in_refuge() && !buffer_.bringing(); }

/// Sends one frame; false where there is nothing to send or it cannot go now.
awaitable<bool> Uplink::send_next() {
  const auto order = machine_.next(clock_.mono());
  if (!order) co_return false;
  auto rows = co_await buffer_.read_to_send(order->place, order->wanted, kFrameRecords, order->bytes);
  if (!rows) {
    log::error("uplink", "cannot read the buffer", {{"reason", rows.error().message}});
    co_await clock_.sleep_for(Millis{1000});
    co_return false;
  }
  RecordBatch batch{fitting(std::move(*rows))};
  machine_.ledger(buffer_.ledger(), clock_.mono());
  if (batch.records.empty() || lost_) co_return true;  // damaged rows became a gap, or the line went
  if (!publish(order->lane, batch)) {
    co_await clock_.sleep_for(Millis{50});
    co_return false;
  }
  machine_.sent(batch.records, clock_.mono());
  metrics_.at(kRecordsSent, {topics::to_string(order->lane)}).add(static_cast<double>(batch.records.size()));
  co_return true;
}

bool Uplink::publish(Lane lane, const Message& message) {
  auto frame = machine_.columns() ? encode_in_columns(message) : encode(message);
  if (!frame) {
    log::error("uplink", "a message does not fit into a frame", {{"reason", frame.error().message}});
    return false;
  }
  MqttClient& client = lane == Lane::urgent ? *urgent_ : *bulk_;
  const auto expiry = std::chrono::ceil<std::chrono::seconds>(settings_.resend_after);  // rule 14
  const auto published =
      client.publish({topics::up(identity_.site, identity_.edge, lane), std::move(*frame), 1, false, expiry});
  if (!published) log::debug("uplink", "not sent now", {{"reason", published.error().message}});
  return published.has_value();
}

awaitable<void> Uplink::take_inbox() {
  while (!inbox_.empty()) {
    MqttMessage message = std::move(inbox_.front());
    inbox_.pop_front();
    co_await take(std::move(message));
  }
  co_await mark_received();
}

void Uplink::take_order(const MqttMessage& message) {
  if (!orders_) return;
  auto command = orders_->gate.admit(message.payload, clock_.wall(), clock_.mono(), clock_.synced());
  metrics_.at(kCommands, {command ? "taken" : command.error().command ? "refused" : "unsigned"}).add();
  if (command) return orders_->obey(std::move(*command));
  const auto& [why, of_the_centre] = command.error();
  // Whoever repeats a recorded order fills neither the log nor the buffer.
  const auto left_out = quiet_.pass(of_the_centre ? of_the_centre->id.hex() : "unsigned", clock_.mono());
  if (!left_out) return;
  log::warning("uplink", "an order is refused", {{"reason", why}, {"left_out", *left_out}});
  if (of_the_centre) orders_->refused(*of_the_centre, why);
}

awaitable<void> Uplink::take(MqttMessage message) {
  if (message.topic.ends_with("/down/command")) co_return take_order(message);
  auto decoded = decode(message.payload);
  if (!decoded) {
    metrics_.at(kMessagesUnreadable).add();
    log::warning("uplink", "cannot read a message of the centre",
                 {{"topic", message.topic}, {"reason", decoded.error().message}});
    co_return;
  }
  if (const auto* state = std::get_if<CollectorState>(&*decoded); state && !state->audit_head.empty() && on_head)
    on_head(state->audit_head);
  auto deed = machine_.take(*decoded);
  if (const auto* nothing = std::get_if<UplinkMachine::Nothing>(&deed)) {
    if (!nothing->why.empty()) log::info("uplink", "ignored " + nothing->why);
  } else if (auto* mark = std::get_if<UplinkMachine::MarkReceived>(&deed)) {
    received_[mark->place].add(mark->data);
    const auto stream = to_string(mark->place.stream);
    metrics_.at(kRecordsReceipted, {stream}).add(static_cast<double>(mark->data.count()));
    metrics_.at(kRecordsQuarantined, {stream}).add(static_cast<double>(mark->quarantined.count()));
    metrics_.at(kLastReceipt).set(static_cast<double>(to_ms(clock_.wall())) / 1000);
    if (!mark->quarantined.empty())
      log::warning("uplink", "the centre keeps records that it cannot read yet",
                   {{"stream", stream}, {"records", mark->quarantined.str()}});
  } else {
    co_await mark_received();  // receipts belong to the generation in which they came
    co_await take_answer(std::move(std::get<UplinkMachine::Agree>(deed).answer));
  }
}

awaitable<void> Uplink::mark_received() {
  if (received_.empty()) co_return;
  const auto marked = co_await buffer_.mark_received(std::exchange(received_, {}));
  if (marked) co_return;
  metrics_.at(kReceiptsRefused).add();
  log::error("uplink", "receipt not taken", {{"reason", marked.error().message}});
}

awaitable<void> Uplink::take_answer(Answer answer) {
  if (answer.stale)
    log::warning("uplink", "the centre takes this buffer for a restored one or for a second box with this identity");
  const auto agreed = co_await buffer_.agree(std::move(answer));
  machine_.ledger(buffer_.ledger(), clock_.mono());
  if (!agreed) {
    log::error("uplink", "the centre's answer cannot be taken", {{"reason", agreed.error().message}});
    co_return;
  }
  machine_.agreed();
  backoff_.reset();
  if (!status_.answered) log::info("uplink", "the centre has answered");
  status_.answered = true;
}

}  // namespace anlan::edge
