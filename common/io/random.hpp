// Random identifiers from the operating system's generator.
#pragma once

#include <cstdint>

#include "common/model/ids.hpp"

namespace anlan {

/// 64 bits of getrandom(2); throws std::system_error where the kernel has none. Any thread.
std::uint64_t random64();

template <class AnyId>
AnyId random_id() {
  return AnyId{random64(), random64()};
}

}  // namespace anlan
