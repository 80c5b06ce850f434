#include "common/wire/codec.hpp"

#include <limits>

#include <anlan.pb.h>
#include <gtest/gtest.h>

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
        Message(EdgeState{}), Message(Receipt{{}, {{}, Stream::telemetry}, {}, {}})}) {
    const auto read = decode(encode(message).value());
    ASSERT_TRUE(read);
    EXPECT_TRUE(*read == message);
  }
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
