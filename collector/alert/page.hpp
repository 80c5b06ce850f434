// One page of a list; `next` is given back as the cursor for the following page.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace anlan::collector {

inline constexpr int kMaxPage = 500;  // items; a larger wish is refused (invalid_argument)

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  // opaque; nullopt: this was the last page
};

}  // namespace anlan::collector
