#include "tests/plant/modbus_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <expected>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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
constexpr std::size_t unit_at = 6, function_at = 7, body_at = 8;  // in a Modbus TCP frame

int word_at(std::span<const std::uint8_t> bytes, std::size_t i) { return bytes[i] << 8 | bytes[i + 1]; }

/// The values that follow the byte count of a multiple write; nothing where the counts contradict each other.
std::optional<std::vector<std::uint16_t>> written_values(std::span<const std::uint8_t> frame, int function, int count) {
  constexpr std::size_t first = body_at + 5;
  const auto bytes = static_cast<std::size_t>(function == 15 ? (count + 7) / 8 : count * 2);
  if (frame.size() < first + bytes || frame[first - 1] != bytes) return std::nullopt;
  std::vector<std::uint16_t> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    values.push_back(static_cast<std::uint16_t>(function == 15 ? frame[first + i / 8] >> (i % 8) & 1
                                                               : word_at(frame, first + 2 * i)));
  return values;
}

/// The frame as a value, or the exception that it earns.
std::expected<Request, ExceptionCode> parse(std::span<const std::uint8_t> frame) {
  Request request{.unit = frame[unit_at], .function = frame[function_at]};
  const bool known =
      (request.function >= 1 && request.function <= 6) || request.function == 15 || request.function == 16;
  if (!known || frame.size() < body_at + 4) return std::unexpected(illegal_function);
  request.address = word_at(frame, body_at);
  const int value = word_at(frame, body_at + 2);
  if (request.function == 5) {
    if (value != 0xFF00 && value != 0) return std::unexpected(illegal_value);
    request.values = {static_cast<std::uint16_t>(value != 0)};
  } else if (request.function == 6) {
    request.values = {static_cast<std::uint16_t>(value)};
  } else {
    request.count = value;
  }
  if (!count_allowed(request.function, request.count)) return std::unexpected(illegal_value);
  if (request.address + request.count > 65536) return std::unexpected(illegal_address);
  if (request.function >= 15) {
    auto values = written_values(frame, request.function, request.count);
    if (!values) return std::unexpected(illegal_value);
    request.values = *std::move(values);
  }
  return request;
}

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
bool reply(modbus_t* context, Bytes& frame, int size, const Request& request, const Answer& answer) {
  if (answer.wrong_unit) ++frame[unit_at];
  if (answer.exception != 0) return modbus_reply_exception(context, frame.data(), answer.exception) >= 0;
  const Mapping mapping = mapping_of(request, answer);
  return mapping && modbus_reply(context, frame.data(), size, mapping.get()) >= 0;
}

/// libmodbus takes only a function's head off the line where it does not know the function; the rest of the frame would
/// be read as the next request.
void drop_rest(int socket, std::span<const std::uint8_t> frame) {
  int left = word_at(frame, 4) - static_cast<int>(frame.size() - unit_at);
  std::array<std::uint8_t, 256> rest{};
  while (left > 0) {
    const auto got = ::recv(socket, rest.data(), std::min(rest.size(), static_cast<std::size_t>(left)), 0);
    if (got <= 0) return;
    left -= static_cast<int>(got);
  }
}

/// Sleeps unless stopped before.
void wait(const std::stop_token& stop, Millis duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
}

void serve(const std::stop_token& stop, int socket, const ModbusServer::Handler& handler) {
  const Context context(modbus_new_tcp("127.0.0.1", 0));  // only a carrier of the socket
  if (!context) return;
  modbus_set_socket(context.get(), socket);
  Bytes frame{};
  while (!stop.stop_requested()) {
    const int size = modbus_receive(context.get(), frame.data());
    if (size < 0) return;
    if (static_cast<std::size_t>(size) <= function_at) continue;
    const std::span<const std::uint8_t> received(frame.data(), static_cast<std::size_t>(size));
    drop_rest(socket, received);
    const auto request = parse(received);
    const Answer answer = request ? handler(*request) : Answer::refuse(request.error());
    if (answer.silent) continue;
    if (answer.late > Millis{0}) wait(stop, answer.late);
    if (stop.stop_requested() || !reply(context.get(), frame, size, request.value_or(Request{}), answer)) return;
  }
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
  Handler handler;
  Context context;
  Descriptor listener, wake{::eventfd(0, EFD_CLOEXEC)};
  std::mutex mutex;
  std::list<Connection> connections;
  std::jthread acceptor;

  Result<void> open();
  void close();
  void accept_all(const std::stop_token& stop);
  void accept_one();  // REQUIRES the mutex
};

Result<void> ModbusServer::Impl::open() {
  context.reset(modbus_new_tcp(address.c_str(), port));
  listener = Descriptor(context ? modbus_tcp_listen(context.get(), 64) : -1);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (listener.get() < 0 || ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return fail(Errc::unavailable,
                "listening on " + address + ":" + std::to_string(port) + ": " + modbus_strerror(errno));
  port = ntohs(bound.sin_port);
  acceptor = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
  return {};
}

void ModbusServer::Impl::close() {
  acceptor.request_stop();
  ::eventfd_write(wake.get(), 1);
  if (acceptor.joinable()) acceptor.join();
  eventfd_t taken = 0;
  ::eventfd_read(wake.get(), &taken);
  listener = Descriptor();
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
    serve(stop, connection.socket.get(), handler);
    ::shutdown(connection.socket.get(), SHUT_RDWR);  // the other side learns at once; closed when it is collected
    const std::lock_guard end(mutex);
    connection.ended = true;
  });
}

ModbusServer::ModbusServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ModbusServer::~ModbusServer() { impl_->close(); }

Result<std::unique_ptr<ModbusServer>> ModbusServer::start(const std::string& address, std::uint16_t port,
                                                          Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->address = address;
  impl->port = port;
  impl->handler = std::move(handler);
  if (const auto opened = impl->open(); !opened) return fail(opened.error());
  return std::unique_ptr<ModbusServer>(new ModbusServer(std::move(impl)));
}

std::uint16_t ModbusServer::port() const { return impl_->port; }

Result<void> ModbusServer::set_open(bool open) {
  const bool is_open = impl_->listener.get() >= 0;
  if (open == is_open) return {};
  if (open) return impl_->open();
  impl_->close();
  return {};
}

}  // namespace anlan::plant
