// A stream gives the same events however its bytes are cut, and bounds what it holds.
#include <algorithm>
#include <cstdint>

#include "collector/cli/display.hpp"
#include "collector/cli/event_reader.hpp"
#include "tests/fuzz/expect.hpp"

using namespace anlan;
using namespace anlan::collector::cli;

namespace {

std::string all(const std::vector<SentEvent>& events) {
  std::string text;
  for (const SentEvent& event : events) text += event.id + '\1' + event.name + '\1' + event.data + '\2';
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  EventReader whole, cut;
  const auto at_once = whole.feed(bytes);
  const std::size_t at = size == 0 ? 0 : data[0] % size;
  auto first = cut.feed(bytes.substr(0, at));
  const auto second = cut.feed(bytes.substr(at));
  if (!at_once || !first || !second) return 0;
  std::ranges::copy(*second, std::back_inserter(*first));
  ANLAN_EXPECT(all(*at_once) == all(*first));
  const std::string shown = printable(bytes);
  ANLAN_EXPECT(std::ranges::none_of(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  ANLAN_EXPECT(display_width(bytes) <= 2 * bytes.size());
  return 0;
}
