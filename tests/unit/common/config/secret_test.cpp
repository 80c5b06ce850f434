#include "common/config/secret.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

class Secret : public testing::Test {
 protected:
  std::string file_with(const std::string& content) {
    const auto path = folder_.path() / "secret";
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  test::TempDir folder_;
};

TEST_F(Secret, IsTheFileWithoutItsLastLineEnd) {
  EXPECT_EQ(read_secret(file_with("hunter2\n")).value(), "hunter2");
  EXPECT_EQ(read_secret(file_with("hunter2\r\n")).value(), "hunter2");
  EXPECT_EQ(read_secret(file_with(" two words \n\n")).value(), " two words \n");
}

TEST_F(Secret, IsRefusedWhereItCannotBeOne) {
  EXPECT_EQ(read_secret(file_with("\n")).error().code, Errc::malformed);
  EXPECT_EQ(read_secret(file_with(std::string("a\0b", 3))).error().code, Errc::malformed);
  EXPECT_EQ(read_secret(file_with(std::string(20'000, 'a'))).error().code, Errc::too_large);
  EXPECT_EQ(read_secret((folder_.path() / "absent").string()).error().code, Errc::unavailable);
}

TEST_F(Secret, IsNeverInTheMessage) {
  const auto result = read_secret(file_with("hunter2" + std::string(20'000, 'x')));
  EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos);
}

TEST_F(Secret, AFileThatEverybodyReadsIsNoPlaceForIt) {
  const std::string file = file_with("hunter2");
  using std::filesystem::perms;
  std::filesystem::permissions(file, perms::owner_read | perms::group_read);
  EXPECT_FALSE(readable_by_all(file));
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  EXPECT_TRUE(readable_by_all(file));
  EXPECT_FALSE(readable_by_all(file + ".absent"));
}

}  // namespace
}  // namespace anlan
