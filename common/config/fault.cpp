#include "common/config/fault.hpp"

#include <algorithm>
#include <tuple>

namespace anlan {

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
