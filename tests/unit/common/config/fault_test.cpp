#include "common/config/fault.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Fault, PrintsOneLineEachInOrderOfPlace) {
  EXPECT_EQ(to_text({{"edge.toml", 14, "device.poll_ms is 2", "5 to 3600000 (milliseconds)"},
                     {"edge.toml", 3, "edge.id is missing", "a name"},
                     {"a.toml", 0, "cannot be opened: No such file or directory", ""}}),
            "a.toml: cannot be opened: No such file or directory\n"
            "edge.toml:3: edge.id is missing; right would be: a name\n"
            "edge.toml:14: device.poll_ms is 2; right would be: 5 to 3600000 (milliseconds)\n");
}

TEST(Fault, NoFaultsAreNoText) { EXPECT_EQ(to_text({}), ""); }

}  // namespace
}  // namespace anlan
