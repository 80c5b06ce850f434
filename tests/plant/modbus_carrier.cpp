#include "tests/plant/modbus_carrier.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <modbus/modbus.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace anlan::plant {
namespace {

static_assert(MODBUS_TCP_MAX_ADU_LENGTH == 260);

struct FreeMapping {
  void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};
using Mapping = std::unique_ptr<modbus_mapping_t, FreeMapping>;

/// Exactly the registers or bits of one request, for libmodbus to answer from.
Mapping mapping_of(const Request& request, const Answer& answer) {
  const auto start = static_cast<unsigned>(request.address), count = static_cast<unsigned>(request.count);
  const auto of = [&](std::initializer_list<int> functions) {
    return std::ranges::find(functions, request.function) != functions.end() ? count : 0u;
  };
  Mapping mapping(
      modbus_mapping_new_start_address(start, of({1, 5, 15}), start, of({2}), start, of({3, 6, 16}), start, of({4})));
  if (!mapping) return mapping;
  for (std::size_t i = 0; i < answer.values.size() && i < count; ++i) {
    const auto bit = static_cast<std::uint8_t>(answer.values[i]);
    if (mapping->nb_bits > 0) mapping->tab_bits[i] = bit;
    if (mapping->nb_input_bits > 0) mapping->tab_input_bits[i] = bit;
    if (mapping->nb_registers > 0) mapping->tab_registers[i] = answer.values[i];
    if (mapping->nb_input_registers > 0) mapping->tab_input_registers[i] = answer.values[i];
  }
  return mapping;
}

Error unavailable(const std::string& doing) { return {Errc::unavailable, doing + ": " + modbus_strerror(errno)}; }

}  // namespace

void FreeModbus::operator()(_modbus* context) const {
  if (close) modbus_close(context);
  modbus_free(context);
}

Result<ModbusCarrier> ModbusCarrier::on(int descriptor, Framing framing) {
  Context context(framing.rtu ? modbus_new_rtu("/dev/null", 19200, 'E', 8, 1) : modbus_new_tcp("127.0.0.1", 0));
  if (!context) return std::unexpected(unavailable("making a slave"));
  if (framing.rtu) modbus_set_slave(context.get(), 1);
  modbus_set_socket(context.get(), descriptor);
  return ModbusCarrier(std::move(context), framing);
}

Result<ModbusCarrier> ModbusCarrier::open(const SerialPlace& place) {
  Context context(modbus_new_rtu(place.device.c_str(), place.baud, place.parity, 8, place.stop_bits));
  if (!context || modbus_set_slave(context.get(), 1) != 0 || modbus_connect(context.get()) != 0)
    return std::unexpected(unavailable("opening " + place.device));
  context.get_deleter().close = true;
  return ModbusCarrier(std::move(context), {.rtu = true});
}

std::optional<std::span<const std::uint8_t>> ModbusCarrier::receive(int wake) {
  size_ = framing_.rtu ? receive_rtu(wake) : modbus_receive(context_.get(), frame_.data());
  if (size_ < 0) return std::nullopt;
  if (static_cast<std::size_t>(size_) <= framing_.unit_at() + 1) return std::span<const std::uint8_t>{};
  if (!framing_.rtu) size_ = take_rest(size_);
  if (size_ < 0) return std::nullopt;
  return std::span<const std::uint8_t>(frame_.data(), static_cast<std::size_t>(size_));
}

/// libmodbus takes only a function's head off the line where it does not know the function; the rest of the frame would
/// be read as the next request. The frame's whole size.
int ModbusCarrier::take_rest(int size) {
  const int whole = std::min<int>((frame_[4] << 8 | frame_[5]) + 6, static_cast<int>(frame_.size()));
  const int socket = modbus_get_socket(context_.get());
  while (size < whole) {
    const auto got = ::recv(socket, frame_.data() + size, static_cast<std::size_t>(whole - size), 0);
    if (got <= 0) return -1;
    size += static_cast<int>(got);
  }
  return size;
}

/// One RTU request: libmodbus would take those of a single unit only. What is none is skipped byte by byte. -1: over.
int ModbusCarrier::receive_rtu(int wake) {
  const int descriptor = modbus_get_socket(context_.get());
  int have = 0;
  for (;;) {
    const std::span<const std::uint8_t> bytes(frame_.data(), static_cast<std::size_t>(have));
    const auto size = rtu_request_size(bytes);
    if (size && (*size == 0 || (bytes.size() >= *size && !rtu_crc_holds(bytes.first(*size))))) {
      std::copy(frame_.begin() + 1, frame_.begin() + have, frame_.begin());
      --have;
      continue;
    }
    if (size && bytes.size() >= *size) return static_cast<int>(*size);
    std::array<pollfd, 2> ready{{{descriptor, POLLIN, 0}, {wake, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 || ready[1].revents != 0) return -1;
    const auto got = ::read(descriptor, frame_.data() + have, frame_.size() - static_cast<std::size_t>(have));
    if (got <= 0) return -1;
    have += static_cast<int>(got);
  }
}

bool ModbusCarrier::reply(const Request& request, const Answer& answer) {
  if (answer.wrong_unit) ++frame_[framing_.unit_at()];
  if (!answer.pdu.empty()) {
    const auto bytes = frame_of(framing_, {frame_.data(), static_cast<std::size_t>(size_)}, answer.pdu);
    const int to = modbus_get_socket(context_.get());
    return ::write(to, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  }
  if (answer.exception != 0) return modbus_reply_exception(context_.get(), frame_.data(), answer.exception) >= 0;
  const Mapping mapping = mapping_of(request, answer);
  return mapping && modbus_reply(context_.get(), frame_.data(), size_, mapping.get()) >= 0;
}

Result<Descriptor> listen_on(const std::string& address, std::uint16_t port) {
  constexpr int kBacklog = 64;
  const std::unique_ptr<modbus_t, FreeModbus> context(modbus_new_tcp(address.c_str(), port));
  Descriptor listener(context ? modbus_tcp_listen(context.get(), kBacklog) : -1);
  if (listener.get() < 0) return std::unexpected(unavailable("listening on " + address + ":" + std::to_string(port)));
  return listener;
}

}  // namespace anlan::plant
