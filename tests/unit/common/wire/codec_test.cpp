#include "common/wire/codec.hpp"

#include <limits>

#include <anlan.pb.h>
#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/frame.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan {
namespace {

constexpr std::uint64_t kEnd = RangeSet::kEnd;
const std::string kId(16, 'i');

std::string framed(const v1::Envelope& envelope) { return pack_frame(envelope.SerializeAsString()).value(); }

/// The code of the error that `change` to a good envelope brings; Errc::internal where it is taken.
template <class F>
Errc refused(const Message& good, F change) {
  v1::Envelope envelope;
  EXPECT_TRUE(envelope.ParseFromString(unpack_frame(encode(good).value()).value()));
  change(envelope);
  const auto read = decode(framed(envelope));
  return read ? Errc::internal : read.error().code;
}

TEST(Codec, EveryMessageComesBackEqual) {
  for (const auto& [name, message] : test::example_messages()) {
    const auto read = decode(encode(message).value());
    ASSERT_TRUE(read) << name;
    EXPECT_TRUE(*read == message) << name;
  }
}

TEST(Codec, EmptyMessagesComeBackEqual) {
  for (const Message& message :
       {Message(Hello{}), Message(RecordBatch{}), Message(Confirm{}), Message(Answer{}), Message(CollectorState{}),
        Message(EdgeState{}), Message(Waiting{}), Message(Receipt{{}, {{}, Stream::telemetry}, {}, {}})}) {
    const auto read = decode(encode(message).value());
    ASSERT_TRUE(read);
    EXPECT_TRUE(*read == message);
  }
}

TEST(Codec, NothingWaitingIsSomethingElseThanNotSayingIt) {
  Hello hello = test::example_hello();
  hello.waiting = Waiting{hello.at, {}, {}, {}, {}};
  EXPECT_TRUE(*decode(encode(hello).value()) == Message(hello));
  EXPECT_FALSE(std::get<Hello>(*decode(encode(test::example_hello()).value())).waiting);
}

TEST(Codec, TheLastNumbersComeBackEqual) {
  Hello hello = test::example_hello();
  hello.counter = std::numeric_limits<std::uint64_t>::max();
  hello.ends.front() = {test::kEarlierEpoch, kMaxSequence - 1, kMaxSequence - 1, 0};
  hello.at = WallTime::min();
  EXPECT_TRUE(*decode(encode(hello).value()) == Message(hello));

  Receipt receipt = test::example_receipt();
  receipt.data = RangeSet(kEnd - 2, kEnd - 1);
  receipt.data.add(0, 1);
  EXPECT_TRUE(*decode(encode(receipt).value()) == Message(receipt));
  receipt.data = RangeSet(0, kEnd);
  EXPECT_TRUE(*decode(encode(receipt).value()) == Message(receipt));

  RecordBatch batch{{test::example_record(Kind{0xffffffffu}, kMaxSequence - 1, std::string(1000, '\0'), 100'000)}};
  batch.records[0].wall = WallTime::max();
  batch.records[0].mono = mono_from_ms(std::numeric_limits<std::int64_t>::min());
  batch.records[0].checksum = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(*decode(encode(batch).value()) == Message(batch));
}

TEST(Codec, KeepsTheOrderOfRecordsAcrossPlaces) {
  RecordBatch batch;
  for (const std::uint64_t sequence : {5u, 3u, 9u}) {
    batch.records.push_back(test::example_record(Kind::alert, sequence, "a"));
    batch.records.push_back(test::example_record(Kind::samples, sequence, "b"));
  }
  EXPECT_TRUE(*decode(encode(batch).value()) == Message(batch));
}

/// Rule 3: what a newer edge sends is kept raw, so it must pass the codec as it is.
TEST(Codec, PassesOnKindsThatItDoesNotKnow) {
  const RecordBatch batch{{test::example_record(Kind{1000}, 0, "\xff not protobuf \x00 at all")}};
  const auto read = decode(encode(batch).value());
  ASSERT_TRUE(read);
  EXPECT_TRUE(*read == Message(batch));
  EXPECT_EQ(checksum(test::kExampleEdge, std::get<RecordBatch>(*read).records[0]), batch.records[0].checksum);
}

TEST(Codec, IgnoresFieldsOfANewerVersion) {
  std::string envelope = unpack_frame(encode(test::example_receipt()).value()).value();
  envelope += std::string("\xA2\x06\x03new", 6);  // field 100, a string
  EXPECT_TRUE(*decode(pack_frame(envelope).value()) == Message(test::example_receipt()));
}

TEST(Codec, TellsAMessageThatItDoesNotKnowFromDamage) {
  EXPECT_EQ(decode(pack_frame("").value()).error().code, Errc::unsupported);
  EXPECT_EQ(decode(pack_frame(std::string("\xA2\x06\x03new", 6)).value()).error().code, Errc::unsupported);
  EXPECT_EQ(decode(pack_frame("\x07").value()).error().code, Errc::malformed);
  EXPECT_EQ(decode("").error().code, Errc::malformed);
}

TEST(Codec, RefusesIdsOfAnyOtherLength) {
  for (const std::size_t size : {1u, 15u, 17u}) {
    const std::string id(size, 'i');
    EXPECT_EQ(refused(test::example_hello(), [&](auto& e) { e.mutable_hello()->set_incarnation(id); }),
              Errc::malformed);
    EXPECT_EQ(refused(test::example_hello(), [&](auto& e) { e.mutable_hello()->set_token(id); }), Errc::malformed);
    EXPECT_EQ(refused(test::example_hello(), [&](auto& e) { e.mutable_hello()->mutable_ends(0)->set_epoch(id); }),
              Errc::malformed);
    EXPECT_EQ(refused(test::example_answer(), [&](auto& e) { e.mutable_answer()->add_wanted(id); }), Errc::malformed);
    EXPECT_EQ(
        refused(test::example_answer(), [&](auto& e) { e.mutable_answer()->mutable_store()->set_generation(id); }),
        Errc::malformed);
    EXPECT_EQ(refused(test::example_receipt(), [&](auto& e) { e.mutable_receipt()->mutable_place()->set_epoch(id); }),
              Errc::malformed);
    EXPECT_EQ(refused(test::example_batch(),
                      [&](auto& e) { e.mutable_records()->mutable_runs(0)->mutable_place()->set_epoch(id); }),
              Errc::malformed);
  }
  EXPECT_EQ(refused(test::example_answer(), [&](auto& e) { e.mutable_answer()->clear_store(); }), Errc::malformed);
  EXPECT_EQ(refused(test::example_hello(), [&](auto& e) { e.mutable_hello()->clear_epoch(); }), Errc::malformed);
}

TEST(Codec, RefusesNumbersThatNoWordStandsFor) {
  for (const std::uint32_t stream : {0u, 3u, 4'000'000'000u})
    EXPECT_EQ(
        refused(test::example_receipt(), [&](auto& e) { e.mutable_receipt()->mutable_place()->set_stream(stream); }),
        Errc::unsupported);
  EXPECT_EQ(refused(test::example_hello(), [](auto& e) { e.mutable_hello()->set_clock(3); }), Errc::unsupported);
  EXPECT_EQ(refused(test::example_hello(), [](auto& e) { e.mutable_hello()->mutable_active(0)->set_level(5); }),
            Errc::unsupported);
}

TEST(Codec, RefusesRangesThatOverlapTouchOrOverflow) {
  const auto ranges = [](std::vector<std::uint64_t> steps) {
    return refused(test::example_receipt(), [&](v1::Envelope& e) {
      auto& list = *e.mutable_receipt()->mutable_data();
      list.clear_steps();
      for (const auto step : steps) list.add_steps(step);
    });
  };
  EXPECT_EQ(ranges({}), Errc::internal) << "none is taken";
  EXPECT_EQ(ranges({0, 1}), Errc::internal);
  EXPECT_EQ(ranges({0, 1, 1, 0}), Errc::internal) << "a last length of 0 is without end";
  EXPECT_EQ(ranges({5}), Errc::malformed) << "no pairs";
  EXPECT_EQ(ranges({0, 1, 0, 1}), Errc::malformed) << "touching";
  EXPECT_EQ(ranges({0, 0, 1, 1}), Errc::malformed) << "without end, and more";
  EXPECT_EQ(ranges({kEnd, 0}), Errc::malformed);
  EXPECT_EQ(ranges({kEnd, 1}), Errc::malformed);
  EXPECT_EQ(ranges({1, kEnd}), Errc::malformed);
  EXPECT_EQ(ranges({0, kEnd}), Errc::malformed);
  EXPECT_EQ(ranges({10, 10, kEnd - 10, 10}), Errc::malformed);
  EXPECT_EQ(ranges({10, 10, 10, kEnd - 20}), Errc::malformed);
}

TEST(Codec, RefusesSequencesBeyondWhatTheDatabasesCount) {
  EXPECT_EQ(refused(test::example_batch(),
                    [](auto& e) { e.mutable_records()->mutable_runs(0)->mutable_records(0)->set_sequence(kEnd); }),
            Errc::malformed);
  EXPECT_EQ(
      refused(test::example_batch(),
              [](auto& e) { e.mutable_records()->mutable_runs(0)->mutable_records(0)->set_sequence(kMaxSequence); }),
      Errc::malformed);
  EXPECT_EQ(refused(test::example_hello(), [](auto& e) { e.mutable_hello()->mutable_ends(0)->set_event_end(kEnd); }),
            Errc::malformed);
  EXPECT_EQ(
      refused(test::example_hello(), [](auto& e) { e.mutable_hello()->mutable_ends(0)->set_telemetry_end(kEnd); }),
      Errc::malformed);
  EXPECT_EQ(refused(test::example_hello(), [](auto& e) { e.mutable_hello()->mutable_ends(0)->set_ordinal(kEnd); }),
            Errc::malformed);
}

TEST(Codec, RefusesAFrameOfMoreSamplesThanTheLimit) {
  RecordBatch batch;
  for (std::uint64_t i = 0; i < 3; ++i)
    batch.records.push_back(test::example_record(Kind::samples, i, "", i < 2 ? 50'000 : 0));
  EXPECT_TRUE(decode(encode(batch).value()));
  batch.records[2].samples = 1;
  EXPECT_EQ(decode(encode(batch).value()).error().code, Errc::too_large);
  batch.records[2].samples = 0xffffffffu;
  batch.records[1].samples = 0xffffffffu;
  EXPECT_EQ(decode(encode(batch).value()).error().code, Errc::too_large);
}

v1::Envelope in_columns(const RecordBatch& batch) {
  v1::Envelope envelope;
  EXPECT_TRUE(envelope.ParseFromString(unpack_frame(encode_in_columns(batch).value()).value()));
  return envelope;
}

/// Encoded again as `encode` does: by bytes, NaN is not equal to itself.
void expect_same(const RecordBatch& batch) {
  const auto read = decode(encode_in_columns(batch).value());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(*read).value(), encode(batch).value());
}

TEST(Codec, TelemetryGoesInColumnsToACentreThatReadsThem) {
  const RecordBatch batch = test::example_telemetry();
  EXPECT_TRUE(in_columns(batch).has_columns());
  expect_same(batch);
  for (const Record& record : std::get<RecordBatch>(*decode(encode_in_columns(batch).value())).records)
    EXPECT_EQ(checksum(test::kExampleEdge, record), record.checksum) << "payloads are as they were committed";
  for (const Record& record : batch.records) {
    const v1::Envelope one = in_columns({{record}});
    EXPECT_EQ(one.columns().samples(), record.payload);
    expect_same({{record}});
  }
}

TEST(Codec, RecordsInColumnsKeepWhateverTheirHeadsSay) {
  RecordBatch batch = test::example_telemetry();
  batch.records[0].wall = wall_from_ms(std::numeric_limits<std::int64_t>::max());
  batch.records[1].wall = wall_from_ms(std::numeric_limits<std::int64_t>::min());
  batch.records[1].mono = mono_from_ms(std::numeric_limits<std::int64_t>::min());
  batch.records[2].clock = static_cast<ClockState>(77);
  batch.records[3].id.sequence = kMaxSequence - 1;
  batch.records[3].checksum = ~std::uint64_t{0};
  EXPECT_TRUE(in_columns(batch).has_columns());
  expect_same(batch);
}

TEST(Codec, WhatCannotBeSaidInColumnsGoesRecordByRecord) {
  const auto goes_so = [](auto change) {
    RecordBatch batch = test::example_telemetry();
    change(batch.records);
    EXPECT_TRUE(in_columns(batch).has_records());
    expect_same(batch);
  };
  goes_so([](auto& records) { records.clear(); });
  goes_so([](auto& records) { records[1].payload = from_hex(test::kOldSamples).value(); });
  goes_so([](auto& records) { records[1].payload.pop_back(); });
  goes_so([](auto& records) { records[1].payload.clear(); });
  goes_so([](auto& records) { records[1].kind = Kind{99}; });
  goes_so([](auto& records) { records[1].samples = 5; });
  goes_so([](auto& records) { records[1].id.place.epoch = test::kEarlierEpoch; });
  goes_so([](auto& records) { std::swap(records[0], records[1]); });
  goes_so([](auto& records) {
    Samples other = test::example_samples();
    other.definition = {1, 2};
    records[1].payload = encode_payload(other);
  });
  goes_so(
      [](auto& records) { records = {test::example_record(Kind::alert, 1, encode_payload(test::example_alert()))}; });
  // Samples that read well, but not as any edge writes them: made again, their checksum would fail.
  Samples two{{1, 2}, {{0, 1, Quality::good, wall_from_ms(0), {}}}};
  std::string odd = encode_payload(two);
  const auto decimal = odd.find(std::string("\x00\x01\x02\x00", 4));  // no digits, one column; 1 in no bits
  ASSERT_NE(decimal, std::string::npos);
  odd.replace(decimal, 3, std::string("\x01\x01\x14", 3));  // 10 tenths
  ASSERT_EQ(decode_samples(odd).value().samples[0].value, 1);
  goes_so([&](auto& records) {
    for (Record& record : records) {
      record.payload = odd;
      record.samples = 1;
    }
  });
}

TEST(Codec, RefusesFramesInColumnsThatDoNotAddUp) {
  const auto refused = [](auto change) {
    v1::Envelope envelope = in_columns(test::example_telemetry());
    change(*envelope.mutable_columns());
    const auto read = decode(framed(envelope));
    return read ? Errc::internal : read.error().code;
  };
  EXPECT_EQ(refused([](auto&) {}), Errc::internal);
  EXPECT_EQ(refused([](auto& t) { t.add_sequence_steps(1); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.clear_wall_steps(); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.add_mono_steps(1); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.add_kinds(1); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.add_clocks(1); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.add_checksums(1); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.Clear(); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.set_epoch("short"); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.clear_samples(); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& t) { t.set_sequence_steps(0, kMaxSequence); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& t) { t.set_sequence_steps(1, kEnd - 5); }), Errc::internal) << "modulo 2^64";
  const auto with = [&](int records) {
    return refused([&](auto& t) {
      t.clear_kinds();
      t.clear_clocks();
      t.clear_sequence_steps();
      t.clear_wall_steps();
      t.clear_mono_steps();
      t.clear_checksums();
      for (int i = 0; i < records; ++i) {
        t.add_sequence_steps(1);
        t.add_wall_steps(1);
        t.add_mono_steps(0);
        t.add_checksums(0);
      }
    });
  };
  EXPECT_EQ(with(4), Errc::internal);
  EXPECT_EQ(with(3), Errc::too_large);
  EXPECT_EQ(with(5), Errc::malformed);
  EXPECT_EQ(with(1), Errc::malformed);
  EXPECT_EQ(with(8193), Errc::too_large);
}

TEST(Codec, SaysWhenAMessageDoesNotFitIntoAFrame) {
  Hello hello = test::example_hello();
  for (std::uint64_t i = 0; i < 40'000; ++i)
    hello.ends.push_back({{i * 0x9E3779B97F4A7C15u, i * 0xD1B54A32D192ED03u}, i, i, i});
  const auto encoded = encode(hello);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::too_large);
}

TEST(Codec, RefusesTextThatIsNotUtf8) {
  v1::Envelope envelope;
  ASSERT_TRUE(envelope.ParseFromString(unpack_frame(encode(test::example_hello()).value()).value()));
  std::string bytes = envelope.SerializeAsString();
  const auto at = bytes.find("tj-bh-017-a");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = '\xff';
  EXPECT_EQ(decode(pack_frame(bytes).value()).error().code, Errc::malformed);
}

TEST(Codec, GivesAValueOrAnErrorForAnyCutOrFlippedFrame) {
  for (const auto& [name, message] : test::example_messages()) {
    const std::string envelope = unpack_frame(encode(message).value()).value();
    for (std::size_t size = 0; size < envelope.size(); ++size) (void)decode('\xA1' + envelope.substr(0, size));
    for (std::size_t bit = 0; bit < envelope.size() * 8; ++bit) {
      std::string damaged = envelope;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      const auto read = decode('\xA1' + damaged);
      if (read) EXPECT_TRUE(encode(*read)) << "what was taken can be said again";
    }
  }
}

}  // namespace
}  // namespace anlan
