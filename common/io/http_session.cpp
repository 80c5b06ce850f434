#include "common/io/http_session.hpp"

#include <optional>

#include <arpa/inet.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <netinet/in.h>

#include "common/base/log.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr std::string_view kPart = "http";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

auto into(error_code& code) { return asio::redirect_error(asio::use_awaitable, code); }

HttpRequest to_request(Parser::value_type&& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) request.headers.add(field.name_string(), field.value());
  request.body = std::move(message.body());
  return request;
}

/// An IPv4 address that came over an IPv6 socket is written as IPv4.
std::string address_of(const HttpSession::Stream::socket_type& socket) {
  error_code failed;
  const auto endpoint = socket.remote_endpoint(failed);
  if (failed) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const void* raw = endpoint.data();
  if (endpoint.protocol().family() == AF_INET) {
    ::inet_ntop(AF_INET, &static_cast<const sockaddr_in*>(raw)->sin_addr, text, sizeof text);
  } else if (endpoint.protocol().family() == AF_INET6) {
    const in6_addr& address = static_cast<const sockaddr_in6*>(raw)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address))
      ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
    else
      ::inet_ntop(AF_INET6, &address, text, sizeof text);
  }
  return text;
}

HttpResponse plain(int status, std::string text) {
  HttpResponse response{.status = status};
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text) + "\n";
  return response;
}

/// What to tell a client whose request could not be read; nullopt: nothing, it is gone or too slow.
std::optional<HttpResponse> reading_failed(const error_code& code) {
  if (code == http::error::header_limit) return plain(431, "the request's header is too long");
  if (code == http::error::body_limit) return plain(413, "the request's body is too long");
  if (code == http::error::end_of_stream || code == http::error::partial_message) return std::nullopt;
  if (code.category() == make_error_code(http::error::bad_method).category())
    return plain(400, "this is not HTTP/1.1: " + code.message());
  return std::nullopt;
}

template <class Body>
http::response<Body> head_of(const HttpResponse& response, unsigned version) {
  http::response<Body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers.all()) message.insert(name, value);
  return message;
}

}  // namespace

struct HttpSession::Answering {
  unsigned version = 11;
  bool keep_alive = false;
  bool head = false;
};

HttpSession::HttpSession(Stream::socket_type socket, std::shared_ptr<HttpShared> shared)
    : stream_(std::move(socket)), peer_(address_of(stream_.socket())), shared_(std::move(shared)) {
  wait_for_client();
}

void HttpSession::wait_for_client() {
  serving_ = false;
  since_ = ++shared_->order;
}

void HttpSession::close() {
  error_code ignored;
  stream_.socket().close(ignored);
}

void HttpSession::abort() {
  close();
  cancel_.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> HttpSession::run() {
  try {
    while (!shared_->stopping && co_await serve_one()) wait_for_client();
    wait_for_client();
    co_await linger();
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
}

/// What the client still sends is read for a moment, so that it sees the answer and not a reset.
asio::awaitable<void> HttpSession::linger() {
  error_code failed;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, failed);
  stream_.expires_after(std::min(shared_->options.read, Millis{1'000}));
  char rest[4096];
  while (!failed && !shared_->stopping) co_await stream_.async_read_some(asio::buffer(rest), into(failed));
}

/// True once the first byte of a request is there.
asio::awaitable<bool> HttpSession::wait_for_request() {
  if (buffer_.size() > 0) co_return true;
  error_code failed;
  stream_.expires_after(shared_->options.idle);
  const auto n = co_await stream_.async_read_some(buffer_.prepare(4096), into(failed));
  buffer_.commit(n);
  co_return !failed;
}

/// One request and its answer; false where the connection ends with it.
asio::awaitable<bool> HttpSession::serve_one() {
  if (!co_await wait_for_request()) co_return false;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(shared_->options.header_limit));
  parser.body_limit(shared_->options.body_limit);
  error_code failed;
  stream_.expires_after(shared_->options.read);
  co_await http::async_read_header(stream_, buffer_, parser, into(failed));
  if (!failed && beast::iequals(parser.get()[http::field::expect], "100-continue"))
    co_await asio::async_write(stream_, asio::buffer(kContinue), into(failed));
  if (!failed && !parser.is_done()) co_await http::async_read(stream_, buffer_, parser, into(failed));
  serving_ = true;
  if (failed) {
    if (auto refusal = reading_failed(failed)) co_await write(std::move(*refusal), Answering{});
    co_return false;
  }
  Answering to{parser.get().version(), parser.get().keep_alive(), false};
  HttpRequest request = to_request(parser.release());
  request.peer = peer_;
  if (request.method == "HEAD") {
    to.head = true;
    request.method = "GET";
  }
  HttpResponse response = co_await handle(std::move(request));
  co_return co_await answer(std::move(response), to);
}

asio::awaitable<HttpResponse> HttpSession::handle(HttpRequest request) {
  const std::string what = request.method + " " + request.target.substr(0, request.target.find('?')).substr(0, 200);
  try {
    co_return co_await shared_->handler(std::move(request));
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    log::error(kPart, "handler failed", {{"request", what}, {"why", e.what()}});
  } catch (const std::exception& e) {
    log::error(kPart, "handler failed", {{"request", what}, {"why", e.what()}});
  }
  co_return plain(500, "this request met a fault in the program; it is in its log");
}

asio::awaitable<bool> HttpSession::answer(HttpResponse response, Answering to) {
  to.keep_alive = to.keep_alive && !shared_->stopping;
  if (!response.stream) co_return co_await write(std::move(response), to);
  to.keep_alive = false;
  if (shared_->streams >= shared_->options.streams) {
    response = plain(503, "too many streams are open");
    response.headers.set("Retry-After", "5");
    co_return co_await write(std::move(response), to);
  }
  if (to.head)
    co_await write(std::move(response), to);
  else
    co_await write_stream(std::move(response), to);
  co_return false;
}

/// True where the connection can take another request.
asio::awaitable<bool> HttpSession::write(HttpResponse response, Answering to) {
  auto message = head_of<http::string_body>(response, to.version);
  message.keep_alive(to.keep_alive);
  const bool sized = response.status >= 200 && response.status != 204 && response.status != 304 && !response.stream;
  if (sized) message.content_length(response.body.size());
  if (!to.head) message.body() = std::move(response.body);
  error_code failed;
  stream_.expires_after(shared_->options.write);
  http::response_serializer<http::string_body> serializer(message);
  if (to.head)
    co_await http::async_write_header(stream_, serializer, into(failed));
  else
    co_await http::async_write(stream_, serializer, into(failed));
  co_return !failed && to.keep_alive;
}

asio::awaitable<void> HttpSession::write_stream(HttpResponse response, Answering to) {
  using namespace asio::experimental::awaitable_operators;
  struct Counted {
    std::size_t& streams;
    ~Counted() { --streams; }
  } counted{shared_->streams};
  ++shared_->streams;
  streaming_ = true;
  auto message = head_of<http::empty_body>(response, to.version);
  message.keep_alive(false);
  const bool chunked = to.version >= 11;
  if (chunked) message.chunked(true);
  error_code failed;
  http::response_serializer<http::empty_body> serializer(message);
  stream_.expires_after(shared_->options.write);
  co_await http::async_write_header(stream_, serializer, into(failed));
  if (!failed) co_await (until_gone() || pump(*response.stream, chunked));
}

/// The client has nothing to say while a stream runs: whatever the socket reports means that it is gone.
asio::awaitable<void> HttpSession::until_gone() {
  char byte[1];
  error_code gone;
  stream_.expires_never();
  co_await stream_.async_read_some(asio::buffer(byte), into(gone));
}

asio::awaitable<void> HttpSession::pump(HttpStream& stream, bool chunked) {
  error_code failed;
  try {
    while (!failed && !shared_->stopping) {
      const auto piece = co_await stream.next();
      stream_.expires_after(shared_->options.write);
      if (!piece) {
        if (chunked) co_await asio::async_write(stream_, http::make_chunk_last(), into(failed));
        break;
      }
      const asio::const_buffer bytes(piece->data(), piece->size());
      if (chunked)
        co_await asio::async_write(stream_, http::make_chunk(bytes), into(failed));
      else
        co_await asio::async_write(stream_, bytes, into(failed));
    }
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted)
      log::error(kPart, "stream failed", {{"url", shared_->url}, {"why", e.what()}});
  } catch (const std::exception& e) {
    log::error(kPart, "stream failed", {{"url", shared_->url}, {"why", e.what()}});
  }
}

}  // namespace anlan
