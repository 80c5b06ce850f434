// Any text is the topic of an edge or none; one that is taken is written the same again.
#include <cstdint>

#include "common/model/ids.hpp"
#include "common/wire/topics.hpp"
#include "tests/fuzz/expect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view topic(reinterpret_cast<const char*>(data), size);
  const auto read = anlan::topics::parse_up(topic);
  if (!read) return 0;
  ANLAN_EXPECT(anlan::valid_name(read->site) && anlan::valid_name(read->edge));
  const std::string again = read->lane ? anlan::topics::up(read->site, read->edge, *read->lane)
                                       : anlan::topics::edge_state(read->site, read->edge);
  ANLAN_EXPECT(again == topic);
  return 0;
}
