// Plain TCP: what Modbus TCP and RTU over TCP run on.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <boost/asio/ip/tcp.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/async/clock.hpp"
#include "edge/sensor/modbus_line.hpp"

namespace anlan::edge {
namespace {

using Woken = Interrupt::Woken;

std::unexpected<BusError> cannot(const std::string& what, int error) {
  return no_connection(what + ": " + std::strerror(error));
}

BusResult<Descriptor> connect_to(const boost::asio::ip::tcp::endpoint& to, MonoTime until, const Interrupt& interrupt) {
  Descriptor socket(::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (socket.get() < 0) return cannot("cannot connect", errno);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), to.data(), static_cast<socklen_t>(to.size())) == 0) return socket;
  if (errno != EINPROGRESS) return cannot("cannot connect", errno);
  const Millis left = until - SystemClock().mono();
  switch (interrupt.wait(socket.get(), POLLOUT, until)) {
    case Woken::raised:
      return no_connection("stopped");
    case Woken::late:
      return no_connection("accepts no connection in " + to_words(left));
    case Woken::ready:
      break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return cannot("cannot connect", error);
  return socket;
}

class TcpLine final : public ModbusLine {
 public:
  TcpLine(Addresses addresses, std::uint16_t port) : addresses_(std::move(addresses)), port_(port) {}

  BusResult<void> open(MonoTime until) override {
    auto socket = edge::connect_to(addresses_, port_, until, interrupt_);
    if (!socket) return std::unexpected(socket.error());
    socket_ = *std::move(socket);
    return {};
  }
  BusResult<void> send(ByteView bytes, MonoTime until) override;
  BusResult<std::size_t> receive(std::span<std::uint8_t> into, MonoTime until) override;
  void cut() override { interrupt_.raise(); }

 private:
  const Addresses addresses_;
  const std::uint16_t port_;
  Interrupt interrupt_;
  Descriptor socket_;
};

BusResult<void> TcpLine::send(ByteView bytes, MonoTime until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN) return cannot("connection lost", errno);
    if (interrupt_.wait(socket_.get(), POLLOUT, until) != Woken::ready)
      return no_connection("the connection takes nothing more");
  }
  return {};
}

BusResult<std::size_t> TcpLine::receive(std::span<std::uint8_t> into, MonoTime until) {
  for (bool waited = false;; waited = true) {
    const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return no_connection("the device hung up");
    if (errno != EAGAIN && errno != EINTR) return cannot("connection lost", errno);
    if (waited || until <= SystemClock().mono()) return std::size_t{0};
    switch (interrupt_.wait(socket_.get(), POLLIN, until)) {
      case Woken::raised:
        return no_connection("stopped");
      case Woken::late:
        return std::size_t{0};
      case Woken::ready:
        break;
    }
  }
}

}  // namespace

BusResult<Descriptor> connect_to(const Addresses& addresses, std::uint16_t port, MonoTime until,
                                 const Interrupt& interrupt) {
  BusResult<Descriptor> socket = no_connection("has no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const MonoTime now = SystemClock().mono();
    const Millis share = (until - now) / static_cast<int>(addresses.size() - i);
    socket = connect_to({addresses[i], port}, now + share, interrupt);
    if (socket) break;
  }
  return socket;
}

std::unique_ptr<ModbusLine> tcp_line(Addresses addresses, std::uint16_t port) {
  return std::make_unique<TcpLine>(std::move(addresses), port);
}

}  // namespace anlan::edge
