#include "collector/app/backup.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "collector/app/backup_manifest.hpp"
#include "collector/app/restore.hpp"
#include "collector/app/stores.hpp"
#include "common/io/directory_lock.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

namespace fs = std::filesystem;

constexpr WallTime kNow{Millis{1'790'000'000'000}};  // 2026-09-21T14:13:20Z

class Backup : public testing::Test {
 protected:
  Backup() {
    std::ofstream(dir_.file("collector.toml")) << "[collector]\n";
    fs::create_directory(data());
    first_ = open_stores(data())->identity.ref;
  }

  std::string data() const { return dir_.file("data"); }
  Result<fs::path> make(WallTime now = kNow, int keep = 0) {
    return make_backup({data(), dir_.file("collector.toml"), dir_.file("backups"), keep}, now, said_);
  }
  Result<Restored> put_back(const fs::path& from) {
    return restore_backup({data(), from}, kNow + Millis{60'000}, said_);
  }
  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TempDir dir_;
  StoreRef first_;
  std::ostringstream said_;
};

TEST_F(Backup, IsNamedByItsTimeAndIsWhole) {
  const auto made = make();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->filename(), "20260921T141320Z");
  const auto manifest = verified_backup(*made);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->made, kNow);
  EXPECT_EQ(manifest->store, first_.id.hex());
  EXPECT_EQ(manifest->generation, first_.generation.hex());
  EXPECT_EQ(content(*made / "collector.toml"), "[collector]\n");
}

TEST_F(Backup, RestoredKeepsTheStoreAndBeginsAGeneration) {
  const auto made = make();
  ASSERT_TRUE(made);
  const auto restored = put_back(*made);
  ASSERT_TRUE(restored) << restored.error().message;
  const auto stores = open_stores(data());
  ASSERT_TRUE(stores);
  EXPECT_EQ(stores->identity.ref.id, first_.id);
  EXPECT_NE(stores->identity.ref.generation, first_.generation);
  EXPECT_EQ(stores->identity.ref.generation.hex(), restored->generation);
  EXPECT_FALSE(stores->identity.first);
  EXPECT_TRUE(verified_backup(*made)) << "the backup itself is as it was";
  EXPECT_EQ(identity_of(restored->before.string())->generation, first_.generation) << "what was there before is kept";
}

TEST_F(Backup, IntoAnEmptyDirectoryIsRestoredToo) {
  const auto made = make();
  ASSERT_TRUE(made);
  fs::remove_all(data());
  const auto restored = put_back(*made);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->before, "");
  EXPECT_TRUE(open_stores(data()));
}

TEST_F(Backup, ThatHasBeenChangedIsNotRestored) {
  const auto made = make();
  ASSERT_TRUE(made);
  std::fstream file(*made / "telemetry.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2000);
  file.put('!');
  file.close();
  const auto restored = put_back(*made);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::storage_corrupt);
  EXPECT_NE(restored.error().message.find("telemetry.db"), std::string::npos) << restored.error().message;
  EXPECT_EQ(identity_of(data())->generation, first_.generation) << "nothing has happened";
}

TEST_F(Backup, IsNotRestoredUnderARunningDaemon) {
  const auto made = make();
  const auto lock = DirectoryLock::take(data());
  const auto restored = put_back(*made);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::conflict);
  EXPECT_NE(restored.error().message.find("stop the collector first"), std::string::npos);
}

/// After each rename in turn the process may have died.
TEST_F(Backup, InterruptedWhileFilesChangePlacesIsFinishedByTheNext) {
  const auto made = make();
  ASSERT_TRUE(made);
  for (const int renames : {0, 1, 2, 3}) {
    const auto here = identity_of(data())->generation;
    const fs::path before = data() + "/before-restore-" + std::to_string(renames);
    std::ofstream(data() + "/restore.under-way") << before.filename().string() << "\n";
    fs::create_directory(before);
    if (renames > 0) fs::rename(data() + "/records.db", before / "records.db");
    if (renames > 1) fs::rename(data() + "/telemetry.db", before / "telemetry.db");
    if (renames > 2) fs::copy_file(*made / "records.db", data() + "/records.db");
    EXPECT_FALSE(not_half_restored(data()));
    const auto restored = put_back(*made);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_TRUE(not_half_restored(data()));
    EXPECT_EQ(restored->before, before);
    EXPECT_EQ(identity_of(before.string())->generation, here) << renames << ": what was there first is kept";
    EXPECT_EQ(identity_of(data())->generation.hex(), restored->generation);
  }
}

TEST_F(Backup, KeepsTheNewestAndRemovesWhatWasInterrupted) {
  std::vector<fs::path> made;
  for (int day = 0; day < 4; ++day) {
    fs::create_directories(dir_.file("backups") + "/20200101T000000Z.partial");
    fs::create_directories(dir_.file("backups") + "/photographs");
    const auto one = make(kNow + std::chrono::days(day), 2);
    ASSERT_TRUE(one) << one.error().message;
    made.push_back(*one);
  }
  EXPECT_FALSE(fs::exists(made[0]) || fs::exists(made[1]));
  EXPECT_TRUE(fs::exists(made[2]) && fs::exists(made[3]));
  EXPECT_FALSE(fs::exists(dir_.file("backups") + "/20200101T000000Z.partial"));
  EXPECT_TRUE(fs::exists(dir_.file("backups") + "/photographs"));
}

TEST_F(Backup, OfADamagedDatabaseFailsAndLeavesNothing) {
  {
    std::fstream file(data() + "/records.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3 * 4096);
    file << std::string(64, '\xff');
  }
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::storage_corrupt) << made.error().message;
  for (const auto& entry : fs::directory_iterator(dir_.file("backups")))
    EXPECT_EQ(entry.path().filename(), "lock") << "nothing that looks like a backup";
}

}  // namespace
}  // namespace anlan::collector
