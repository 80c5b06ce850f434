// The bytes' way to an endpoint: one implementation per transport. Blocking, for the worker's thread, but bounded, and
// cut() ends whatever is under way.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "edge/sensor/modbus_pdu.hpp"

namespace anlan::edge {

class ModbusLine {
 public:
  virtual ~ModbusLine() = default;
  /// Once, before anything else. Errors, here and below: no_connection.
  virtual BusResult<void> open(MonoTime until) = 0;
  virtual BusResult<void> send(ByteView bytes, MonoTime until) = 0;
  /// What has come, at least one byte; 0: nothing until then. A time that is over: only what is there already.
  virtual BusResult<std::size_t> receive(std::span<std::uint8_t> into, MonoTime until) = 0;
  /// From any thread, while the line is alive: every call fails from now on.
  virtual void cut() = 0;
};

/// Raised once, from any thread; ends waits for a descriptor.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  void raise();

  enum class Woken { ready, late, raised };
  /// Until `descriptor` is ready for `events` of poll(2), or has failed.
  Woken wait(int descriptor, short events, MonoTime until) const;

 private:
  int event_;
};

/// An open descriptor.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return descriptor_; }
  int release();

 private:
  int descriptor_;
};

std::unexpected<BusError> no_connection(std::string what);

using Addresses = std::vector<boost::asio::ip::address>;

/// A connected, non-blocking socket to the first of the addresses that takes the connection; each has its share of the
/// time.
BusResult<Descriptor> connect_to(const Addresses& addresses, std::uint16_t port, MonoTime until,
                                 const Interrupt& interrupt);

std::unique_ptr<ModbusLine> tcp_line(Addresses addresses, std::uint16_t port);

/// TLS 1.2 or later, the server's certificate verified for `host` (a name or an address) and against `files.ca_file`,
/// or the system's authorities where there is none.
std::unique_ptr<ModbusLine> tls_line(Addresses addresses, std::uint16_t port, std::string host, TlsFiles files);

/// The line is locked, so that no other program of this machine asks on it at the same time.
std::unique_ptr<ModbusLine> serial_line(std::string device, SerialLine line);

}  // namespace anlan::edge
