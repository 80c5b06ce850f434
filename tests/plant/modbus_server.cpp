#include "tests/plant/modbus_server.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tests/plant/modbus_carrier.hpp"
#include "tests/plant/pseudo_terminal.hpp"

namespace anlan::plant {
namespace {

/// Sleeps unless stopped before.
void wait(const std::stop_token& stop, Millis duration) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
}

/// `wake`: readable when RTU is over.
void serve(const std::stop_token& stop, ModbusCarrier& carrier, int wake, const ModbusServer::Handler& handler) {
  while (!stop.stop_requested()) {
    const auto frame = carrier.receive(wake);
    if (!frame) return;
    if (frame->empty()) continue;
    const bool to_all = carrier.framing().rtu && frame->front() == 0;
    const auto request = parse(carrier.framing(), *frame);
    const Answer answer = request ? handler(*request) : Answer::refuse(request.error());
    if (answer.silent || to_all) continue;
    if (answer.late > Millis{0}) wait(stop, answer.late);
    if (stop.stop_requested() || !carrier.reply(request.value_or(Request{}), answer)) return;
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
  Framing framing;
  SerialPlace place;  // instead of address and port
  Handler handler;
  bool is_open = false;
  std::optional<PseudoTerminal> terminal;
  std::optional<ModbusCarrier> line;
  Descriptor listener, wake{::eventfd(0, EFD_CLOEXEC)};
  std::mutex mutex;
  std::list<Connection> connections;
  std::jthread worker;  // accepts, or serves the line

  Result<void> open() { return place.empty() ? open_listener() : open_line(); }
  Result<void> open_listener();
  Result<void> open_line();
  void close();
  void accept_all(const std::stop_token& stop);
  void accept_one();  // REQUIRES the mutex
};

Result<void> ModbusServer::Impl::open_line() {
  if (place.device.empty()) {
    auto made = PseudoTerminal::make(place.link);
    if (!made) return fail(made.error());
    terminal.emplace(std::move(*made));
  }
  auto opened = terminal ? ModbusCarrier::on(terminal->get(), framing) : ModbusCarrier::open(place);
  if (!opened) return fail(opened.error());
  line.emplace(std::move(*opened));
  is_open = true;
  worker = std::jthread([this](const std::stop_token& stop) { serve(stop, *line, wake.get(), handler); });
  return {};
}

Result<void> ModbusServer::Impl::open_listener() {
  auto listening = listen_on(address, port);
  if (!listening) return fail(listening.error());
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(listening->get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return fail(Errc::unavailable, "listening on " + address + ": " + std::system_category().message(errno));
  listener = std::move(*listening);
  port = ntohs(bound.sin_port);
  is_open = true;
  worker = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
  return {};
}

void ModbusServer::Impl::close() {
  worker.request_stop();
  ::eventfd_write(wake.get(), 1);
  if (worker.joinable()) worker.join();
  eventfd_t taken = 0;
  ::eventfd_read(wake.get(), &taken);
  line.reset();
  terminal.reset();
  listener = Descriptor();
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
    auto carrier = ModbusCarrier::on(connection.socket.get(), framing);
    if (carrier) serve(stop, *carrier, -1, handler);
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
