// What every Storage promises. Each case runs against memory, which the unit tests and walks use, and against SQLite,
// which a site box uses: what is proved over the one holds for the other.
#include <gtest/gtest.h>

#include "edge/buffer/sqlite_storage.hpp"
#include "tests/contract/storage/storage_builder.hpp"
#include "tests/support/cipher_keys.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/memory_storage.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kAll = 1'000'000;

/// One box's disk: open() starts a process on it.
class Box {
 public:
  virtual ~Box() = default;
  virtual std::unique_ptr<Storage> open() = 0;
};

class MemoryBox final : public Box {
 public:
  std::unique_ptr<Storage> open() override { return std::make_unique<ForwardingStorage>(storage_); }

 private:
  MemoryStorage storage_;
};

class SqliteBox : public Box {
 public:
  explicit SqliteBox(BufferKeys keys = {}) : keys_(std::move(keys)) {}
  std::unique_ptr<Storage> open() override {
    auto opened = SqliteStorage::open(dir_.file("buffer.db"), test::kExampleEdge, keys_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened.value());
  }

 private:
  test::TempDir dir_;
  BufferKeys keys_;
};

class EncryptedBox final : public SqliteBox {
 public:
  EncryptedBox() : SqliteBox({test::cipher_key('1'), {}}) {}
};

template <class B>
std::unique_ptr<Box> make() {
  return std::make_unique<B>();
}

class StorageContract : public testing::TestWithParam<std::unique_ptr<Box> (*)()> {
 protected:
  void SetUp() override {
    box_ = GetParam()();
    storage_ = box_->open();
  }
  void restart() {
    storage_.reset();
    storage_ = box_->open();
  }
  Ledger ledger() { return storage_->load().value().ledger; }
  std::vector<Record> rows(const Place& place, const RangeSet& wanted = RangeSet(0, RangeSet::kEnd)) {
    return storage_->read(place, wanted, kAll, kAll).value();
  }

  std::unique_ptr<Box> box_;
  std::unique_ptr<Storage> storage_;
};

TEST_P(StorageContract, IsEmptyAtFirst) {
  const auto loaded = storage_->load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->ledger, Ledger{});
  EXPECT_EQ(loaded->engine_state, "");
  EXPECT_TRUE(rows(kEvents).empty());
  EXPECT_EQ(storage_->bytes_of(kEvents, RangeSet(0, 100)), 0u);
  EXPECT_EQ(storage_->definition({1, 2}), std::nullopt);
}

TEST_P(StorageContract, LoadsAfterARestartWhatWasApplied) {
  Draft draft = with_one_epoch();
  draft.epoch({7, 8}, 2).add(kEvents, "a").add(kTelemetry, "b", Kind::samples).add({{7, 8}, Stream::event}, "c");
  draft.ledger.places[kEvents].received = RangeSet(0, 1);
  draft.ledger.places[kTelemetry].samples = 12;
  draft.ledger.store = test::kExampleStore;
  draft.ledger.token = Token{5, 6};
  draft.ledger.gone_due = true;
  draft.ledger.active[test::example_alert().alert] = test::example_alert();
  draft.changes.greeting = draft.changes.active = true;
  draft.changes.engine_state = std::string("state\0with\nanything\xff", 20);
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  const auto loaded = storage_->load();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->ledger, draft.ledger);
  EXPECT_EQ(loaded->engine_state, std::string("state\0with\nanything\xff", 20));
}

TEST_P(StorageContract, KeepsEveryFieldOfARecord) {
  Draft draft = with_one_epoch();
  ASSERT_TRUE(draft.apply(*storage_));
  std::vector<Record> given;
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1}, kMaxSequence - 1}) {
    Record record = test::example_record(sequence ? Kind{0xffffffffu} : Kind::alert, sequence,
                                         sequence ? std::string("\0\xff\n", 3) : "", 7);
    record.wall = sequence > 1 ? WallTime::min() : WallTime::max();
    record.mono = mono_from_ms(-1);
    record.clock = sequence ? ClockState::stepped : ClockState::unsynced;
    record.samples = sequence ? 0xffffffffu : 0;
    record.checksum = sequence ? 0xffff'ffff'ffff'ffffu : 0x8000'0000'0000'0000u;
    draft.changes.added.push_back(record);
    draft.ledger.places[kEvents].held.add(sequence);
    given.push_back(record);
  }
  draft.changes.places.insert(kEvents);
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(rows(kEvents), given);
  EXPECT_EQ(storage_->read_events({Kind{0xffffffffu}})->size(), 2u);
}

TEST_P(StorageContract, AppliesAllOrNothing) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first").changes.engine_state = "before";
  ASSERT_TRUE(draft.apply(*storage_));
  const Ledger before = ledger();

  draft.epoch({7, 8}, 2).add(kEvents, "second").remove(kEvents, RangeSet(0, 1));
  draft.changes.added.push_back(
      draft.changes.added.front());  // the same identity twice: an error wherever it is noticed
  draft.ledger.active[test::example_alert().alert] = test::example_alert();
  draft.ledger.store = test::kExampleStore;
  draft.changes.active = draft.changes.greeting = true;
  draft.changes.definitions.push_back({{1, 2}, "definition"});
  draft.changes.engine_state = "after";
  ASSERT_FALSE(draft.apply(*storage_));

  for (int look = 0; look < 2; ++look, restart()) {
    EXPECT_EQ(ledger(), before);
    ASSERT_EQ(rows(kEvents).size(), 1u);
    EXPECT_EQ(rows(kEvents)[0].payload, "first");
    EXPECT_EQ(storage_->load()->engine_state, "before");
    EXPECT_EQ(storage_->definition({1, 2}), std::nullopt);
  }
}

TEST_P(StorageContract, GoesOnAfterAnError) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first");
  ASSERT_TRUE(draft.apply(*storage_));
  Draft bad = draft;
  bad.epoch({7, 8}, 2).add({{7, 8}, Stream::event}, "x").changes.added.push_back(bad.changes.added.front());
  ASSERT_FALSE(bad.apply(*storage_));
  draft.epoch({7, 8}, 2).add({{7, 8}, Stream::event}, "y").add(kEvents, "second");
  const auto applied = draft.apply(*storage_);
  EXPECT_TRUE(applied) << applied.error().message;
  restart();
  EXPECT_EQ(ledger(), draft.ledger);
  EXPECT_EQ(rows({{7, 8}, Stream::event})[0].payload, "y");
}

TEST_P(StorageContract, RefusesARowThatIsThere) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first");
  const Record first = draft.changes.added[0];
  ASSERT_TRUE(draft.apply(*storage_));
  draft.changes.added.push_back(first);
  EXPECT_FALSE(draft.apply(*storage_));
}

TEST_P(StorageContract, ReadsWhatIsWantedInOrder) {
  Draft draft = with_one_epoch();
  for (int i = 0; i < 20; ++i) draft.add(kTelemetry, std::string(10, static_cast<char>('a' + i)), Kind::samples);
  draft.add(kEvents, "event");
  ASSERT_TRUE(draft.apply(*storage_));
  const auto sequences = [&](const RangeSet& wanted, std::size_t most = kAll, std::size_t bytes = kAll) {
    std::string out;
    for (const Record& record : storage_->read(kTelemetry, wanted, most, bytes).value())
      out += std::to_string(record.id.sequence) + " ";
    return out;
  };
  RangeSet wanted(3, 5);
  wanted.add(8);
  wanted.add(18, RangeSet::kEnd);
  EXPECT_EQ(sequences(wanted), "3 4 8 18 19 ");
  EXPECT_EQ(sequences(wanted, 3), "3 4 8 ");
  EXPECT_EQ(sequences(wanted, 1), "3 ");
  EXPECT_EQ(sequences(wanted, kAll, 25), "3 4 8 ") << "the row that reaches the limit is the last";
  EXPECT_EQ(sequences(wanted, kAll, 20), "3 4 ");
  EXPECT_EQ(sequences(wanted, kAll, 1), "3 ") << "but always one";
  EXPECT_EQ(sequences({}), "");
  EXPECT_EQ(sequences(RangeSet(100, 200)), "");
  EXPECT_TRUE(rows({{9, 9}, Stream::event}).empty()) << "of an epoch that is not here";
}

TEST_P(StorageContract, RemovesAndMeasuresRows) {
  Draft draft = with_one_epoch();
  for (int i = 0; i < 10; ++i) draft.add(kTelemetry, std::string(static_cast<std::size_t>(i), 'x'), Kind::samples);
  draft.add(kEvents, "event");
  ASSERT_TRUE(draft.apply(*storage_));
  RangeSet some(2, 4);
  some.add(9);
  some.add(50, RangeSet::kEnd);
  EXPECT_EQ(storage_->bytes_of(kTelemetry, some), row_bytes(2) + row_bytes(3) + row_bytes(9));
  draft.remove(kTelemetry, some);
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(rows(kTelemetry).size(), 7u);
  EXPECT_EQ(storage_->bytes_of(kTelemetry, some), 0u);
  EXPECT_EQ(rows(kEvents).size(), 1u) << "another stream's rows stay";
  EXPECT_EQ(ledger(), draft.ledger);
}

TEST_P(StorageContract, FindsEventsByKindOverAllEpochs) {
  Draft draft = with_one_epoch();
  const Place later{{0, 1}, Stream::event};  // sorts before, began later
  draft.epoch(later.epoch, 2)
      .add(kEvents, "s", Kind::start)
      .add(kEvents, "a")
      .add(kEvents, "g", Kind::gap)
      .add(later, "g2", Kind::gap);
  draft.add(kTelemetry, "t", Kind::gap);  // no such thing: telemetry is not looked at
  ASSERT_TRUE(draft.apply(*storage_));
  std::set<std::string> found;
  for (const Record& record : storage_->read_events({Kind::gap, Kind::start}).value()) found.insert(record.payload);
  EXPECT_EQ(found, (std::set<std::string>{"s", "g", "g2"}));
  EXPECT_EQ(storage_->read_events({Kind::definition})->size(), 0u);
}

TEST_P(StorageContract, KnowsWhichRecordsAreOfAKind) {
  Draft draft = with_one_epoch();
  const Place later{{0, 1}, Stream::telemetry};
  draft.epoch(later.epoch, 2)
      .add(kEvents, "g", Kind::gap)
      .add(kEvents, "a")
      .add(kEvents, "g", Kind::gap)
      .add(kTelemetry, "s", Kind::samples)
      .add(kTelemetry, "m", Kind::minutes)
      .add(later, "m", Kind::minutes);
  ASSERT_TRUE(draft.apply(*storage_));
  RangeSet gaps(0, 1);
  gaps.add(2);
  EXPECT_EQ(storage_->sequences_of(Kind::gap), (RangesByPlace{{kEvents, gaps}}));
  EXPECT_EQ(storage_->sequences_of(Kind::minutes),
            (RangesByPlace{{later, RangeSet(0, 1)}, {kTelemetry, RangeSet(1, 2)}}));
  EXPECT_EQ(storage_->sequences_of(Kind::start), RangesByPlace{});
}

// ---- beside the rows, and healing ---------------------------------------------------------------------------------

TEST_P(StorageContract, KeepsTheMarksApartFromTheRows) {
  EXPECT_EQ(storage_->marks(), std::nullopt);
  const std::vector<EpochEnd> ends{{{1, 2}, 1, 5, 6}, {{3, 4}, 2, 0, kMaxSequence - 1}};
  ASSERT_TRUE(storage_->set_marks(ends));
  restart();
  EXPECT_EQ(storage_->marks(), ends);
  ASSERT_TRUE(storage_->set_marks({ends[1]}));
  restart();
  EXPECT_EQ(storage_->marks(), std::vector{ends[1]}) << "also where there is less to say";
  ASSERT_TRUE(storage_->replace(wall_from_ms(0)));
  EXPECT_EQ(storage_->marks(), std::vector{ends[1]}) << "they outlive the rows";
}

TEST_P(StorageContract, BeginsEmptyAndGivesWhatWasPutAside) {
  EXPECT_EQ(storage_->remains(), nullptr);
  Draft draft = with_one_epoch();
  draft.epoch({7, 8}, 2).add(kEvents, "a").add(kTelemetry, "b", Kind::samples).add({{7, 8}, Stream::event}, "c");
  draft.ledger.places[kEvents].received = RangeSet(0, 1);
  draft.ledger.active[test::example_alert().alert] = test::example_alert();
  draft.changes.active = true;
  draft.changes.engine_state = "engine";
  draft.changes.definitions = {{hash128("definition"), "definition"}};
  ASSERT_TRUE(draft.apply(*storage_));
  ASSERT_TRUE(storage_->replace(wall_from_ms(1'795'421'700'000)));
  EXPECT_EQ(ledger(), Ledger{});
  EXPECT_TRUE(rows(kEvents).empty());
  restart();
  auto remains = storage_->remains();
  ASSERT_TRUE(remains);
  const auto known = remains->known();
  EXPECT_EQ(known.epochs, draft.ledger.epochs);
  EXPECT_EQ(known.places, draft.ledger.places);
  EXPECT_EQ(known.active, draft.ledger.active);
  EXPECT_EQ(known.engine_state, "engine");
  EXPECT_EQ(known.definitions.size(), 1u);
  std::set<std::string> found;
  for (auto part = remains->next({test::kExampleEpoch}, 1); !part.empty();
       part = remains->next({test::kExampleEpoch}, 1))
    for (const Record& record : part) found.insert(record.payload);
  EXPECT_EQ(found, (std::set<std::string>{"a", "b"})) << "of the epochs that are asked for";
  remains->finish();
  EXPECT_EQ(storage_->remains(), nullptr);
  restart();
  EXPECT_EQ(storage_->remains(), nullptr) << "given once";
}

TEST_P(StorageContract, KeepsDefinitionsForGood) {
  Draft draft = with_one_epoch();
  const std::string payload("points\0", 7);
  draft.changes.definitions = {{hash128(payload), payload}, {hash128("other"), "other"}};
  ASSERT_TRUE(draft.apply(*storage_));
  draft.changes.definitions = {{hash128(payload), payload}};  // the same configuration again
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(storage_->definition(hash128(payload)), payload);
  EXPECT_EQ(storage_->definition(hash128("other")), "other");
  EXPECT_EQ(storage_->definition({2, 1}), std::nullopt);
}

TEST_P(StorageContract, ReplacesTheActiveAlertsAsAWhole) {
  Draft draft;
  AlertTransition one = test::example_alert(), two = one;
  two.alert = {3, 4};
  draft.ledger.active = {{one.alert, one}, {two.alert, two}};
  draft.changes.active = true;
  ASSERT_TRUE(draft.apply(*storage_));
  draft.ledger.active.erase(one.alert);
  draft.ledger.active[two.alert].version = 9;
  draft.changes.active = true;
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(ledger().active, draft.ledger.active);
  draft.ledger.active.clear();
  draft.changes.active = true;
  ASSERT_TRUE(draft.apply(*storage_));
  EXPECT_TRUE(ledger().active.empty());
}

TEST_P(StorageContract, RemembersTheGreeting) {
  Draft draft;
  draft.ledger.store = test::kExampleStore;
  draft.ledger.token = Token{0, 1};
  draft.ledger.gone_due = true;
  draft.changes.greeting = true;
  ASSERT_TRUE(draft.apply(*storage_));
  draft.ledger.token = Token{2, 3};
  draft.ledger.gone_due = false;
  draft.ledger.store->generation = {9, 9};
  draft.changes.greeting = true;
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(ledger(), draft.ledger);
}

TEST_P(StorageContract, KeepsALongListOfRanges) {
  Draft draft = with_one_epoch();
  for (std::uint64_t i = 0; i < 5000; ++i) draft.ledger.places[kTelemetry].received.add(3 * i);
  draft.ledger.places[kTelemetry].next = 15'000;
  ASSERT_TRUE(draft.apply(*storage_));
  restart();
  EXPECT_EQ(ledger(), draft.ledger);
}

INSTANTIATE_TEST_SUITE_P(Memory, StorageContract, testing::Values(&make<MemoryBox>));
INSTANTIATE_TEST_SUITE_P(Sqlite, StorageContract, testing::Values(&make<SqliteBox>));
INSTANTIATE_TEST_SUITE_P(Encrypted, StorageContract, testing::Values(&make<EncryptedBox>));

}  // namespace
}  // namespace anlan::edge
