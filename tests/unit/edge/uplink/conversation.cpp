#include "tests/unit/edge/uplink/conversation.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"

namespace anlan::talk {

namespace {

constexpr const char* kEdge = "edge-1";
constexpr edge::UplinkMachine::Settings kSettings{Millis{5000}, Millis{100}, 8, 1 << 20};
// Of the resend time. What the edge was not told it learns by a heartbeat, one of which may be lost too.
constexpr int kLeastRounds = 110, kMostRounds = 250;

}  // namespace

std::string_view to_string(Fault fault) {
  constexpr std::string_view names[] = {"lost",      "doubled",         "overtaken",     "delayed",
                                        "truncated", "line cut before", "line cut after"};
  return names[static_cast<std::size_t>(fault)];
}

Conversation::Conversation(Faults faults) : faults_(std::move(faults)) { start_edge(); }

void Conversation::start_edge() {
  ++ids_;
  buffer_ =
      std::make_unique<edge::Buffer>(storage_, edge::Buffer::Identity{kEdge, {ids_, 1}, {ids_, 2}, "0.1.0"}, 1 << 20);
  if (!buffer_->open(stamp())) wrong("the buffer does not open");
  machine_ = std::make_unique<edge::UplinkMachine>(
      kSettings, edge::UplinkMachine::Identity{kEdge, "site-1", "0.1.0", {ids_, 3}, {ids_, 1}});
  refresh();
}

Conversation& Conversation::edge_commits_samples(int count) {
  edge::Commit commit;
  for (int i = 0; i < count; ++i) commit.entries.push_back({Kind::samples, "samples " + std::to_string(++ids_), 1});
  if (!buffer_->commit(std::move(commit), stamp())) wrong("a commit fails");
  refresh();
  return *this;
}

Conversation& Conversation::edge_commits_alert() {
  AlertTransition t;
  t.alert = {++ids_, 4};
  t.version = 1;
  t.level = Level::red;
  auto active = buffer_->snapshot()->active;
  active[t.alert] = t;
  if (!buffer_->commit({{{Kind::alert, encode_payload(t), 0}}, std::move(active), {}, {}}, stamp()))
    wrong("a commit fails");
  refresh();
  return *this;
}

Conversation& Conversation::edge_connects() {
  connected_ = true;
  machine_->connected();
  return *this;
}

Conversation& Conversation::edge_restarts() {
  cut_line();
  start_edge();
  return edge_connects();
}

Conversation& Conversation::store_is_restored() {
  centre_ = backup_;
  centre_.store.generation = {++ids_, 6};
  centre_.first = false;
  restored_ = true;
  line_.clear();
  put(false, "state", CollectorState{centre_.store, true});
  return *this;
}

Conversation& Conversation::they_talk() {
  do {
    while (!line_.empty()) {
      Frame frame = std::move(line_.front());
      line_.pop_front();
      carry(std::move(frame));
    }
  } while (edge_speaks() || !line_.empty());
  for (Frame& frame : std::exchange(overtaken_, {})) deliver(frame);  // nothing came that could overtake it
  return line_.empty() ? *this : they_talk();
}

/// One message of the edge, if it has one.
bool Conversation::edge_speaks() {
  if (!connected_) return false;
  if (const auto message = machine_->greeting(stamp())) {
    const auto* hello = std::get_if<Hello>(&*message);
    put(true, hello ? "urgent hello " + std::to_string(hello->counter) : "urgent confirm", *message);
    return true;
  }
  const auto order = machine_->next(stamp().mono);
  if (!order) return false;
  auto rows = buffer_->read(order->place, order->wanted, 2, edge::kFramePayload, stamp());
  refresh();
  if (!rows || rows->empty()) {
    wrong("the buffer does not give what is due");
    return false;
  }
  RangeSet sequences;
  for (const Record& record : *rows) sequences.add(record.id.sequence);
  machine_->sent(*rows, stamp().mono);
  put(true,
      std::string(topics::to_string(order->lane)) + " " + std::string(anlan::to_string(order->place.stream)) + " " +
          sequences.str(),
      RecordBatch{std::move(*rows)});
  return true;
}

// ---- the line -----------------------------------------------------------------------------------------------------

void Conversation::put(bool up, std::string what, const Message& message) {
  line_.push_back({up, std::move(what), encode(message).value()});
}

void Conversation::carry(Frame frame) {
  const auto fault = faults_.find(count_++);
  transcript_.push_back((frame.up ? "up " : "down ") + frame.what +
                        (fault == faults_.end() ? "" : " (" + std::string(to_string(fault->second)) + ")"));
  const auto before = std::exchange(overtaken_, {});
  if (fault == faults_.end()) {
    deliver(frame);
  } else if (fault->second == Fault::doubled) {
    deliver(frame);
    deliver(frame);
  } else if (fault->second == Fault::overtaken) {
    overtaken_.push_back(std::move(frame));
  } else if (fault->second == Fault::delayed) {
    delayed_.emplace_back(now_ + 2 * kSettings.resend_after, std::move(frame));
  } else if (fault->second == Fault::truncated) {
    frame.bytes.resize(frame.bytes.size() / 2);
    if (decode(frame.bytes)) wrong("half a frame decodes: " + frame.what);
  } else if (fault->second != Fault::lost) {
    if (fault->second == Fault::line_cut_after) deliver(frame);
    cut_line();
    edge_connects();
  }
  for (const Frame& late : before) deliver(late);
}

void Conversation::cut_line() {
  connected_ = false;
  line_.clear();
  overtaken_.clear();
  machine_->disconnected();
}

void Conversation::deliver(const Frame& frame) {
  const auto message = decode(frame.bytes);
  if (!message) return wrong("a frame does not decode: " + frame.what);
  if (frame.up)
    to_centre(*message);
  else if (connected_)
    to_edge(*message);
}

// ---- both ends ----------------------------------------------------------------------------------------------------

void Conversation::to_edge(const Message& message) {
  auto deed = machine_->take(message);
  if (auto* mark = std::get_if<edge::UplinkMachine::MarkReceived>(&deed)) {
    for (const auto& range : mark->data.ranges())
      for (auto sequence = range.first; sequence < range.last; ++sequence)
        if (!centre_.records.contains({mark->place, sequence})) wrong("a receipt for what the store does not hold");
    if (!buffer_->mark_received({{mark->place, mark->data}}, stamp().mono)) wrong("a receipt is refused");
    refresh();
  } else if (auto* agree = std::get_if<edge::UplinkMachine::Agree>(&deed)) {
    if (!buffer_->agree(agree->answer, stamp())) return wrong("an answer is refused");
    refresh();
    machine_->agreed();
  }
}

void Conversation::to_centre(const Message& message) {
  auto& ledger = centre_.ledger;
  if (const auto* hello = std::get_if<Hello>(&message)) {
    const auto outcome =
        take_hello(ledger, *hello, centre_.store.generation, centre_.first, Token{++ids_, 5}, stamp().wall);
    if (outcome.old) return;
    put(false, "answer " + std::to_string(hello->counter), answer_to(ledger, *hello, centre_.store, {}, outcome.stale));
  } else if (const auto* confirm = std::get_if<Confirm>(&message)) {
    if (const auto suspicion = take_confirm(ledger, confirm->token))
      ledger.unknown_until = std::max(ledger.unknown_until.value_or(*suspicion), *suspicion);
  } else if (const auto* batch = std::get_if<RecordBatch>(&message)) {
    RangesByPlace receipts;
    for (const Record& record : batch->records) {
      const auto fate = take_record(ledger, kEdge, record);
      if (fate == collector::Fate::damaged) return wrong("a record is damaged");
      if (fate == collector::Fate::fresh && !centre_.records.emplace(record.id, record).second)
        wrong("a record is stored twice");
      if (centre_.records.at(record.id) != record) wrong("one identity has two payloads");
      receipts[record.id.place].add(record.id.sequence);
    }
    for (const auto& [place, data] : receipts)
      put(false, "receipt " + std::string(anlan::to_string(place.stream)) + " " + data.str(),
          Receipt{centre_.store, place, data, {}});
  }
}

// ---- the end ------------------------------------------------------------------------------------------------------

bool Conversation::drained() const {
  const auto ledger = buffer_->snapshot();
  return machine_->answered() && delayed_.empty() && centre_.ledger.confirmed == ledger->token &&
         std::ranges::all_of(ledger->places, [](const auto& place) { return place.second.due().empty(); });
}

std::string Conversation::outcome() {
  if (!connected_) edge_connects();
  for (int round = 0; round < kMostRounds && !(round > kLeastRounds && drained()); ++round) {
    they_talk();
    now_ += kSettings.resend_after;
    for (auto& [due, frame] : std::exchange(delayed_, {})) {
      if (due <= now_)
        deliver(frame);
      else
        delayed_.emplace_back(due, std::move(frame));
    }
  }
  if (!wrong_.empty()) return wrong_;
  if (!drained()) return "it does not drain";
  if (centre_.records != storage_.disk.rows) return "the store holds other records than the edge committed";
  if (!restored_ && centre_.ledger.losses_unknown()) return "a loss is reported that did not happen";
  if (!centre_.ledger.voided.empty()) return "something is void that is there";
  return "";
}

}  // namespace anlan::talk
