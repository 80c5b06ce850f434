// The power fails after every single write of the buffer's work in turn, and what was not synced is not there: what was
// acknowledged is, whole, with its accounts, and no loss is seen that did not happen. The same walk over a disk that
// syncs nothing (what synchronous=OFF is) must fail.
#include <filesystem>

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "tests/crash/power_walk.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEdge = "edge-1";
constexpr std::uint64_t kCap = 60'000;  // reached: rows are freed, thinned and dropped

/// Remembers what was acknowledged and what was under way.
class Witness final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<void> apply(const Ledger& after, const Changes& changes) override {
    attempted = after;
    auto done = ForwardingStorage::apply(after, changes);
    if (done) acknowledged = after;
    return done;
  }
  Ledger attempted, acknowledged;
};

/// A box at work: two processes, one after the other.
class Box final : public test::PoweredLife {
 public:
  bool run(const std::string& directory, const test::FaultyVfs&) override {
    file_ = directory + "/buffer.db";
    for (std::uint64_t process = 1; process <= 2; ++process)
      if (!live(process)) return false;
    return true;
  }
  std::string fault_in(const std::string& after, const std::string& before) override;

 private:
  Stamp now() { return {wall_from_ms(1'795'421'700'000 + mono_), mono_from_ms(mono_), ClockState::synced}; }

  Entry samples(const DefinitionHash& meaning) {
    Samples s{meaning, {}};
    for (int i = 0; i < 40; ++i) s.samples.push_back({0, value_ += 0.1, Quality::good, now().wall + Millis{i}, {}});
    return {Kind::samples, encode_payload(s), 40};
  }

  bool live(std::uint64_t process) {
    auto opened = SqliteStorage::open(file_, kEdge);
    if (!opened) return false;
    Witness witness(**opened);
    const bool done = work(witness, process);
    attempted_ = witness.attempted;
    if (witness.acknowledged != Ledger{}) acknowledged_ = witness.acknowledged;
    return done;
  }

  bool work(Storage& storage, std::uint64_t process) {
    Buffer buffer(storage, {kEdge, {process, 7}, {9, process}, "test"}, kCap);
    if (!buffer.open(now())) return false;
    const std::string definition = encode_payload(test::example_definition());
    const DefinitionHash meaning = hash128(definition);
    if (!buffer.commit({{{Kind::definition, definition, 0}}, {}, {}, {{meaning, definition}}}, now())) return false;
    const Place telemetry{{process, 7}, Stream::telemetry}, events{{process, 7}, Stream::event};
    for (int i = 0; i < 60; ++i) {
      mono_ += 7000;
      Commit commit{{samples(meaning)}, {}, "engine " + std::to_string(i), {}};
      if (i % 9 == 0) {
        AlertTransition t = test::example_alert();
        t.alert = {process, static_cast<std::uint64_t>(i)};
        commit.entries.push_back({Kind::alert, encode_payload(t), 0});
        commit.active = {{t.alert, t}};
      }
      if (!buffer.commit(std::move(commit), now())) return false;
      if (i % 20 == 7 &&
          !buffer.mark_received({{telemetry, RangeSet(0, static_cast<std::uint64_t>(i) / 4)}}, now().mono))
        return false;
      if (i % 20 == 9 && !buffer.release(now().mono, Millis{0})) return false;
      if (i % 20 == 13 && !buffer.keep_marks()) return false;
      if (i == 31) {
        Answer answer;
        answer.store = {{1, 1}, {1, process}};
        answer.token = {process, 1};
        answer.data = {{telemetry, RangeSet(0, 5)}, {events, RangeSet(0, 1)}};
        if (!buffer.agree(answer, now())) return false;
      }
    }
    return buffer.keep_marks().has_value();
  }

  Ledger attempted_, acknowledged_;
  std::string file_;
  std::int64_t mono_ = 0;
  double value_ = 0;
};

std::string Box::fault_in(const std::string& after, const std::string& before) {
  if (acknowledged_ == Ledger{}) return "";
  const std::string file = after + "/buffer.db";
  for (const char* copy : {".marks", ".marks2"})  // synced by the writer itself
    if (fs::exists(before + "/buffer.db" + copy)) fs::copy_file(before + "/buffer.db" + copy, file + copy);
  auto storage = SqliteStorage::open(file, kEdge);
  if (!storage) return storage.error().message;
  const auto loaded = (*storage)->load();
  if (!loaded) return loaded.error().message;
  if (loaded->ledger != acknowledged_ && loaded->ledger != attempted_)
    return "neither what was acknowledged nor what was under way";
  for (const auto& [place, state] : loaded->ledger.places) {
    const auto rows = (*storage)->read(place, RangeSet(0, RangeSet::kEnd), 100'000, 1'000'000'000);
    if (!rows) return rows.error().message;
    RangeSet there;
    for (const Record& record : *rows) {
      there.add(record.id.sequence);
      if (checksum(kEdge, record) != record.checksum) return "a damaged row";
    }
    if (there != state.held) return "held " + state.held.str() + ", there " + there.str();
  }
  Buffer next(**storage, {kEdge, {3, 7}, {9, 3}, "test"}, kCap);
  if (!next.open({})) return "the next process does not start";
  if (next.found().lost || next.found().damaged) return "a loss is seen that did not happen";
  return "";
}

std::string walk(bool honest, std::size_t stride) {
  return test::walk_of_power_cuts([] { return std::make_unique<Box>(); }, 300, honest, stride);
}

TEST(BufferPower, WhatIsAcknowledgedSurvivesAPowerCutAfterEveryWrite) {
  const char* all = std::getenv("ANLAN_SLOW");
  EXPECT_EQ(walk(true, all ? 1 : 7), "");
}

TEST(BufferPower, ADiskThatSyncsNothingIsFoundOut) { EXPECT_NE(walk(false, 41), ""); }

}  // namespace
}  // namespace anlan::edge
