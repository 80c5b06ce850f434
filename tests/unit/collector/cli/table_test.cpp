#include "collector/cli/table.hpp"

#include <gtest/gtest.h>

#include "collector/cli/display.hpp"

namespace anlan::collector::cli {
namespace {

TEST(Table, AlignsColumnsByWhatTheyTakeOnATerminal) {
  Table table({"NAME", "VALUE", "UNIT"});
  table.add({"3号罐", "20.5", "Cel"});
  table.add({"tank-12345", "", "kPa"});
  EXPECT_EQ(table.text(),
            "NAME        VALUE  UNIT\n"
            "3号罐       20.5   Cel\n"
            "tank-12345  -      kPa\n");
}

TEST(Table, AlignsColouredCells) {
  Table table({"LEVEL", "ID"});
  table.add({painted("red", "red", true), "1"});
  table.add({"orange", "2"});
  EXPECT_EQ(table.text(), "LEVEL   ID\n" + painted("red", "red", true) + "     1\norange  2\n");
}

TEST(Table, FillsMissingCells) {
  Table table({"A", "B"});
  table.add({"x"});
  EXPECT_EQ(table.text(), "A  B\nx  -\n");
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace anlan::collector::cli
