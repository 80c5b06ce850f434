// Any text is a set of ranges or an error; a set is sorted, never touching, and reads back from its own text.
#include <cstdint>

#include "common/model/range_set.hpp"
#include "tests/fuzz/expect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = anlan::RangeSet::parse({reinterpret_cast<const char*>(data), size});
  if (!set) {
    ANLAN_EXPECT(set.error().code == anlan::Errc::malformed);
    return 0;
  }
  std::uint64_t end = 0;
  for (const auto& range : set->ranges()) {
    ANLAN_EXPECT(range.first < range.last);
    ANLAN_EXPECT(&range == &set->ranges().front() || range.first > end);
    end = range.last;
  }
  const auto again = anlan::RangeSet::parse(set->str());
  ANLAN_EXPECT(again.has_value() && *again == *set);
  anlan::RangeSet rest = *set;
  rest.remove(*set);
  ANLAN_EXPECT(rest.empty());
  ANLAN_EXPECT(set->intersection(*set) == *set);
  return 0;
}
