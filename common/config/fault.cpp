#include "common/config/fault.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace anlan {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
      out += c;
    } else {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04X", static_cast<unsigned char>(c));
      out += code;
    }
  }
  return out;
}

std::string to_text(std::vector<Fault> faults) {
  std::ranges::sort(faults, {}, [](const Fault& f) { return std::tie(f.file, f.line, f.what, f.right); });
  std::string text;
  for (const Fault& fault : faults) {
    text += fault.file;
    if (fault.line > 0) text += ":" + std::to_string(fault.line);
    text += ": " + fault.what;
    if (!fault.right.empty()) text += "; right would be: " + fault.right;
    text += "\n";
  }
  return text;
}

}  // namespace anlan
