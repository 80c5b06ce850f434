// What the collector's commands do where telemetry lies in an engine; none is there.
#include <sstream>

#include <gtest/gtest.h>

#include "collector/app/backup.hpp"
#include "collector/app/restore.hpp"
#include "collector/app/stores.hpp"
#include "common/io/directory_lock.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

constexpr WallTime kNow{Millis{1'790'000'000'000}};

class EngineStores : public testing::Test {
 protected:
  EngineStores() {
    config_.engine = TelemetryConfig::Engine::victoria;
    config_.write_url = config_.read_url = "http://127.0.0.1:1";
    config_.storage_urls = {config_.write_url};
    config_.flush = Millis{0};
    std::filesystem::create_directory(data());
    test::write_file(dir_.file("collector.toml"), "[collector]\n");
  }
  std::string data() const { return dir_.file("data"); }

  Stores open() {
    auto stores = open_stores(data(), config_);
    if (!stores) throw std::runtime_error(stores.error().message);
    return std::move(*stores);
  }
  void write(Stores& stores, std::uint64_t sequence) {
    const test::Points one(1);
    ASSERT_TRUE(stores.telemetry->write({{test::decoded(one, sequence, {{1000, 1}})},
                                         {},
                                         {{"edge-a", {test::kEpoch1, Stream::telemetry}, RangeSet(0, sequence + 1)}}}));
  }

  test::TempDir dir_;
  TelemetryConfig config_;
  std::ostringstream said_;
};

TEST_F(EngineStores, AreAJournalBesideTheRecordsAndKeepTheirIdentity) {
  StoreRef first;
  {
    Stores stores = open();
    first = stores.identity.ref;
    EXPECT_EQ(stores.victoria, stores.telemetry.get());
    write(stores, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(data() + "/victoria.db"));
  EXPECT_FALSE(std::filesystem::exists(data() + "/telemetry.db"));
  EXPECT_EQ(open().identity.ref, first);
}

TEST_F(EngineStores, AnotherEngineIsAnotherStoreOfTelemetryAndANewGeneration) {
  const StoreRef first = open().identity.ref;
  const auto sqlite = open_stores(data());
  ASSERT_TRUE(sqlite);
  EXPECT_EQ(sqlite->identity.ref.id, first.id);
  EXPECT_NE(sqlite->identity.ref.generation, first.generation);
}

TEST_F(EngineStores, GivingUpTheEngineBeginsAGenerationWithWhatTheJournalHolds) {
  StoreRef first;
  {
    Stores stores = open();
    first = stores.identity.ref;
    write(stores, 7);  // the ranges say 0 to 7: the first seven are in the engine that is lost
  }
  {
    const auto running = DirectoryLock::take(data());
    ASSERT_TRUE(running);
    EXPECT_EQ(give_up_engine(data(), config_).error().code, Errc::conflict);
  }
  EXPECT_EQ(give_up_engine(data(), {}).error().code, Errc::invalid_argument);
  const auto given_up = give_up_engine(data(), config_);
  ASSERT_TRUE(given_up) << given_up.error().message;
  Stores stores = open();
  EXPECT_EQ(stores.identity.ref.id, first.id);
  EXPECT_NE(stores.identity.ref.generation, first.generation);
  EXPECT_EQ(stores.telemetry->load_ranges("edge-a")->begin()->second, RangeSet(7, 8));
}

TEST_F(EngineStores, ABackupHoldsTheJournalAndIsRestoredForTheSameEngineOnly) {
  StoreRef first;
  {
    Stores stores = open();
    first = stores.identity.ref;
    write(stores, 0);
  }
  const auto made =
      make_backup({data(), dir_.file("collector.toml"), dir_.file("backups"), 0, telemetry_file(config_)}, kNow, said_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(std::filesystem::exists(*made / "victoria.db"));
  const auto wrong = restore_backup({data(), *made}, kNow, said_);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::invalid_argument);
  {
    Stores stores = open();
    write(stores, 1);
  }
  const auto restored = restore_backup({data(), *made, config_}, kNow, said_);
  ASSERT_TRUE(restored) << restored.error().message;
  Stores stores = open();
  EXPECT_EQ(stores.identity.ref.generation.hex(), restored->generation);
  EXPECT_NE(stores.identity.ref.generation, first.generation);
  EXPECT_EQ(stores.telemetry->load_ranges("edge-a")->begin()->second, RangeSet(0, 1));
  EXPECT_EQ(stores.victoria->status().waiting_samples, 1u) << "the copy moved nothing";
}

}  // namespace
}  // namespace anlan::collector
