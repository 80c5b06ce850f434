#include "edge/sensor/modbus_line.hpp"

#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/async/clock.hpp"

namespace anlan::edge {

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
Interrupt::~Interrupt() { ::close(event_); }
void Interrupt::raise() { ::eventfd_write(event_, 1); }

Interrupt::Woken Interrupt::wait(int descriptor, short events, MonoTime until) const {
  const SystemClock clock;
  for (;;) {
    pollfd ready[]{{descriptor, events, 0}, {event_, POLLIN, 0}};
    const auto left = std::max<Millis::rep>(0, (until - clock.mono()).count());
    const int woken = ::poll(ready, 2, static_cast<int>(std::min<Millis::rep>(left, 3'600'000)));
    if (woken < 0 && errno == EINTR) continue;
    if (ready[1].revents != 0) return Woken::raised;
    if (ready[0].revents != 0) return Woken::ready;
    if (left == 0) return Woken::late;
  }
}

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

int Descriptor::release() { return std::exchange(descriptor_, -1); }

std::unexpected<BusError> no_connection(std::string what) {
  return std::unexpected(BusError{BusError::Kind::no_connection, 0, std::move(what)});
}

}  // namespace anlan::edge
