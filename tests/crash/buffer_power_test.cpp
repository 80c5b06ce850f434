// The power fails after every single write of the buffer's work in turn, and what was not synced is not there: what was
// acknowledged is, whole, with its accounts, and no loss is seen that did not happen. The same walk over a disk that
// syncs nothing (what synchronous=OFF is) must fail.
#include <filesystem>

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/temp_dir.hpp"
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
class Work {
 public:
  explicit Work(std::string file) : file_(std::move(file)) {}

  /// Until the first error; true where it came to its end.
  bool run() {
    for (std::uint64_t process = 1; process <= 2; ++process)
      if (!live(process)) return false;
    return true;
  }
  Ledger attempted, acknowledged;

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
    attempted = witness.attempted;
    if (witness.acknowledged != Ledger{}) acknowledged = witness.acknowledged;
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

  std::string file_;
  std::int64_t mono_ = 0;
  double value_ = 0;
};

/// What is wrong with what the disk holds; "" where nothing is.
std::string fault_in(const std::string& file, const Work& work) {
  auto storage = SqliteStorage::open(file, kEdge);
  if (!storage) return storage.error().message;
  const auto loaded = (*storage)->load();
  if (!loaded) return loaded.error().message;
  if (loaded->ledger != work.acknowledged && loaded->ledger != work.attempted)
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

/// The first fault over all cuts, stepping by `stride`; "" where there is none.
std::string walk(bool honest, std::size_t stride) {
  test::FaultyVfs disk;
  for (std::size_t cut = 0;; cut += stride) {
    const auto box = test::TempDir::in_memory(), after = test::TempDir::in_memory();
    disk.cut_after(cut, honest);
    Work work(box.file("buffer.db"));
    const bool finished = work.run();
    disk.restore_into(after.path().string());
    for (const char* copy : {".marks", ".marks2"})  // synced by the writer itself
      if (fs::exists(box.file("buffer.db") + copy))
        fs::copy_file(box.file("buffer.db") + copy, after.file("buffer.db") + copy);
    const bool was_cut = disk.cut();
    disk.cut_after(~std::size_t{0});
    if (work.acknowledged != Ledger{})
      if (const std::string fault = fault_in(after.file("buffer.db"), work); !fault.empty())
        return "cut after " + std::to_string(cut) + ": " + fault;
    if (finished && !was_cut) return cut > 300 ? "" : "it does too little to prove anything";
  }
}

TEST(BufferPower, WhatIsAcknowledgedSurvivesAPowerCutAfterEveryWrite) {
  const char* all = std::getenv("ANLAN_SLOW");
  EXPECT_EQ(walk(true, all ? 1 : 7), "");
}

TEST(BufferPower, ADiskThatSyncsNothingIsFoundOut) { EXPECT_NE(walk(false, 41), ""); }

}  // namespace
}  // namespace anlan::edge
