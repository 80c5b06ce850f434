// One connection of the HTTP server, from its first byte to its last. Internal to http_server.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "common/io/http_server.hpp"

namespace anlan {

/// What the connections of one server share.
struct HttpShared {
  HttpServerOptions options;
  HttpServer::Handler handler;
  std::string url;
  std::size_t streams = 0;
  std::uint64_t order = 0;  // counts up whenever a connection begins to wait for its client
  bool stopping = false;
};

class HttpSession {
 public:
  using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol, boost::asio::any_io_executor>;

  HttpSession(Stream::socket_type socket, std::shared_ptr<HttpShared> shared);

  /// Requests and answers until the client goes, is too slow, or the server stops.
  boost::asio::awaitable<void> run();

  bool open() const { return stream_.socket().is_open(); }
  bool waiting() const { return !serving_ && open(); }  // for its client
  bool serving() const { return serving_ && !streaming_; }
  std::uint64_t since() const { return since_; }  // the shared order of its waiting
  void close();
  /// Close, and end the handler's waits; run() returns soon after.
  void abort();
  boost::asio::cancellation_slot slot() { return cancel_.slot(); }

 private:
  struct Answering;  // what the answer must know of the request

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request);
  boost::asio::awaitable<bool> answer(HttpResponse response, Answering to);
  boost::asio::awaitable<bool> write(HttpResponse response, Answering to);
  boost::asio::awaitable<void> write_stream(HttpResponse response, Answering to);
  boost::asio::awaitable<void> pump(HttpStream& stream, bool chunked);
  boost::asio::awaitable<void> until_gone();
  boost::asio::awaitable<void> linger();
  void wait_for_client();

  Stream stream_;
  std::string peer_;
  std::shared_ptr<HttpShared> shared_;
  boost::beast::flat_buffer buffer_;
  boost::asio::cancellation_signal cancel_;
  std::uint64_t since_ = 0;
  bool serving_ = false;    // a handler or an answer is under way
  bool streaming_ = false;  // the answer is a stream
};

}  // namespace anlan
