#include "common/io/http_client.hpp"

#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "common/async/clock.hpp"
#include "common/io/http_target.hpp"
#include "common/io/resolve.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Plain = beast::basic_stream<Protocol, asio::any_io_executor>;
using Tls = beast::ssl_stream<Plain>;
using Answer = http::response_parser<http::buffer_body>;

constexpr std::uint32_t kHeaderLimit = 16 * 1024;
constexpr std::size_t kPiece = 64 * 1024;

auto into(error_code& code) { return asio::redirect_error(asio::use_awaitable, code); }

Error to_error(const error_code& code, const std::string& where) {
  if (code == beast::error::timeout) return {Errc::timeout, where + ": no answer in time"};
  if (code == asio::error::connection_refused)
    return {Errc::unavailable, where + ": connection refused, nothing listens there"};
  if (code == http::error::body_limit || code == http::error::header_limit)
    return {Errc::too_large, where + ": the answer is too long"};
  if (code == http::error::end_of_stream)
    return {Errc::unavailable, where + ": the connection was closed before an answer came"};
  if (code == http::error::partial_message || code == ssl::error::stream_truncated)
    return {Errc::unavailable, where + ": the connection was closed in the middle of the answer"};
  if (code.category() == make_error_code(http::error::bad_method).category())
    return {Errc::malformed, where + ": the answer is not HTTP/1.1: " + code.message()};
  if (code.category() == asio::error::get_ssl_category()) return {Errc::refused, where + ": TLS: " + code.message()};
  if (code == asio::error::access_denied) return {Errc::refused, where + ": " + code.message()};
  return {Errc::unavailable, where + ": " + code.message()};
}

/// When the whole exchange must be over.
class Deadline {
 public:
  explicit Deadline(Millis timeout) : end_(SystemClock().mono() + timeout) {}
  Millis left() const { return std::max(Millis{0}, std::chrono::duration_cast<Millis>(end_ - SystemClock().mono())); }

 private:
  MonoTime end_;
};

/// Connects `stream` to one of the endpoints in turn, each with its share of the time that is left.
asio::awaitable<Result<void>> connect_any(Plain& stream, std::vector<Protocol::endpoint> endpoints,
                                          const Deadline& deadline, const std::string& where) {
  error_code failed;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    stream.expires_after(deadline.left() / static_cast<int>(endpoints.size() - i));
    co_await stream.async_connect(endpoints[i], into(failed));
    if (!failed) co_return Result<void>{};
    error_code ignored;
    stream.socket().close(ignored);
  }
  co_return fail(to_error(failed, where));
}

asio::awaitable<Result<void>> connect(Plain& stream, const HttpUrl& url, const Deadline& deadline,
                                      const std::string& where) {
  std::vector<Protocol::endpoint> endpoints;
  if (url.kind == HttpUrl::Kind::unix_socket) {
    endpoints.emplace_back(asio::local::stream_protocol::endpoint(url.socket));
  } else {
    const auto addresses = co_await resolve(url.host, deadline.left());
    if (!addresses) co_return fail(addresses.error());
    for (const auto& address : *addresses) endpoints.emplace_back(asio::ip::tcp::endpoint(address, url.port));
  }
  co_return co_await connect_any(stream, std::move(endpoints), deadline, where);
}

/// Trust and name of the server; nothing of the system's is trusted where a CA file is given.
Result<void> set_trust(ssl::context& context, const std::string& ca_file) {
  error_code failed;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, failed);
  context.set_verify_mode(ssl::verify_peer, failed);
  if (ca_file.empty())
    context.set_default_verify_paths(failed);
  else
    context.load_verify_file(ca_file, failed);
  if (failed) return fail(Errc::invalid_argument, "reading the CA file " + ca_file + ": " + failed.message());
  return {};
}

http::request<http::string_body> to_message(HttpRequest&& request, const HttpUrl& url) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  const std::string target = url.target + request.target;
  message.target(target.empty() ? "/" : target.front() == '/' ? target : "/" + target);
  for (const auto& [name, value] : request.headers.all()) message.insert(name, value);
  message.set(http::field::host, url.authority);
  if (!message.count(http::field::user_agent)) message.set(http::field::user_agent, "anlan");
  message.keep_alive(false);
  const bool has_body = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  message.body() = std::move(request.body);
  if (has_body) message.content_length(message.body().size());
  return message;
}

/// One request and its answer over one connection.
template <class Stream>
class Exchange final : public HttpStreamReader {
 public:
  /// `arguments` make the stream; `context` outlives it.
  template <class... Arguments>
  Exchange(std::string where, std::optional<std::uint64_t> body_limit, std::shared_ptr<ssl::context> context,
           Arguments&&... arguments)
      : where_(std::move(where)),
        body_limit_(body_limit),
        context_(std::move(context)),
        stream_(std::forward<Arguments>(arguments)...) {}

  Plain& lowest() { return beast::get_lowest_layer(stream_); }
  Stream& stream() { return stream_; }

  asio::awaitable<Result<void>> send(http::request<http::string_body> message, const Deadline& deadline) {
    error_code failed, sending;
    lowest().expires_after(deadline.left());
    co_await http::async_write(stream_, message, into(sending));
    // A server that refuses a long body answers and closes before it has read everything: its answer says more.
    if (sending == beast::error::timeout) co_return fail(to_error(sending, where_));
    do {
      new_answer(message.method() == http::verb::head);
      co_await http::async_read_header(stream_, buffer_, *answer_, into(failed));
      if (failed) co_return fail(to_error(sending ? sending : failed, where_));
    } while (status() / 100 == 1);  // "100 Continue" and its like come before the answer
    for (const auto& field : answer_->get()) headers_.add(field.name_string(), field.value());
    co_return Result<void>{};
  }

  int status() const override { return static_cast<int>(answer_->get().result_int()); }
  const HttpHeaders& headers() const override { return headers_; }

  asio::awaitable<Result<std::optional<std::string>>> read(Millis timeout) override {
    lowest().expires_after(timeout);
    std::string piece;
    while (!answer_->is_done()) {
      piece.resize(kPiece);
      auto& body = answer_->get().body();
      body.data = piece.data();
      body.size = piece.size();
      body.more = true;
      error_code failed;
      co_await http::async_read_some(stream_, buffer_, *answer_, into(failed));
      piece.resize(kPiece - body.size);
      if (failed && failed != http::error::need_buffer) co_return fail(to_error(failed, where_));
      if (!piece.empty()) co_return piece;
    }
    co_return std::nullopt;
  }

 private:
  void new_answer(bool head) {
    answer_.emplace();
    answer_->skip(head);
    answer_->header_limit(kHeaderLimit);
    if (body_limit_)
      answer_->body_limit(*body_limit_);
    else
      answer_->body_limit(boost::none);
  }

  std::string where_;
  std::optional<std::uint64_t> body_limit_;
  std::shared_ptr<ssl::context> context_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Answer> answer_;
  HttpHeaders headers_;
};

using Opened = Result<std::unique_ptr<HttpStreamReader>>;

asio::awaitable<Opened> open_plain(HttpRequest request, HttpUrl url, Deadline deadline, std::string where,
                                   std::optional<std::uint64_t> body_limit) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto exchange = std::make_unique<Exchange<Plain>>(where, body_limit, nullptr, executor);
  if (auto done = co_await connect(exchange->lowest(), url, deadline, where); !done) co_return fail(done.error());
  if (auto done = co_await exchange->send(to_message(std::move(request), url), deadline); !done)
    co_return fail(done.error());
  co_return std::move(exchange);
}

asio::awaitable<Opened> open_tls(HttpRequest request, HttpUrl url, Deadline deadline, std::string where,
                                 std::optional<std::uint64_t> body_limit, std::string ca_file) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (auto done = set_trust(*context, ca_file); !done) co_return fail(done.error());
  auto exchange = std::make_unique<Exchange<Tls>>(where, body_limit, context, executor, *context);
  error_code failed;
  exchange->stream().set_verify_callback(ssl::host_name_verification(url.host), failed);
  boost::system::error_code numeric;
  asio::ip::make_address(url.host, numeric);
  if (numeric && SSL_set_tlsext_host_name(exchange->stream().native_handle(), url.host.c_str()) != 1)
    co_return fail(Errc::invalid_argument, where + ": the host name cannot be sent to a TLS server");
  if (auto done = co_await connect(exchange->lowest(), url, deadline, where); !done) co_return fail(done.error());
  exchange->lowest().expires_after(deadline.left());
  co_await exchange->stream().async_handshake(ssl::stream_base::client, into(failed));
  if (failed) co_return fail(to_error(failed, where));
  if (auto done = co_await exchange->send(to_message(std::move(request), url), deadline); !done)
    co_return fail(done.error());
  co_return std::move(exchange);
}

asio::awaitable<Opened> open(HttpRequest request, HttpClientOptions options, Deadline deadline,
                             std::optional<std::uint64_t> body_limit) {
  auto url = split_url(request.url);
  if (!url) co_return fail(url.error());
  // The path may hold a token (many webhooks do): errors name the server only.
  const std::string where = url->kind == HttpUrl::Kind::unix_socket ? url->socket : url->authority;
  if (url->kind == HttpUrl::Kind::https)
    co_return co_await open_tls(std::move(request), std::move(*url), deadline, where, body_limit, options.ca_file);
  co_return co_await open_plain(std::move(request), std::move(*url), deadline, where, body_limit);
}

}  // namespace

asio::awaitable<Opened> HttpStreamReader::open(HttpRequest request, HttpClientOptions options) {
  const Deadline deadline(options.timeout);
  co_return co_await anlan::open(std::move(request), std::move(options), deadline, std::nullopt);
}

asio::awaitable<Result<HttpResponse>> http_request(HttpRequest request, HttpClientOptions options) {
  const Deadline deadline(options.timeout);
  const std::size_t body_limit = options.body_limit;
  auto reader = co_await open(std::move(request), std::move(options), deadline, body_limit);
  if (!reader) co_return fail(reader.error());
  HttpResponse response{.status = (*reader)->status(), .headers = (*reader)->headers()};
  while (true) {
    auto piece = co_await (*reader)->read(deadline.left());
    if (!piece) co_return fail(piece.error());
    if (!*piece) co_return response;
    response.body += **piece;
  }
}

}  // namespace anlan
