// A buffer over memory, restarted at will, and short words for what goes in and comes out.
#pragma once

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "tests/support/memory_storage.hpp"

namespace anlan::edge {

inline constexpr const char* kEdge = "edge-1";
inline constexpr std::uint64_t kNoCap = 1'000'000'000;
inline constexpr std::size_t kAll = 1'000'000;
inline const StoreRef kStore{{1, 1}, {1, 2}};

inline Epoch epoch_of(std::uint64_t run) { return {run, 77}; }
inline Place events_of(std::uint64_t run) { return {epoch_of(run), Stream::event}; }
inline Place telemetry_of(std::uint64_t run) { return {epoch_of(run), Stream::telemetry}; }

inline Entry sample_entry(std::size_t bytes = 10) { return {Kind::samples, std::string(bytes, 's'), 1}; }
inline Entry event_entry(std::size_t bytes = 10) { return {Kind::edge_event, std::string(bytes, 'e'), 0}; }

inline AlertTransition alert_of(std::uint64_t id, std::uint32_t version = 1) {
  AlertTransition t;
  t.alert = {id, id};
  t.version = version;
  t.level = Level::red;
  t.source = "s/d/p";
  t.rule = "high";
  t.evidence.value = t.evidence.limit = 1;
  return t;
}

class BufferTest : public testing::Test {
 protected:
  BufferTest() { restart(); }

  /// A new process on the same disk; true where it opened.
  bool restart(std::uint64_t cap = kNoCap) {
    ++run_;
    buffer_ = std::make_unique<Buffer>(storage_, Buffer::Identity{kEdge, epoch_of(run_), {9, run_}, "0.1.0"}, cap);
    return buffer_->open(now()).has_value();
  }

  Stamp now() const { return {wall_from_ms(1'000'000 + mono_), mono_from_ms(mono_), ClockState::synced}; }
  const Ledger& ledger() { return *(last_ = buffer_->snapshot()); }

  Result<void> commit(std::vector<Entry> entries) { return buffer_->commit({std::move(entries), {}, {}, {}}, now()); }
  Result<void> commit_alerts(std::map<AlertId, AlertTransition> active) {
    return buffer_->commit({{event_entry()}, std::move(active), {}, {}}, now());
  }

  Answer answer(RangesByPlace data = {}, StoreRef store = kStore) {
    Answer a;
    a.store = store;
    a.token = {5, ++tokens_};
    for (const auto& entry : ledger().epochs)  // an answer names every epoch of the hello
      for (const Stream stream : kStreams) a.data[{entry.epoch, stream}];
    for (auto& [place, ranges] : data) a.data[place] = ranges;
    return a;
  }

  std::vector<Record> read(const Place& place) {
    return buffer_->read(place, RangeSet(0, RangeSet::kEnd), kAll, kAll, now()).value();
  }
  /// Everything there is in flight.
  void send(const Place& place) {
    ASSERT_TRUE(buffer_->read_to_send(place, RangeSet(0, RangeSet::kEnd), kAll, kAll, now()));
  }
  std::vector<Record> read_kind(const Place& place, Kind kind) {
    auto rows = read(place);
    std::erase_if(rows, [&](const Record& record) { return record.kind != kind; });
    return rows;
  }
  std::vector<Gap> gaps(const Place& place) {
    std::vector<Gap> out;
    for (const Record& record : read_kind(place, Kind::gap)) out.push_back(decode_gap(record.payload).value());
    return out;
  }
  Start start_of(std::uint64_t run) {
    return decode_start(read_kind(events_of(run), Kind::start).at(0).payload).value();
  }

  MemoryStorage storage_;
  std::unique_ptr<Buffer> buffer_;
  std::shared_ptr<const Ledger> last_;
  std::uint64_t run_ = 0, tokens_ = 0;
  std::int64_t mono_ = 1000;
};

}  // namespace anlan::edge
