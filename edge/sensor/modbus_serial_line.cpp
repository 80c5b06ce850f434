// A serial line, opened and set up by libmodbus; the only file of the edge that includes it.
#include <cerrno>
#include <cstring>

#include <modbus/modbus.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/async/clock.hpp"
#include "edge/sensor/modbus_line.hpp"

namespace anlan::edge {
namespace {

using Woken = Interrupt::Woken;

constexpr Millis kLockPause{10};

struct FreeContext {
  void operator()(modbus_t* context) const {
    modbus_close(context);
    modbus_free(context);
  }
};

class SerialPort final : public ModbusLine {
 public:
  SerialPort(std::string device, SerialLine line) : device_(std::move(device)), line_(line) {}

  BusResult<void> open(MonoTime until) override;
  BusResult<void> send(ByteView bytes, MonoTime until) override;
  BusResult<std::size_t> receive(std::span<std::uint8_t> into, MonoTime until) override;
  void cut() override { interrupt_.raise(); }

 private:
  BusResult<void> lock(MonoTime until);
  std::unexpected<BusError> gone(int error) const {
    return no_connection(device_ + " is gone" + (error == 0 ? "" : std::string(": ") + std::strerror(error)));
  }

  const std::string device_;
  const SerialLine line_;
  Interrupt interrupt_;
  std::unique_ptr<modbus_t, FreeContext> context_;
  int port_ = -1;  // the context's
};

BusResult<void> SerialPort::open(MonoTime until) {
  struct stat file{};
  if (::stat(device_.c_str(), &file) != 0) return no_connection("cannot open: " + std::string(std::strerror(errno)));
  if (!S_ISCHR(file.st_mode)) return no_connection("is no serial device");
  context_.reset(modbus_new_rtu(device_.c_str(), line_.baud, line_.parity, 8, line_.stop_bits));
  if (!context_) return no_connection("cannot open: " + std::string(modbus_strerror(errno)));
  if (modbus_connect(context_.get()) != 0) return no_connection("cannot open: " + std::string(modbus_strerror(errno)));
  port_ = modbus_get_socket(context_.get());
  if (line_.rs485 && modbus_rtu_set_serial_mode(context_.get(), MODBUS_RTU_RS485) != 0)
    return no_connection("its driver knows no RS-485 mode: " + std::string(modbus_strerror(errno)));
  return lock(until);
}

/// A reload may give the line to a new bus while the old one still closes it.
BusResult<void> SerialPort::lock(MonoTime until) {
  const SystemClock clock;
  while (::flock(port_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return no_connection("cannot be locked: " + std::string(std::strerror(errno)));
    const MonoTime again = clock.mono() + kLockPause;
    if (again > until) return no_connection("is in use by another program");
    if (interrupt_.wait(-1, 0, again) == Woken::raised) return no_connection("stopped");
  }
  return {};
}

BusResult<void> SerialPort::send(ByteView bytes, MonoTime until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(port_, bytes.data(), bytes.size());
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno != EAGAIN) return gone(errno);
    if (interrupt_.wait(port_, POLLOUT, until) != Woken::ready) return no_connection("the line takes nothing more");
  }
  return {};
}

BusResult<std::size_t> SerialPort::receive(std::span<std::uint8_t> into, MonoTime until) {
  switch (interrupt_.wait(port_, POLLIN, until)) {
    case Woken::raised:
      return no_connection("stopped");
    case Woken::late:
      return std::size_t{0};
    case Woken::ready:
      break;
  }
  const ssize_t got = ::read(port_, into.data(), into.size());
  if (got > 0) return static_cast<std::size_t>(got);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::size_t{0};
  return gone(got < 0 ? errno : 0);  // readable without a byte: the adapter was pulled out
}

}  // namespace

std::unique_ptr<ModbusLine> serial_line(std::string device, SerialLine line) {
  return std::make_unique<SerialPort>(std::move(device), line);
}

}  // namespace anlan::edge
