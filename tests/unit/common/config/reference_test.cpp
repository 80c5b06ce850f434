#include "common/config/reference.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Reference, IsATableForEachTable) {
  const std::string page = to_reference("Title", {{.table = "",
                                                   .key = "vendor",
                                                   .type = "a text",
                                                   .unit = "",
                                                   .range = "",
                                                   .fallback = "none",
                                                   .example = "",
                                                   .help = "who"},
                                                  {.table = "[a]",
                                                   .key = "poll_ms",
                                                   .type = "a whole number",
                                                   .unit = "milliseconds",
                                                   .range = "5 to 10",
                                                   .fallback = "7",
                                                   .example = "8",
                                                   .help = "a|b"},
                                                  {.table = "[a]",
                                                   .key = "f",
                                                   .type = "a path",
                                                   .unit = "",
                                                   .range = "",
                                                   .fallback = "",
                                                   .example = "",
                                                   .help = "h",
                                                   .required = true,
                                                   .secret = true}});
  EXPECT_TRUE(page.starts_with("# Title\n"));
  EXPECT_NE(
      page.find(
          "## the file\n\n| key | type | default | meaning |\n|---|---|---|---|\n| `vendor` | a text | none | who |\n"),
      page.npos)
      << page;
  EXPECT_TRUE(
      page.ends_with("## `[a]`\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
                     "| `poll_ms` | a whole number, 5 to 10 (milliseconds) | 7 | a\\|b; for example `8` |\n"
                     "| `f` | a path of a secret | **required** | h |\n"))
      << page;
}

}  // namespace
}  // namespace anlan
