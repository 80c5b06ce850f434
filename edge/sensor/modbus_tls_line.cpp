// Modbus/TCP Security: TLS with certificates on both sides. Asio's stream on a loop of its own, run by the worker until
// there is something or the time is over.
#include <array>
#include <atomic>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "common/async/clock.hpp"
#include "edge/sensor/modbus_line.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

class TlsLine final : public ModbusLine {
 public:
  TlsLine(Addresses addresses, std::uint16_t port, std::string host, TlsFiles files)
      : addresses_(std::move(addresses)), port_(port), host_(std::move(host)), files_(std::move(files)) {}

  BusResult<void> open(MonoTime until) override;
  BusResult<void> send(ByteView bytes, MonoTime until) override;
  BusResult<std::size_t> receive(std::span<std::uint8_t> into, MonoTime until) override;
  void cut() override {
    interrupt_.raise();
    if (const int socket = socket_; socket >= 0) ::shutdown(socket, SHUT_RDWR);
  }

 private:
  BusResult<void> load_files();
  bool run(const bool& done, MonoTime until);
  void read_on();

  const Addresses addresses_;
  const std::uint16_t port_;
  const std::string host_;
  const TlsFiles files_;
  Interrupt interrupt_;
  std::atomic<int> socket_{-1};
  asio::io_context loop_{1};
  ssl::context context_{ssl::context::tls_client};
  std::optional<ssl::stream<asio::ip::tcp::socket>> stream_;
  // One read is always under way once the line is open.
  std::array<std::uint8_t, 1024> arriving_{};
  Bytes arrived_;
  error_code lost_;
};

BusResult<void> TlsLine::load_files() {
  error_code error;
  context_.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
  context_.set_verify_mode(ssl::verify_peer, error);
  context_.set_verify_callback(ssl::host_name_verification(host_), error);
  if (files_.ca_file.empty())
    context_.set_default_verify_paths(error);
  else
    context_.load_verify_file(files_.ca_file, error);
  if (error) return no_connection("reading the CA file " + files_.ca_file + ": " + error.message());
  context_.use_certificate_chain_file(files_.certificate_file, error);
  if (error) return no_connection("reading the certificate " + files_.certificate_file + ": " + error.message());
  context_.use_private_key_file(files_.key_file, ssl::context::pem, error);
  if (error) return no_connection("reading the key " + files_.key_file + ": " + error.message());
  return {};
}

/// Runs the loop until `done` or `until`; whether it is done.
bool TlsLine::run(const bool& done, MonoTime until) {
  const SystemClock clock;
  loop_.restart();
  loop_.poll();
  for (Millis left = until - clock.mono(); !done && left > Millis{0}; left = until - clock.mono()) {
    loop_.restart();
    loop_.run_one_for(left);
  }
  return done;
}

BusResult<void> TlsLine::open(MonoTime until) {
  if (auto loaded = load_files(); !loaded) return loaded;
  auto connected = connect_to(addresses_, port_, until, interrupt_);
  if (!connected) return std::unexpected(connected.error());
  asio::ip::tcp::socket socket(loop_);
  error_code error;
  int family = AF_INET;
  socklen_t size = sizeof family;
  ::getsockopt(connected->get(), SOL_SOCKET, SO_DOMAIN, &family, &size);
  socket.assign(family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), connected->get(), error);
  if (error) return no_connection("cannot connect: " + error.message());
  socket_ = connected->release();
  stream_.emplace(std::move(socket), context_);
  asio::ip::make_address(host_, error);
  if (error) SSL_set_tlsext_host_name(stream_->native_handle(), host_.c_str());
  bool done = false;
  stream_->async_handshake(ssl::stream_base::client, [&](error_code e) {
    error = e;
    done = true;
  });
  if (!run(done, until)) {
    ::shutdown(socket_, SHUT_RDWR);
    run(done, SystemClock().mono() + Millis{1'000});
    return no_connection("no TLS handshake in time");
  }
  if (error) return no_connection("TLS: " + error.message());
  read_on();
  return {};
}

void TlsLine::read_on() {
  stream_->async_read_some(asio::buffer(arriving_), [this](error_code error, std::size_t size) {
    arrived_.insert(arrived_.end(), arriving_.begin(), arriving_.begin() + static_cast<std::ptrdiff_t>(size));
    lost_ = error;
    if (!error) read_on();
  });
}

BusResult<void> TlsLine::send(ByteView bytes, MonoTime until) {
  error_code error;
  bool done = false;
  asio::async_write(*stream_, asio::buffer(bytes.data(), bytes.size()), [&](error_code e, std::size_t) {
    error = e;
    done = true;
  });
  if (!run(done, until)) {
    ::shutdown(socket_, SHUT_RDWR);
    run(done, SystemClock().mono() + Millis{1'000});
    return no_connection("the connection takes nothing more");
  }
  if (error) return no_connection("connection lost: " + error.message());
  return {};
}

BusResult<std::size_t> TlsLine::receive(std::span<std::uint8_t> into, MonoTime until) {
  const SystemClock clock;
  loop_.restart();
  loop_.poll();
  for (Millis left = until - clock.mono(); arrived_.empty() && !lost_ && left > Millis{0};
       left = until - clock.mono()) {
    loop_.restart();
    loop_.run_one_for(left);
  }
  if (arrived_.empty() && lost_) return no_connection("the device hung up: " + lost_.message());
  const std::size_t size = std::min(into.size(), arrived_.size());
  std::copy_n(arrived_.begin(), size, into.begin());
  arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(size));
  return size;
}

}  // namespace

std::unique_ptr<ModbusLine> tls_line(Addresses addresses, std::uint16_t port, std::string host, TlsFiles files) {
  return std::make_unique<TlsLine>(std::move(addresses), port, std::move(host), std::move(files));
}

}  // namespace anlan::edge
