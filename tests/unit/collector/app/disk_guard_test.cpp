#include "collector/app/disk_guard.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

constexpr double kMiB = 1 << 20;
constexpr std::uint64_t kKeep = 1024ull << 20;

class DiskGuardTest : public testing::Test {
 protected:
  DiskState with(double mib) {
    free_ = mib * kMiB;
    return guard_.look();
  }
  /// MiB on the disk, holes not counted; 0: not there.
  double reserve() const {
    struct stat found{};
    return ::stat(dir_.file("reserve").c_str(), &found) == 0 ? static_cast<double>(found.st_blocks) * 512 / kMiB : 0;
  }

  test::TempDir dir_;
  double free_ = 0;
  DiskGuard guard_{dir_.path(), kKeep, [this] { return std::optional(free_); }};
};

TEST_F(DiskGuardTest, MakesAReserveOfRealBlocksWhereThereIsRoom) {
  EXPECT_EQ(with(5000), DiskState::enough);
  EXPECT_GE(reserve(), 64);
}

TEST_F(DiskGuardTest, GivesTelemetryUpFirst) {
  with(5000);
  EXPECT_EQ(with(1023), DiskState::low);
  EXPECT_GE(reserve(), 64) << "which is not touched for it";
}

TEST_F(DiskGuardTest, GivesTheReserveUpWhereAlertsWouldNotFit) {
  with(5000);
  EXPECT_EQ(with(15), DiskState::full);
  EXPECT_EQ(reserve(), 0);
  EXPECT_EQ(with(79), DiskState::low) << "what was given up is free now";
  EXPECT_EQ(reserve(), 0) << "and is not taken back while it may be needed";
}

TEST_F(DiskGuardTest, TakesTelemetryAgainOnlyWithSomethingToSpare) {
  with(5000);
  with(1000);
  EXPECT_EQ(with(1100), DiskState::low);
  EXPECT_EQ(with(1160), DiskState::enough);
  EXPECT_EQ(with(1100), DiskState::enough);
}

TEST_F(DiskGuardTest, MakesTheReserveAnewOnceThereIsRoom) {
  with(5000);
  with(10);
  EXPECT_EQ(with(5000), DiskState::enough);
  EXPECT_GE(reserve(), 64);
}

TEST_F(DiskGuardTest, StaysAsItIsWhereTheDiskCannotBeAsked) {
  DiskGuard guard(dir_.path(), kKeep, [this] { return free_ > 0 ? std::optional(free_) : std::nullopt; });
  free_ = 100 * kMiB;
  EXPECT_EQ(guard.look(), DiskState::low);
  free_ = 0;
  EXPECT_EQ(guard.look(), DiskState::low);
}

}  // namespace
}  // namespace anlan::collector
