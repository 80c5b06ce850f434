// std::stable_sort of libstdc++ 12 asks for memory in a way that clang refuses as deprecated.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

namespace anlan::collector {

/// Sorts by `key`; what is equal keeps its order.
template <class T, class Key>
void sort_stably(std::vector<T>& items, Key key) {
  const auto of = [&](std::size_t i) -> decltype(auto) { return std::invoke(key, items[i]); };
  if (std::ranges::is_sorted(items, {}, key)) return;
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (of(a) < of(b)) return true;
    return !(of(b) < of(a)) && a < b;
  });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  items.swap(sorted);
}

}  // namespace anlan::collector
