#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include <anlan.pb.h>
#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan {
namespace {

using Limits64 = std::numeric_limits<std::int64_t>;

/// By point, each point's samples in the order given: that is what a record keeps.
std::vector<Sample> by_point(const std::vector<Sample>& samples) {
  std::map<std::uint32_t, std::vector<Sample>> points;
  for (const Sample& sample : samples) points[sample.point].push_back(sample);
  std::vector<Sample> sorted;
  for (const auto& [point, list] : points) sorted.insert(sorted.end(), list.begin(), list.end());
  return sorted;
}

void expect_same(const std::vector<Sample>& got, const std::vector<Sample>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].point, wanted[i].point);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(got[i].value), std::bit_cast<std::uint64_t>(wanted[i].value))
        << "bit for bit";
    EXPECT_EQ(got[i].quality, wanted[i].quality);
    EXPECT_EQ(got[i].time, wanted[i].time) << "nothing is ever restamped";
  }
}

void expect_round_trip(const Samples& samples) {
  const auto read = decode_samples(encode_payload(samples));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->definition, samples.definition);
  expect_same(read->samples, by_point(samples.samples));
}

template <class Proto, class F>
std::string built(F fill) {
  Proto message;
  fill(message);
  return message.SerializeAsString();
}

template <class F>
Errc samples_refused(F fill) {
  v1::Samples m;
  m.set_definition(std::string(16, 'd'));
  fill(m);
  const auto read = decode_samples(m.SerializeAsString());
  return read ? Errc::internal : read.error().code;
}

TEST(SamplesPayload, ComesBackBitForBit) {
  expect_round_trip(test::example_samples());
  expect_round_trip({DefinitionHash{1, 2}, {}});
}

TEST(SamplesPayload, KeepsEveryKindOfValue) {
  Samples samples{DefinitionHash{1, 2}, {}};
  std::uint32_t point = 0;
  for (const double value :
       {0.0, -0.0, 1.0, -1.5, std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
        std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN(), std::bit_cast<double>(std::uint64_t{0xfff8'dead'beef'0001u})})
    samples.samples.push_back({point++ % 3, value, Quality::good, wall_from_ms(1000), {}});
  expect_round_trip(samples);
}

TEST(SamplesPayload, KeepsEveryTimeThatItsStepsCanSay) {
  for (const auto& times : std::vector<std::vector<std::int64_t>>{{0, 0, 0},
                                                                  {5, -5, 5},
                                                                  {1795421700000, 0, 1795421700000},
                                                                  {Limits64::max(), Limits64::max() - 1},
                                                                  {Limits64::min(), Limits64::min() + 5},
                                                                  {-1, Limits64::max() - 1}}) {
    Samples samples{DefinitionHash{1, 2}, {}};
    for (const auto t : times) samples.samples.push_back({7, 1.0, Quality::good, wall_from_ms(t), {}});
    expect_round_trip(samples);
  }
}

/// A broken clock may jump from one end of time to the other.
TEST(SamplesPayload, KeepsTimesThatLieFartherApartThanANumberReaches) {
  Samples samples{DefinitionHash{1, 2}, {}};
  for (const auto t : {Limits64::min(), Limits64::max(), std::int64_t{0}, Limits64::min()})
    samples.samples.push_back({0, 1.0, Quality::good, wall_from_ms(t), {}});
  expect_round_trip(samples);
}

TEST(SamplesPayload, KeepsRandomSamples) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    Samples samples{DefinitionHash{random(), random()}, {}};
    for (std::uint64_t n = random() % 200; n > 0; --n)
      samples.samples.push_back({static_cast<std::uint32_t>(random() % 10),
                                 std::bit_cast<double>(random()),
                                 static_cast<Quality>(random() % 3 ? 0 : random() % 5),
                                 wall_from_ms(1795421700000 + static_cast<std::int64_t>(random() % 10'000)),
                                 {}});
    expect_round_trip(samples);
  }
}

TEST(SamplesPayload, IsSmallForOrdinarySamples) {
  Samples samples{DefinitionHash{1, 2}, {}};
  for (int i = 0; i < 1000; ++i)
    samples.samples.push_back(
        {static_cast<std::uint32_t>(i % 10), 1.0, Quality::good, wall_from_ms(1795421700000 + i), {}});
  EXPECT_LT(encode_payload(samples).size(), 1000 * 10u);
}

TEST(SamplesPayload, RefusesColumnsThatDoNotAddUp) {
  EXPECT_EQ(samples_refused([](v1::Samples&) {}), Errc::internal) << "no column is taken";
  const auto column = [](int times, int values, std::vector<std::uint32_t> runs) {
    return samples_refused([&](v1::Samples& m) {
      auto& c = *m.add_columns();
      for (int i = 0; i < times; ++i) c.add_time_steps(1);
      for (int i = 0; i < values; ++i) c.add_values(1);
      for (const auto run : runs) c.add_quality_runs(run);
    });
  };
  EXPECT_EQ(column(2, 2, {0, 1, 1, 1}), Errc::internal);
  EXPECT_EQ(column(2, 1, {}), Errc::malformed);
  EXPECT_EQ(column(1, 2, {}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {0}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {0, 1}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {0, 3}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {0, 0xffffffffu}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {0, 1, 0, 0xffffffffu}), Errc::malformed);
  EXPECT_EQ(column(2, 2, {8, 2}), Errc::unsupported) << "a quality of a newer edge";
}

TEST(SamplesPayload, RefusesMoreThanTheLimit) {
  const auto with = [](int count) {
    return samples_refused([&](v1::Samples& m) {
      for (int half = 0; half < 2; ++half) {
        auto& c = *m.add_columns();
        for (int i = 0; i < (half ? count - 50'000 : 50'000); ++i) {
          c.add_time_steps(0);
          c.add_values(0);
        }
      }
    });
  };
  EXPECT_EQ(with(100'000), Errc::internal);
  EXPECT_EQ(with(100'001), Errc::too_large);
}

TEST(AlertPayload, ComesBackEqual) {
  const auto read = decode_alert(encode_payload(test::example_alert()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, test::example_alert());
}

TEST(AlertPayload, KeepsALimitThatIsNone) {
  AlertTransition t = test::example_alert();
  t.evidence.limit = kNoValue;
  t.evidence.value = -std::numeric_limits<double>::infinity();
  const auto read = decode_alert(encode_payload(t));
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(read->evidence.limit));
  EXPECT_EQ(read->evidence.value, t.evidence.value);
}

TEST(AlertPayload, RefusesWordsOfANewerEdge) {
  const auto refused = [](auto change) {
    v1::AlertTransition m;
    EXPECT_TRUE(m.ParseFromString(encode_payload(test::example_alert())));
    change(m);
    const auto read = decode_alert(m.SerializeAsString());
    return read ? Errc::internal : read.error().code;
  };
  EXPECT_EQ(refused([](auto&) {}), Errc::internal);
  EXPECT_EQ(refused([](auto& m) { m.set_step(0); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.set_step(6); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.set_level(5); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.set_level(0xffffffffu); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.mutable_evidence()->set_quality(5); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.set_alert("short"); }), Errc::malformed);
}

TEST(GapPayload, ComesBackEqualAndKnowsUnknown) {
  const auto read = decode_gap(encode_payload(test::example_gap()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, test::example_gap());
  EXPECT_FALSE(read->losses[1].count) << "unknown is not 0";
  const auto none = decode_gap(encode_payload(Gap{{}, {}, {{"p", {}, {}, 0, LossReason::lost}}}));
  EXPECT_EQ(none->losses[0].count, 0u);
}

TEST(GapPayload, RefusesReasonsAndRangesItCannotTell) {
  const auto refused = [](auto change) {
    v1::Gap m;
    EXPECT_TRUE(m.ParseFromString(encode_payload(test::example_gap())));
    change(m);
    const auto read = decode_gap(m.SerializeAsString());
    return read ? Errc::internal : read.error().code;
  };
  EXPECT_EQ(refused([](auto& m) { m.mutable_voids(0)->set_reason(0); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.mutable_voids(0)->set_reason(9); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.mutable_losses(0)->set_reason(9); }), Errc::unsupported);
  EXPECT_EQ(refused([](auto& m) { m.mutable_voids(0)->mutable_ranges()->add_steps(0); }), Errc::malformed);
  EXPECT_EQ(refused([](auto& m) { m.mutable_voids(0)->clear_place(); }), Errc::malformed);
}

TEST(StartPayload, ComesBackEqual) {
  EXPECT_EQ(decode_start(encode_payload(test::example_start())), test::example_start());
  EXPECT_EQ(decode_start(encode_payload(Start{})), Start{});
}

TEST(EdgeEventPayload, ComesBackEqual) {
  EXPECT_EQ(decode_edge_event(encode_payload(test::example_event())), test::example_event());
  const EdgeEvent nul{std::string("a\0b", 3), "what", "", ""};
  EXPECT_EQ(decode_edge_event(encode_payload(nul)), nul) << "a NUL is text to Protobuf; the databases refuse it";
}

TEST(DefinitionPayload, ComesBackEqualWithEveryLimit) {
  EXPECT_EQ(decode_definition(encode_payload(test::example_definition())), test::example_definition());
  EXPECT_EQ(decode_definition(encode_payload(Definition{})), Definition{});
  for (std::size_t level = 0; level < 4; ++level) {
    Definition one = test::example_definition();
    one.points[1].limits.low.at[level] = 0;  // a limit of 0 is a limit
    EXPECT_EQ(decode_definition(encode_payload(one)), one);
  }
}

TEST(DefinitionPayload, RefusesPointsThatBreakTheGrammar) {
  for (const char* path : {"", "a/b", "a/b/C", "../b/c", "a/b/c/d"}) {
    const auto read =
        decode_definition(built<v1::Definition>([&](v1::Definition& m) { m.add_points()->set_path(path); }));
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, Errc::malformed);
  }
}

TEST(DefinitionPayload, ItsHashTellsEveryDifference) {
  const Definition one = test::example_definition();
  Definition other = one;
  std::swap(other.points[0], other.points[1]);
  EXPECT_NE(hash_of(one), hash_of(other)) << "samples name points by their place";
  other = one;
  other.points[0].limits.high.of(Level::red) = 90.5;
  EXPECT_NE(hash_of(one), hash_of(other));
  EXPECT_EQ(hash_of(one), hash_of(test::example_definition()));
}

TEST(Payloads, GiveAValueOrAnErrorForAnyBytes) {
  std::mt19937_64 random(1);
  const auto all = [](std::string_view bytes) {
    (void)decode_samples(bytes);
    (void)decode_alert(bytes);
    (void)decode_gap(bytes);
    (void)decode_start(bytes);
    (void)decode_edge_event(bytes);
    (void)decode_definition(bytes);
  };
  all("");
  for (const auto& [name, kind, bytes] : test::example_payloads()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) all(bytes.substr(0, size));
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = bytes;
      for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      all(damaged);
    }
  }
}

}  // namespace
}  // namespace anlan
