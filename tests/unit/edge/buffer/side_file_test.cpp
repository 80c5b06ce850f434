#include "edge/buffer/side_file.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

const std::vector<EpochEnd> kEnds{{{1, 2}, 1, 17, 90'211}, {{3, 4}, 2, 0, kMaxSequence - 1}};

TEST(Marks, ComeBackAsTheyWere) {
  const Marks marks{"edge-1", 42, kEnds};
  EXPECT_EQ(marks_from(to_text(marks)), marks);
  EXPECT_EQ(marks_from(to_text({"edge-1", 0, {}})), (Marks{"edge-1", 0, {}}));
}

TEST(Marks, AreBelievedOnlyWhole) {
  const std::string text = to_text({"edge-1", 42, kEnds});
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] ^= 1;
    EXPECT_FALSE(marks_from(damaged)) << "byte " << i;
    EXPECT_FALSE(marks_from(text.substr(0, i))) << "cut at " << i;
  }
}

class SideFileTest : public testing::Test {
 protected:
  test::TempDir dir_;
  std::string file_ = dir_.file("marks");
  std::optional<Marks> read() { return SideFile(file_, "edge-1").read(); }
};

TEST_F(SideFileTest, IsNotThereAtFirst) { EXPECT_FALSE(read()); }

TEST_F(SideFileTest, SurvivesTheLossOfEitherCopy) {
  SideFile side(file_, "edge-1");
  ASSERT_TRUE(side.write({}));
  ASSERT_TRUE(side.write(kEnds));
  for (const char* copy : {"", "2"}) {
    const std::string whole = test::read_file(file_ + copy);
    test::write_file(file_ + copy, whole.substr(0, whole.size() / 2));
    EXPECT_EQ(read()->ends, kEnds);
    std::filesystem::remove(file_ + copy);
    EXPECT_EQ(read()->ends, kEnds);
    test::write_file(file_ + copy, whole);
  }
  EXPECT_EQ(read()->serial, 2u);
}

TEST_F(SideFileTest, TheNewerCopyCounts) {
  SideFile side(file_, "edge-1");
  ASSERT_TRUE(side.write({}));
  const std::string old = test::read_file(file_);
  ASSERT_TRUE(side.write(kEnds));
  test::write_file(file_ + "2", old);  // a crash between the two
  EXPECT_EQ(read()->ends, kEnds);
  SideFile next(file_, "edge-1");
  ASSERT_TRUE(next.read());
  ASSERT_TRUE(next.write({kEnds[0]}));
  EXPECT_EQ(read()->ends, std::vector{kEnds[0]}) << "serials go on after a restart";
}

TEST_F(SideFileTest, OfAnotherEdgeSaysNothing) {
  ASSERT_TRUE(SideFile(file_, "edge-2").write(kEnds));
  EXPECT_FALSE(read());
}

TEST_F(SideFileTest, IsNobodyElsesToRead) {
  ASSERT_TRUE(SideFile(file_, "edge-1").write(kEnds));
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace anlan::edge
