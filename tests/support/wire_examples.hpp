// One example of every message and payload of the line, the same for ever: their bytes are kept in tests/golden/wire,
// and fuzzers begin from them.
#pragma once

#include <string>
#include <vector>

#include "common/base/hex.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/command.hpp"

namespace anlan::test {

inline constexpr const char* kExampleEdge = "tj-bh-017-a";
inline constexpr Epoch kExampleEpoch{0x0123456789abcdefu, 0xfedcba9876543210u}, kEarlierEpoch{1, 2};
inline constexpr StoreRef kExampleStore{{0x1111111111111111u, 0x2222222222222222u},
                                        {0x3333333333333333u, 0x4444444444444444u}};

inline AlertTransition example_alert() {
  AlertTransition t;
  t.alert = {0xaaaa, 0xbbbb};
  t.version = 3;
  t.step = AlertStep::upgraded;
  t.level = Level::red;
  t.source = "tj-bh-017/tank-3/temperature";
  t.asset = "tj-bh-017/tank-3";
  t.rule = "high";
  t.name = "三号储罐温度";
  t.evidence = {91.5, 90, "Cel", wall_from_ms(1795421699000), Quality::out_of_range};
  t.score = 92.25;
  t.at = wall_from_ms(1795421700250);
  return t;
}

inline Definition example_definition() {
  PointDefinition temperature;
  temperature.path = {"tj-bh-017", "tank-3", "temperature"};
  temperature.name = "三号储罐温度";
  temperature.unit = "Cel";
  temperature.asset = "tj-bh-017/tank-3";
  temperature.limits.high.at = {60.0, 70.0, 80.0, 90.0};
  temperature.limits.low.at = {std::nullopt, std::nullopt, -10.0, -20.0};
  temperature.limits.deadband = 0.5;
  temperature.limits.on_delay = Millis{5000};
  temperature.limits.off_delay = Millis{10'000};
  temperature.period = Millis{250};
  PointDefinition level;
  level.path = {"tj-bh-017", "tank-3", "level"};
  level.unit = "m";
  level.asset = "tj-bh-017/tank-3";
  return {{temperature, level}};
}

/// Several points, times out of order, every quality, no value, the extremes of a double.
inline Samples example_samples() {
  Samples samples{hash_of(example_definition()), {}};
  const auto add = [&](std::uint32_t point, double value, Quality quality, std::int64_t at) {
    samples.samples.push_back({point, value, quality, wall_from_ms(at), {}});
  };
  add(0, 21.5, Quality::good, 1795421700000);
  add(1, 3.25, Quality::good, 1795421700010);
  add(0, kNoValue, Quality::comm_failure, 1795421700250);
  add(0, -0.0, Quality::stale, 1795421700200);
  add(1, 1.7976931348623157e308, Quality::out_of_range, 1795421700260);
  add(0, 5e-324, Quality::device_fault, 1795421700500);
  return samples;
}

/// What is left of a minute, and a sample that stayed as it was.
inline Samples example_minutes() {
  Samples samples{hash_of(example_definition()), {}};
  const auto add = [&](std::uint32_t point, double value, Quality quality, std::int64_t at) {
    samples.samples.push_back({point, value, quality, wall_from_ms(at), {}});
  };
  add(0, 21.75, Quality::minute_mean, 1795421700000);
  add(0, 20.5, Quality::minute_min, 1795421702000);
  add(0, 23.25, Quality::minute_max, 1795421759999);
  add(1, 3.25, Quality::good, 1795421700010);
  return samples;
}

inline Gap example_gap() {
  AlertTransition over = example_alert();
  over.step = AlertStep::cleared;
  over.actor = "王芳";
  RangeSet open(7, 9);
  open.add(20, RangeSet::kEnd);
  return {{{{kEarlierEpoch, Stream::event}, LossReason::damaged, RangeSet(3, 5)},
           {{kEarlierEpoch, Stream::telemetry}, LossReason::lost, open}},
          {over},
          {{"tj-bh-017/tank-3/level", wall_from_ms(1), wall_from_ms(2000), 17, LossReason::refused},
           {"", wall_from_ms(-5), wall_from_ms(5), std::nullopt, LossReason::lost}}};
}

inline Start example_start() {
  return {2,
          {kEarlierEpoch},
          {example_alert()},
          {{{kEarlierEpoch, Stream::event}, LossReason::lost, RangeSet(4, RangeSet::kEnd)}},
          {0xb007, 1},
          "0.1.0"};
}

inline EdgeEvent example_event() { return {"tj-bh-017/tank-3", "device-lost", "no answer within 500 ms", "李强"}; }

/// As the two above, with what was added later: payload-alert-maintenance and payload-maintenance.
inline AlertTransition example_marked_alert() {
  AlertTransition t = example_alert();
  t.maintenance = Level::orange;
  return t;
}

inline EdgeEvent example_maintenance() {
  return {"tj-bh-017/tank-3", "maintenance-end", "of 王工: 标定", "李强",
          MaintenanceWindow{{0xabcd, 0x1234},
                            "王工",
                            "标定",
                            wall_from_ms(1795421700000),
                            wall_from_ms(1795423500000),
                            wall_from_ms(1795422000000)}};
}

inline EdgeEvent example_refusal() {
  return {"tj-bh-017-a",
          std::string(kCommandRefused),
          "reset: is still at red",
          "王芳",
          std::nullopt,
          AlertId{0x0123456789abcdefull, 0xfedcba9876543210ull}};
}

inline Record example_record(Kind kind, std::uint64_t sequence, std::string payload, std::uint32_t samples = 0) {
  const Stream stream = stream_of(kind);
  Record record{{{kExampleEpoch, stream}, sequence},
                kind,
                wall_from_ms(1795421700300),
                mono_from_ms(86'400'123),
                ClockState::synced,
                samples,
                std::move(payload),
                0};
  record.checksum = checksum(kExampleEdge, record);
  return record;
}

/// example_samples() and example_minutes() as programs of version 0.1.0 wrote them.
inline constexpr std::string_view kOldSamples =
    "0a103bcc1e90d905d77cf99d4975c8a7e2cf10c0fec7f7c0681a34120600f40363d8041a200000000000803540000000000000f87f00000000"
    "00"
    "0000800100000000000000220800010301010104011a1f0801120314f4031a100000000000000a40ffffffffffffef7f220400010201";
inline constexpr std::string_view kOldMinutes =
    "0a103bcc1e90d905d77cf99d4975c8a7e2cf10c0fec7f7c0681a2a120600a01f9e8a071a180000000000c03540000000000080344000000000"
    "00"
    "40374022060601050107011a0f08011201141a080000000000000a40";

struct NamedPayload {
  const char* name;
  Kind kind;
  std::string bytes;
};

inline std::vector<NamedPayload> example_payloads() {
  return {{"payload-samples", Kind::samples, from_hex(kOldSamples).value()},
          {"payload-alert", Kind::alert, encode_payload(example_alert())},
          {"payload-gap", Kind::gap, encode_payload(example_gap())},
          {"payload-start", Kind::start, encode_payload(example_start())},
          {"payload-edge-event", Kind::edge_event, encode_payload(example_event())},
          {"payload-definition", Kind::definition, encode_payload(example_definition())}};
}

/// An order of the centre, signed by the key of RFC 8032 §7.1, test 1.
inline Command example_command() {
  return {{0x1111, 0x2222},
          "tj-bh-017-a",
          std::string(kCommandReset),
          {0x0123456789abcdefull, 0xfedcba9876543210ull},
          "王芳",
          "现场确认安全",
          {0x3333, 0x4444},
          7,
          wall_from_ms(1795421700000),
          wall_from_ms(1795421820000)};
}

inline SignedCommand example_signed_command() {
  constexpr std::string_view kHex =
      "08ec461d790d77d2f87ff04b3485a20f7fc51d854a3ae6c1ad27181630727730"
      "7e813ae13f4be704635034022b64adabcac7750a3308268dc24390a00ffe870f";
  return {encode_command(example_command()), from_hex(kHex).value()};
}

/// Of later programs: not in example_batch(), whose bytes are kept.
inline std::vector<NamedPayload> later_payloads() {
  return {{"payload-alert-maintenance", Kind::alert, encode_payload(example_marked_alert())},
          {"payload-maintenance", Kind::edge_event, encode_payload(example_maintenance())},
          {"payload-command-refused", Kind::edge_event, encode_payload(example_refusal())},
          {"payload-samples-columns", Kind::samples, encode_payload(example_samples())},
          {"payload-minutes-columns", Kind::minutes, encode_payload(example_minutes())}};
}

/// Every kind, one that nobody knows yet, and both streams.
inline RecordBatch example_batch() {
  RecordBatch batch;
  std::uint64_t sequence = 0;
  for (auto& payload : example_payloads())
    batch.records.push_back(
        example_record(payload.kind, sequence++, payload.bytes, payload.kind == Kind::samples ? 6 : 0));
  batch.records.push_back(example_record(Kind::clock_step, sequence++, encode_payload(example_event())));
  batch.records.push_back(example_record(Kind{99}, sequence++, std::string("what a newer edge says\0", 23)));
  return batch;
}

/// Records of one epoch with their samples in columns: what a frame holds for a centre that reads them.
inline RecordBatch example_telemetry() {
  RecordBatch batch;
  for (std::uint64_t sequence : {100, 101, 103}) {
    Samples samples = example_samples();
    for (Sample& sample : samples.samples) sample.time += Millis{1000 * static_cast<std::int64_t>(sequence)};
    batch.records.push_back(example_record(Kind::samples, sequence, encode_payload(samples), 6));
  }
  batch.records.push_back(example_record(Kind::minutes, 104, encode_payload(example_minutes()), 4));
  return batch;
}

inline Hello example_hello() {
  Hello hello;
  hello.edge = kExampleEdge;
  hello.site = "tj-bh-017";
  hello.version = "0.1.0";
  hello.incarnation = {5, 6};
  hello.counter = 7;
  hello.token = Token{8, 9};
  hello.generation = kExampleStore.generation;
  hello.epoch = kExampleEpoch;
  hello.ends = {{kEarlierEpoch, 1, 10, 0}, {kExampleEpoch, 2, 4, 1'000'000}};
  hello.active = {example_alert()};
  hello.at = wall_from_ms(1795421700300);
  hello.clock = ClockState::stepped;
  return hello;
}

inline Answer example_answer() {
  Answer answer;
  answer.incarnation = {5, 6};
  answer.counter = 7;
  answer.store = kExampleStore;
  answer.token = {10, 11};
  answer.data[{kEarlierEpoch, Stream::event}] = RangeSet(0, 3);
  answer.data[{kEarlierEpoch, Stream::event}].add(5, 10);
  answer.data[{kExampleEpoch, Stream::telemetry}] = {};
  answer.voided[{kEarlierEpoch, Stream::event}] = RangeSet(3, 5);
  answer.wanted = {hash_of(example_definition())};
  answer.stale = true;
  return answer;
}

inline Receipt example_receipt() {
  Receipt receipt{kExampleStore, {kExampleEpoch, Stream::event}, RangeSet(0, 8), RangeSet(7, 8)};
  receipt.data.add(10, 12);
  return receipt;
}

inline Answer example_answer_with_columns() {
  Answer answer = example_answer();
  answer.columns = true;
  return answer;
}

inline Waiting example_waiting() {
  return {wall_from_ms(1795421700300),
          {1, 0, 150},
          {3, 150, 900},
          {250'000, 12'500'000, 90'000'000},
          wall_from_ms(1795162500000)};
}

inline Hello example_hello_with_waiting() {
  Hello hello = example_hello();
  hello.waiting = example_waiting();
  return hello;
}

inline Answer example_answer_with_waiting() {
  Answer answer = example_answer_with_columns();
  answer.waiting = true;
  return answer;
}

inline Answer example_answer_with_credit() {
  Answer answer = example_answer_with_waiting();
  answer.credit = Credit{1'000, 1 << 20};
  return answer;
}

inline Receipt example_receipt_with_credit() {
  Receipt receipt = example_receipt();
  receipt.credit = Credit{0, 8'192};
  return receipt;
}

struct NamedMessage {
  const char* name;
  Message message;
};

inline std::vector<NamedMessage> example_messages() {
  return {{"hello", example_hello()},
          {"records", example_batch()},
          {"confirm", Confirm{kExampleEdge, {5, 6}, {10, 11}}},
          {"answer", example_answer()},
          {"receipt", example_receipt()},
          {"collector-state", CollectorState{kExampleStore, true}},
          {"edge-state", EdgeState{{5, 6}, true}},
          {"telemetry", example_telemetry()},
          {"answer-columns", example_answer_with_columns()},
          {"waiting", example_waiting()},
          {"hello-waiting", example_hello_with_waiting()},
          {"answer-waiting", example_answer_with_waiting()},
          {"answer-credit", example_answer_with_credit()},
          {"receipt-credit", example_receipt_with_credit()}};
}

}  // namespace anlan::test
