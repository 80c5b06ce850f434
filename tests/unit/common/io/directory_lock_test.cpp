#include "common/io/directory_lock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

TEST(DirectoryLock, IsForOneAtATimeAndNamesWhoHasIt) {
  test::TempDir dir;
  {
    const auto first = DirectoryLock::take(dir.path());
    ASSERT_TRUE(first) << first.error().message;
    const auto second = DirectoryLock::take(dir.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos)
        << second.error().message;
  }
  EXPECT_TRUE(DirectoryLock::take(dir.path())) << "it was let go";
}

TEST(DirectoryLock, NeedsTheDirectory) {
  EXPECT_EQ(DirectoryLock::take("/nowhere/at/all").error().code, Errc::storage_failed);
}

}  // namespace
}  // namespace anlan
