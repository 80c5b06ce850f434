#include "common/io/random.hpp"

#include <cerrno>
#include <system_error>

#include <sys/random.h>

namespace anlan {

std::uint64_t random64() {
  std::uint64_t value = 0;
  while (getrandom(&value, sizeof value, 0) != sizeof value)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  return value;
}

}  // namespace anlan
