// What every list of faults must keep: it is never empty, each names its file, and no text can forge a line of its own.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "common/config/fault.hpp"
#include "tests/fuzz/expect.hpp"

namespace anlan::fuzz {

inline bool one_line(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

inline void expect_sound(const std::vector<Fault>& faults) {
  ANLAN_EXPECT(!faults.empty());
  for (const Fault& fault : faults) {
    ANLAN_EXPECT(!fault.file.empty());
    ANLAN_EXPECT(fault.line >= 0);
    ANLAN_EXPECT(!fault.what.empty() && one_line(fault.what));
    ANLAN_EXPECT(one_line(fault.right));
  }
  const std::string text = to_text(faults);
  ANLAN_EXPECT(std::ranges::count(text, '\n') == static_cast<std::ptrdiff_t>(faults.size()));
}

}  // namespace anlan::fuzz
