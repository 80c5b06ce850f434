#include "common/io/file.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

std::string content(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(DurableFile, HoldsTheNewContentAndNothingElseIsLeft) {
  test::TempDir dir;
  ASSERT_TRUE(write_durably(dir.file("mark"), "one"));
  ASSERT_TRUE(write_durably(dir.file("mark"), "two"));
  EXPECT_EQ(content(dir.file("mark")), "two");
  EXPECT_FALSE(std::filesystem::exists(dir.file("mark.new")));
  struct stat status{};
  ASSERT_EQ(::stat(dir.file("mark").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(DurableFile, SaysWhereItCannotWrite) {
  const auto written = write_durably("/nowhere/at/all", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::not_found);
  EXPECT_NE(written.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(FileSum, IsTheSha256OfItsBytes) {  // FIPS 180-2, appendix B.1: "abc"
  test::TempDir dir;
  ASSERT_TRUE(write_durably(dir.file("abc"), "abc"));
  EXPECT_EQ(sha256_of_file(dir.file("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of_file(dir.file("none")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace anlan
