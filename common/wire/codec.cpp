// The envelope: one function each way for each message.
#include "common/wire/codec.hpp"

#include "common/wire/column_batch.hpp"
#include "common/wire/convert.hpp"
#include "common/wire/frame.hpp"

namespace anlan {
namespace {

using namespace wire;

void put(v1::StoreRef& out, const StoreRef& store) {
  out.set_id(bytes(store.id));
  out.set_generation(bytes(store.generation));
}

StoreRef get(const v1::StoreRef& in) {
  return {id_from<StoreId>(in.id(), "store id"), id_from<Generation>(in.generation(), "generation")};
}

void put(v1::Credit& out, const Credit& credit) {
  out.set_frames(credit.frames);
  out.set_bytes(credit.bytes);
}

Credit get(const v1::Credit& in) { return {in.frames(), in.bytes()}; }

void put(v1::Waiting& out, const Waiting& waiting) {
  const auto put_amount = [](v1::Amount& o, const Waiting::Amount& amount) {
    o.set_records(amount.records);
    o.set_samples(amount.samples);
    o.set_bytes(amount.bytes);
  };
  out.set_at(to_ms(waiting.at));
  if (waiting.urgent.records > 0) put_amount(*out.mutable_urgent(), waiting.urgent);
  if (waiting.live.records > 0) put_amount(*out.mutable_live(), waiting.live);
  if (waiting.backlog.records > 0) put_amount(*out.mutable_backlog(), waiting.backlog);
  if (waiting.oldest) out.set_oldest(to_ms(*waiting.oldest));
}

Waiting get(const v1::Waiting& in) {
  const auto amount = [](const v1::Amount& a) {
    return Waiting::Amount{counted(a.records(), "records waiting"), counted(a.samples(), "samples waiting"),
                           counted(a.bytes(), "bytes waiting")};
  };
  Waiting waiting{wall_from_ms(in.at()), amount(in.urgent()), amount(in.live()), amount(in.backlog()), {}};
  if (in.has_oldest()) waiting.oldest = wall_from_ms(in.oldest());
  return waiting;
}

void put_envelope(v1::Envelope& out, const Waiting& waiting) { put(*out.mutable_waiting(), waiting); }

void put_envelope(v1::Envelope& out, const Hello& hello) {
  auto& m = *out.mutable_hello();
  m.set_edge(hello.edge);
  m.set_site(hello.site);
  m.set_version(hello.version);
  m.set_incarnation(bytes(hello.incarnation));
  m.set_counter(hello.counter);
  if (hello.token) m.set_token(bytes(*hello.token));
  if (hello.generation) m.set_generation(bytes(*hello.generation));
  m.set_epoch(bytes(hello.epoch));
  for (const EpochEnd& end : hello.ends) {
    auto& e = *m.add_ends();
    e.set_epoch(bytes(end.epoch));
    e.set_ordinal(end.ordinal);
    e.set_event_end(end.event_end);
    e.set_telemetry_end(end.telemetry_end);
  }
  for (const auto& alert : hello.active) wire::put(*m.add_active(), alert);
  m.set_at(to_ms(hello.at));
  m.set_clock(static_cast<std::uint32_t>(hello.clock));
  if (hello.waiting) put(*m.mutable_waiting(), *hello.waiting);
}

Hello get(const v1::Hello& m) {
  Hello hello;
  hello.edge = m.edge();
  hello.site = m.site();
  hello.version = m.version();
  hello.incarnation = id_from<Incarnation>(m.incarnation(), "incarnation");
  hello.counter = m.counter();
  if (!m.token().empty()) hello.token = id_from<Token>(m.token(), "token");
  if (!m.generation().empty()) hello.generation = id_from<Generation>(m.generation(), "generation");
  hello.epoch = id_from<Epoch>(m.epoch(), "epoch");
  for (const auto& e : m.ends())
    hello.ends.push_back({id_from<Epoch>(e.epoch(), "epoch"), counted(e.ordinal(), "ordinal"),
                          counted(e.event_end(), "end of events"), counted(e.telemetry_end(), "end of telemetry")});
  for (const auto& alert : m.active()) hello.active.push_back(wire::get(alert));
  hello.at = wall_from_ms(m.at());
  hello.clock = enum_from(m.clock(), ClockState::unsynced, ClockState::stepped, "clock state");
  if (m.has_waiting()) hello.waiting = get(m.waiting());
  return hello;
}

void put_envelope(v1::Envelope& out, const Answer& answer) {
  auto& m = *out.mutable_answer();
  m.set_incarnation(bytes(answer.incarnation));
  m.set_counter(answer.counter);
  put(*m.mutable_store(), answer.store);
  m.set_token(bytes(answer.token));
  const auto put_all = [](auto& list, const RangesByPlace& ranges) {
    for (const auto& [place, set] : ranges) {
      auto& entry = *list.Add();
      wire::put(*entry.mutable_place(), place);
      wire::put(*entry.mutable_ranges(), set);
    }
  };
  put_all(*m.mutable_data(), answer.data);
  put_all(*m.mutable_voided(), answer.voided);
  for (const auto& hash : answer.wanted) m.add_wanted(bytes(hash));
  m.set_stale(answer.stale);
  m.set_columns(answer.columns);
  m.set_waiting(answer.waiting);
  if (answer.credit) put(*m.mutable_credit(), *answer.credit);
}

Answer get(const v1::Answer& m) {
  Answer answer;
  answer.incarnation = id_from<Incarnation>(m.incarnation(), "incarnation");
  answer.counter = m.counter();
  answer.store = get(m.store());
  answer.token = id_from<Token>(m.token(), "token");
  for (const auto& entry : m.data()) answer.data[wire::get(entry.place())] = wire::get(entry.ranges());
  for (const auto& entry : m.voided()) answer.voided[wire::get(entry.place())] = wire::get(entry.ranges());
  for (const auto& hash : m.wanted()) answer.wanted.push_back(id_from<DefinitionHash>(hash, "definition hash"));
  answer.stale = m.stale();
  answer.columns = m.columns();
  answer.waiting = m.waiting();
  if (m.has_credit()) answer.credit = get(m.credit());
  return answer;
}

void put_envelope(v1::Envelope& out, const Receipt& receipt) {
  auto& m = *out.mutable_receipt();
  put(*m.mutable_store(), receipt.store);
  wire::put(*m.mutable_place(), receipt.place);
  wire::put(*m.mutable_data(), receipt.data);
  if (!receipt.quarantined.empty()) wire::put(*m.mutable_quarantined(), receipt.quarantined);
  if (receipt.credit) put(*m.mutable_credit(), *receipt.credit);
}

Receipt get(const v1::Receipt& m) {
  Receipt receipt{get(m.store()), wire::get(m.place()), wire::get(m.data()), wire::get(m.quarantined())};
  if (m.has_credit()) receipt.credit = get(m.credit());
  return receipt;
}

void put_envelope(v1::Envelope& out, const Confirm& confirm) {
  auto& m = *out.mutable_confirm();
  m.set_edge(confirm.edge);
  m.set_incarnation(bytes(confirm.incarnation));
  m.set_token(bytes(confirm.token));
}

Confirm get(const v1::Confirm& m) {
  return {m.edge(), id_from<Incarnation>(m.incarnation(), "incarnation"), id_from<Token>(m.token(), "token")};
}

void put_envelope(v1::Envelope& out, const CollectorState& state) {
  put(*out.mutable_collector_state()->mutable_store(), state.store);
  out.mutable_collector_state()->set_online(state.online);
  out.mutable_collector_state()->set_audit_head(state.audit_head);
}

CollectorState get(const v1::CollectorState& m) { return {get(m.store()), m.online(), m.audit_head()}; }

void put_envelope(v1::Envelope& out, const EdgeState& state) {
  out.mutable_edge_state()->set_incarnation(bytes(state.incarnation));
  out.mutable_edge_state()->set_online(state.online);
}

EdgeState get(const v1::EdgeState& m) { return {id_from<Incarnation>(m.incarnation(), "incarnation"), m.online()}; }

void put_envelope(v1::Envelope& out, const RecordBatch& batch) {
  auto& m = *out.mutable_records();
  v1::RecordRun* run = nullptr;
  const Place* place = nullptr;
  for (const Record& record : batch.records) {
    if (!place || *place != record.id.place) {
      run = m.add_runs();
      place = &record.id.place;
      wire::put(*run->mutable_place(), *place);
    }
    auto& r = *run->add_records();
    r.set_sequence(record.id.sequence);
    r.set_kind(static_cast<std::uint32_t>(record.kind));
    r.set_wall(to_ms(record.wall));
    r.set_mono(to_ms(record.mono));
    r.set_clock(static_cast<std::uint32_t>(record.clock));
    r.set_samples(record.samples);
    r.set_payload(record.payload);
    r.set_checksum(record.checksum);
  }
}

RecordBatch get(const v1::RecordBatch& m) {
  RecordBatch batch;
  std::uint64_t samples = 0;
  for (const auto& run : m.runs()) {
    const Place place = wire::get(run.place());
    for (const auto& r : run.records()) {
      samples += r.samples();
      if (samples > kMaxFrameSamples) throw Bad{Errc::too_large, "frame of more than 100000 samples"};
      // An unknown clock state is kept as it is, like an unknown kind: the checksum is over it.
      batch.records.push_back({{place, counted(r.sequence(), "sequence")},
                               static_cast<Kind>(r.kind()),
                               wall_from_ms(r.wall()),
                               mono_from_ms(r.mono()),
                               static_cast<ClockState>(r.clock()),
                               r.samples(),
                               r.payload(),
                               r.checksum()});
    }
  }
  return batch;
}

}  // namespace

Result<std::string> encode(const Message& message) {
  v1::Envelope envelope;
  std::visit([&](const auto& m) { put_envelope(envelope, m); }, message);
  return pack_frame(serialize(envelope));
}

Result<std::string> encode_in_columns(const Message& message) {
  v1::Envelope envelope;
  const auto* batch = std::get_if<RecordBatch>(&message);
  if (!batch || !wire::put(*envelope.mutable_columns(), *batch)) return encode(message);
  auto packed = pack_frame(serialize(envelope));
  return packed ? packed : encode(message);
}

Result<Message> decode(std::string_view frame) {
  const auto unpacked = unpack_frame(frame);
  if (!unpacked) return fail(unpacked.error());
  return guarded([&]() -> Message {
    v1::Envelope envelope;
    parse(envelope, *unpacked, "frame");
    switch (envelope.body_case()) {
      case v1::Envelope::kHello:
        return get(envelope.hello());
      case v1::Envelope::kRecords:
        return get(envelope.records());
      case v1::Envelope::kColumns:
        return wire::get(envelope.columns());
      case v1::Envelope::kConfirm:
        return get(envelope.confirm());
      case v1::Envelope::kAnswer:
        return get(envelope.answer());
      case v1::Envelope::kReceipt:
        return get(envelope.receipt());
      case v1::Envelope::kCollectorState:
        return get(envelope.collector_state());
      case v1::Envelope::kEdgeState:
        return get(envelope.edge_state());
      case v1::Envelope::kWaiting:
        return get(envelope.waiting());
      case v1::Envelope::BODY_NOT_SET:
        break;
    }
    throw Bad{Errc::unsupported, "frame holds no message known here"};
  });
}

}  // namespace anlan
