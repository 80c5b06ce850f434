#include "edge/uplink/uplink_machine.hpp"

#include <algorithm>
#include <utility>

namespace anlan::edge {

using topics::Lane;

void UplinkMachine::ledger(std::shared_ptr<const Ledger> newest, MonoTime now) {
  ledger_ = std::move(newest);
  // A buffer that was healed goes on under another epoch: only this process adds epochs after its own.
  if (ledger_->knows(identity_.epoch) && ledger_->epochs.back().epoch != identity_.epoch) {
    identity_.epoch = ledger_->epochs.back().epoch;
    live_from_ = 0;
    hello_at_.reset();
  }
  flights_.remove_if([&](Flight& flight) {
    if (!flight.records.intersection(ledger_->at(flight.place).due()).empty()) return false;
    if (flight.backlog && !flight.late) backlog_.received(flight.bytes, flight.at, now);
    return true;
  });
}

void UplinkMachine::connected() {
  connected_ = true;
  answered_ = confirm_ = columns_ = reports_ = behind_ = false;
  hello_at_.reset();
  looked_at_.reset();
  credit_.reset();
  backlog_.restart();
  flights_.clear();  // what the old connection carried may be lost; sending it twice costs nothing but the line
  live_from_ = ledger_->at({identity_.epoch, Stream::telemetry}).next;
}

void UplinkMachine::disconnected() { connected_ = answered_ = confirm_ = false; }

UplinkMachine::Deed UplinkMachine::take(const Message& message) {
  if (const auto* receipt = std::get_if<Receipt>(&message)) {
    if (ledger_->store == receipt->store) {
      if (receipt->credit) credit_ = receipt->credit;
      return MarkReceived{receipt->place, receipt->data, receipt->quarantined};
    }
    if (ledger_->store) hello_at_.reset();  // rule 5: it frees nothing, and the edge greets anew
    return Nothing{"a receipt of another store or generation"};
  }
  if (const auto* answer = std::get_if<Answer>(&message)) {
    if (answer->incarnation != identity_.incarnation) return Nothing{};  // rule 5: to another process of this name
    if (answer->counter != counter_) return Nothing{};                   // rule 5: to an older hello
    if (ledger_->store && ledger_->store->id != answer->store.id)
      return Nothing{"an answer of store " + answer->store.id.hex() + "; this buffer belongs to store " +
                     ledger_->store->id.hex()};
    columns_ = answer->columns;
    reports_ = answer->waiting;
    credit_ = answer->credit;
    return Agree{*answer};
  }
  if (const auto* state = std::get_if<CollectorState>(&message)) {
    if (ledger_->store != state->store) hello_at_.reset();  // rule 5: the retained state shows another generation
    return Nothing{};
  }
  return Nothing{"a message that no edge expects"};
}

void UplinkMachine::agreed() {
  if (!connected_) return;
  answered_ = confirm_ = true;
}

std::optional<Message> UplinkMachine::greeting(const Stamp& now) {
  if (!connected_) return std::nullopt;
  if (confirm_ && ledger_->token) {
    confirm_ = false;
    return Confirm{identity_.edge, identity_.incarnation, *ledger_->token};
  }
  const Millis due = answered_ ? settings_.hello_every : settings_.resend_after;
  if (hello_at_ && now.mono - *hello_at_ < due) return std::nullopt;
  return hello(now);
}

Hello UplinkMachine::hello(const Stamp& now) {
  hello_at_ = looked_at_ = now.mono;
  Hello hello;
  hello.edge = identity_.edge;
  hello.site = identity_.site;
  hello.version = identity_.version;
  hello.incarnation = identity_.incarnation;
  hello.counter = ++counter_;
  hello.token = ledger_->token;
  if (ledger_->store) hello.generation = ledger_->store->generation;
  hello.epoch = identity_.epoch;
  hello.ends = ledger_->ends();
  if (ledger_->knows(identity_.epoch))  // an epoch without a record does not yet go on with these alerts
    for (const auto& [id, transition] : ledger_->active) hello.active.push_back(transition);
  hello.at = now.wall;
  hello.clock = now.clock;
  return hello;
}

bool UplinkMachine::room(Stream stream, std::size_t frames, MonoTime now) const {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  for (const Flight& flight : flights_) {
    if (flight.place.stream != stream || !pending(flight, now)) continue;
    ++count;
    bytes += flight.bytes;
  }
  return count < frames && bytes < settings_.window_bytes;
}

std::optional<UplinkMachine::Order> UplinkMachine::order_at(const Place& place, std::uint64_t from, Lane lane,
                                                            MonoTime now) const {
  RangeSet wanted = ledger_->at(place).due();
  wanted.remove(0, from);
  for (const Flight& flight : flights_)
    if (flight.place == place && pending(flight, now)) wanted.remove(flight.records);
  if (wanted.empty()) return std::nullopt;
  const std::size_t bytes =
      lane == Lane::backlog ? std::min<std::size_t>(kFramePayload, backlog_bytes() / 2) : kFramePayload;
  return Order{lane, place, std::move(wanted), bytes};
}

std::optional<UplinkMachine::Order> UplinkMachine::next(MonoTime now) {
  if (!connected_) return std::nullopt;
  notice_late(now);
  if (room(Stream::event, settings_.window, now))  // events have a credit of their own
    for (const auto& entry : ledger_->epochs)
      if (auto order = order_at({entry.epoch, Stream::event}, 0, Lane::urgent, now)) return order;
  return next_telemetry(now);
}

void UplinkMachine::notice_late(MonoTime now) {
  for (Flight& flight : flights_) {
    if (flight.late || pending(flight, now)) continue;
    flight.late = true;
    if (flight.backlog) backlog_.lost(now);
  }
}

UplinkMachine::Load UplinkMachine::backlog_in_flight(MonoTime now) const {
  Load load;
  for (const Flight& flight : flights_)
    if (flight.backlog && pending(flight, now)) {
      ++load.frames;
      load.bytes += flight.bytes;
    }
  return load;
}

/// What the line takes, and what the centre allows.
std::uint64_t UplinkMachine::backlog_bytes() const {
  return credit_ ? std::min(backlog_.bytes(), credit_->bytes) : backlog_.bytes();
}

bool UplinkMachine::backlog_may_go(MonoTime now) const {
  const Load load = backlog_in_flight(now);
  return load.bytes < backlog_bytes() && (!credit_ || load.frames < credit_->frames);
}

std::optional<UplinkMachine::Order> UplinkMachine::next_telemetry(MonoTime now) const {
  if (!answered_) return std::nullopt;  // rule 6: until it is answered only events are sent
  if (!room(Stream::telemetry, settings_.window, now)) return std::nullopt;
  if (auto order = order_at({identity_.epoch, Stream::telemetry}, live_from_, Lane::live, now)) return order;
  if (!room(Stream::telemetry, settings_.window - settings_.window / 4, now))
    return std::nullopt;  // a quarter stays for live
  if (!backlog_may_go(now)) return std::nullopt;
  for (const auto& entry : ledger_->epochs)
    if (auto order = order_at({entry.epoch, Stream::telemetry}, 0, Lane::backlog, now)) return order;
  return std::nullopt;
}

void UplinkMachine::sent(const std::vector<Record>& records, MonoTime now) {
  if (records.empty()) return;
  const auto& [place, first] = records.front().id;
  Flight flight{place, {}, now, 0};
  flight.backlog = place.stream == Stream::telemetry && (place.epoch != identity_.epoch || first < live_from_);
  for (const Record& record : records) {
    flight.records.add(record.id.sequence);
    flight.bytes += row_bytes(record.payload.size());
  }
  // What is sent again belongs to its newest frame.
  flights_.remove_if([&](Flight& old) {
    if (old.place == flight.place) old.records.remove(flight.records);
    return old.records.empty();
  });
  flights_.push_back(std::move(flight));
}

// ---- how far behind ------------------------------------------------------------------------------------------------

namespace {

/// Of a place, the part `due`: bytes by the mean of the rows held, samples by the mean of all that were committed.
void add(Waiting::Amount& sum, const PlaceState& state, std::uint64_t due) {
  if (due == 0) return;
  const auto part = [&](std::uint64_t whole, std::uint64_t of) {
    return static_cast<std::uint64_t>(static_cast<double>(whole) * static_cast<double>(due) / static_cast<double>(of));
  };
  sum.records += due;
  sum.bytes += part(state.bytes, state.held.count());
  sum.samples += part(state.samples, state.next);
}

}  // namespace

Waiting UplinkMachine::waiting(WallTime now, std::optional<WallTime> oldest) const {
  Waiting waiting{now, {}, {}, {}, oldest};
  for (const auto& [place, state] : ledger_->places) {
    const RangeSet due = state.due();
    if (place.stream == Stream::event) {
      add(waiting.urgent, state, due.count());
      continue;
    }
    const std::uint64_t from = place.epoch == identity_.epoch ? live_from_ : RangeSet::kEnd;
    const std::uint64_t live = due.intersection(RangeSet(from, RangeSet::kEnd)).count();
    add(waiting.live, state, live);
    add(waiting.backlog, state, due.count() - live);
  }
  if (waiting.live.records == 0 && waiting.backlog.records == 0) waiting.oldest.reset();
  return waiting;
}

bool UplinkMachine::report_due(MonoTime now) const {
  return connected_ && answered_ && reports_ && (!looked_at_ || now - *looked_at_ >= kReportEvery);
}

std::optional<Message> UplinkMachine::report(const Stamp& now, std::optional<WallTime> oldest) {
  looked_at_ = now.mono;
  Waiting newest = waiting(now.wall, oldest);
  const bool behind = newest.backlog.records > 0 || (newest.oldest && now.wall - *newest.oldest > kBehind);
  if (!std::exchange(behind_, behind) && !behind) return std::nullopt;
  return newest;
}

MonoTime UplinkMachine::wake(MonoTime now) const {
  MonoTime when = now + settings_.hello_every;
  if (!connected_) return when;
  const Millis due = answered_ ? settings_.hello_every : settings_.resend_after;
  when = std::min(when, hello_at_ ? *hello_at_ + due : now);
  for (const Flight& flight : flights_)  // what is due again and did not go waits for something else
    if (pending(flight, now)) when = std::min(when, flight.at + settings_.resend_after);
  if (answered_ && reports_) when = std::min(when, looked_at_ ? *looked_at_ + kReportEvery : now);
  return std::max(when, now);
}

std::vector<Record> fitting(std::vector<Record> records) {
  std::size_t bytes = 0, samples = 0, count = 0;
  for (const Record& record : records) {
    bytes += record.payload.size();
    samples += record.samples;
    if (count > 0 && (bytes > kFramePayload || samples > kMaxFrameSamples)) break;
    ++count;
  }
  records.resize(count);
  return records;
}

}  // namespace anlan::edge
