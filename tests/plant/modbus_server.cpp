#include "tests/plant/modbus_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <list>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "tests/plant/modbus_wire.hpp"

namespace anlan::plant {
namespace {

struct FreeContext {
  void operator()(modbus_t* context) const { modbus_free(context); }
};
using Context = std::unique_ptr<modbus_t, FreeContext>;

struct FreeMapping {
  void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};
using Mapping = std::unique_ptr<modbus_mapping_t, FreeMapping>;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

using Bytes = std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH>;

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

/// False where the connection is over.
bool reply(modbus_t* context, Framing framing, Bytes& frame, int size, const Request& request, const Answer& answer) {
  if (answer.wrong_unit) ++frame[framing.unit_at()];
  if (!answer.pdu.empty()) {
    const auto bytes = frame_of(framing, {frame.data(), static_cast<std::size_t>(size)}, answer.pdu);
    return ::write(modbus_get_socket(context), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  }
  if (answer.exception != 0) return modbus_reply_exception(context, frame.data(), answer.exception) >= 0;
  const Mapping mapping = mapping_of(request, answer);
  return mapping && modbus_reply(context, frame.data(), size, mapping.get()) >= 0;
}

/// libmodbus takes only a function's head off the line where it does not know the function; the rest of the frame would
/// be read as the next request. The frame's whole size.
int take_rest(int socket, Bytes& frame, int size) {
  const int whole = std::min<int>((frame[4] << 8 | frame[5]) + 6, static_cast<int>(frame.size()));
  while (size < whole) {
    const auto got = ::recv(socket, frame.data() + size, static_cast<std::size_t>(whole - size), 0);
    if (got <= 0) return -1;
    size += static_cast<int>(got);
  }
  return size;
}

/// One RTU request: libmodbus would take those of a single unit only. What is none is skipped byte by byte. -1: over.
int receive_rtu(int descriptor, int wake, Bytes& frame) {
  int have = 0;
  for (;;) {
    const std::span<const std::uint8_t> bytes(frame.data(), static_cast<std::size_t>(have));
    const auto size = rtu_request_size(bytes);
    if (size && (*size == 0 || (bytes.size() >= *size && !rtu_crc_holds(bytes.first(*size))))) {
      std::copy(frame.begin() + 1, frame.begin() + have, frame.begin());
      --have;
      continue;
    }
    if (size && bytes.size() >= *size) return static_cast<int>(*size);
    std::array<pollfd, 2> ready{{{descriptor, POLLIN, 0}, {wake, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 || ready[1].revents != 0) return -1;
    const auto got = ::read(descriptor, frame.data() + have, frame.size() - static_cast<std::size_t>(have));
    if (got <= 0) return -1;
    have += static_cast<int>(got);
  }
}

/// Sleeps unless stopped before.
void wait(const std::stop_token& stop, Millis duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
}

/// `wake`: readable when RTU is over.
void serve(const std::stop_token& stop, modbus_t* context, Framing framing, int wake,
           const ModbusServer::Handler& handler) {
  const int descriptor = modbus_get_socket(context);
  Bytes frame{};
  while (!stop.stop_requested()) {
    int size = framing.rtu ? receive_rtu(descriptor, wake, frame) : modbus_receive(context, frame.data());
    if (size < 0) return;
    if (static_cast<std::size_t>(size) <= framing.unit_at() + 1) continue;
    if (!framing.rtu) size = take_rest(descriptor, frame, size);
    if (size < 0) return;
    const auto request = parse(framing, {frame.data(), static_cast<std::size_t>(size)});
    const Answer answer = request ? handler(*request) : Answer::refuse(request.error());
    if (answer.silent || (framing.rtu && frame[0] == 0)) continue;
    if (answer.late > Millis{0}) wait(stop, answer.late);
    if (stop.stop_requested() || !reply(context, framing, frame, size, request.value_or(Request{}), answer)) return;
  }
}

/// A carrier of the descriptor that frames as it should.
Context carrier(Framing framing, int descriptor) {
  Context context(framing.rtu ? modbus_new_rtu("/dev/null", 19200, 'E', 8, 1) : modbus_new_tcp("127.0.0.1", 0));
  if (!context) return context;
  if (framing.rtu) modbus_set_slave(context.get(), 1);
  modbus_set_socket(context.get(), descriptor);
  return context;
}

}  // namespace

struct ModbusServer::Impl {
  struct Connection {
    Descriptor socket;
    bool ended = false;   // under mutex; its thread touches nothing any more
    std::jthread thread;  // last: joined first
  };

  std::string address;
  std::uint16_t port = 0;
  Framing framing;
  SerialPlace place;  // instead of address and port
  Handler handler;
  Context context;
  bool is_open = false;
  Descriptor near_end;  // of a pseudo terminal: held, so that the far one lives while no master is there
  Descriptor listener, wake{::eventfd(0, EFD_CLOEXEC)};
  std::mutex mutex;
  std::list<Connection> connections;
  std::jthread acceptor;

  Result<void> open() { return place.empty() ? open_listener() : open_line(); }
  Result<void> open_listener();
  Result<void> open_line();
  Result<int> open_terminal();
  void close();
  void accept_all(const std::stop_token& stop);
  void accept_one();  // REQUIRES the mutex
};

Result<int> ModbusServer::Impl::open_terminal() {
  listener = Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  char name[128]{};
  const bool made = listener.get() >= 0 && ::grantpt(listener.get()) == 0 && ::unlockpt(listener.get()) == 0 &&
                    ::ptsname_r(listener.get(), name, sizeof name) == 0;
  if (!made) return fail(Errc::unavailable, "making a pseudo terminal: " + std::string(modbus_strerror(errno)));
  near_end = Descriptor(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  termios raw{};
  ::tcgetattr(near_end.get(), &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(near_end.get(), TCSANOW, &raw);
  if (::symlink(name, place.link.c_str()) != 0)
    return fail(Errc::unavailable, "linking " + place.link + ": " + modbus_strerror(errno));
  return listener.get();
}

Result<void> ModbusServer::Impl::open_line() {
  int descriptor = -1;
  if (place.device.empty()) {
    const auto terminal = open_terminal();
    if (!terminal) return fail(terminal.error());
    context = carrier(framing, descriptor = *terminal);
  } else {
    context.reset(modbus_new_rtu(place.device.c_str(), place.baud, place.parity, 8, place.stop_bits));
    if (!context || modbus_set_slave(context.get(), 1) != 0 || modbus_connect(context.get()) != 0)
      return fail(Errc::unavailable, "opening " + place.device + ": " + modbus_strerror(errno));
  }
  is_open = true;
  acceptor =
      std::jthread([this](const std::stop_token& stop) { serve(stop, context.get(), framing, wake.get(), handler); });
  return {};
}

Result<void> ModbusServer::Impl::open_listener() {
  context.reset(modbus_new_tcp(address.c_str(), port));
  listener = Descriptor(context ? modbus_tcp_listen(context.get(), 64) : -1);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (listener.get() < 0 || ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return fail(Errc::unavailable,
                "listening on " + address + ":" + std::to_string(port) + ": " + modbus_strerror(errno));
  port = ntohs(bound.sin_port);
  is_open = true;
  acceptor = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
  return {};
}

void ModbusServer::Impl::close() {
  acceptor.request_stop();
  ::eventfd_write(wake.get(), 1);
  if (acceptor.joinable()) acceptor.join();
  eventfd_t taken = 0;
  ::eventfd_read(wake.get(), &taken);
  if (!place.device.empty() && context) modbus_close(context.get());
  if (!place.link.empty()) ::unlink(place.link.c_str());
  context.reset();
  listener = Descriptor();
  near_end = Descriptor();
  is_open = false;
  for (auto& connection : connections) {
    connection.thread.request_stop();
    ::shutdown(connection.socket.get(), SHUT_RDWR);  // ends a blocking receive
  }
  connections.clear();
}

void ModbusServer::Impl::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> ready{{{listener.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}}};
    const bool someone = ::poll(ready.data(), ready.size(), -1) > 0 && ready[0].revents != 0;
    const std::lock_guard lock(mutex);
    std::erase_if(connections, [](const Connection& c) { return c.ended; });
    if (someone) accept_one();
  }
}

void ModbusServer::Impl::accept_one() {
  Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.get() < 0 || connections.size() >= most_connections) return;
  Connection& connection = connections.emplace_back(std::move(socket));
  connection.thread = std::jthread([this, &connection](const std::stop_token& stop) {
    const Context own = carrier(framing, connection.socket.get());
    if (own) serve(stop, own.get(), framing, -1, handler);
    ::shutdown(connection.socket.get(), SHUT_RDWR);  // the other side learns at once; closed when it is collected
    const std::lock_guard end(mutex);
    connection.ended = true;
  });
}

ModbusServer::ModbusServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ModbusServer::~ModbusServer() { impl_->close(); }

Result<std::unique_ptr<ModbusServer>> ModbusServer::start(std::unique_ptr<Impl> impl) {
  if (const auto opened = impl->open(); !opened) return fail(opened.error());
  return std::unique_ptr<ModbusServer>(new ModbusServer(std::move(impl)));
}

Result<std::unique_ptr<ModbusServer>> ModbusServer::start(const std::string& address, std::uint16_t port,
                                                          Handler handler, bool rtu) {
  auto impl = std::make_unique<Impl>();
  impl->address = address;
  impl->port = port;
  impl->framing.rtu = rtu;
  impl->handler = std::move(handler);
  return start(std::move(impl));
}

Result<std::unique_ptr<ModbusServer>> ModbusServer::start(const SerialPlace& place, Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->place = place;
  impl->framing.rtu = true;
  impl->handler = std::move(handler);
  return start(std::move(impl));
}

std::uint16_t ModbusServer::port() const { return impl_->port; }

Result<void> ModbusServer::set_open(bool open) {
  if (open == impl_->is_open) return {};
  if (open) return impl_->open();
  impl_->close();
  return {};
}

}  // namespace anlan::plant
