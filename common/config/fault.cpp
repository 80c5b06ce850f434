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

std::vector<std::string> to_lines(std::vector<Fault> faults) {
  std::ranges::sort(faults, {}, [](const Fault& f) { return std::tie(f.file, f.line, f.what, f.right); });
  std::vector<std::string> lines;
  for (const Fault& fault : faults) {
    std::string& line = lines.emplace_back(fault.file);
    if (fault.line > 0) line += ":" + std::to_string(fault.line);
    line += ": " + fault.what;
    if (!fault.right.empty()) line += "; right would be: " + fault.right;
  }
  return lines;
}

std::string to_text(std::vector<Fault> faults) {
  std::string text;
  for (const std::string& line : to_lines(std::move(faults))) text += line + "\n";
  return text;
}

}  // namespace anlan
