// HTTP/1.1 requests to elsewhere: webhooks, the collector's API from a shell, an edge's status socket. One connection
// per request. Sole Beast include: http_client.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/io/http.hpp"

namespace anlan {

struct HttpClientOptions {
  Millis timeout{10'000};                    // from the name look-up to the last byte of the answer
  std::string ca_file = {};                  // PEM, https only; empty: the system's certificate authorities
  std::size_t body_limit = 8 * 1024 * 1024;  // of the answer; header 16 KiB
};

/// Sends `request` and returns the answer, whatever its status (redirects are answers too). https: certificate and host
/// name are verified, TLS 1.2 or newer. A name server that does not answer holds up this request only.
/// Errors: invalid_argument (URL, CA file), unavailable (no such host, refused, connection lost), timeout, refused (the
/// certificate is not trusted), malformed (not HTTP), too_large (answer). Throws when it is cancelled.
boost::asio::awaitable<Result<HttpResponse>> http_request(HttpRequest request, HttpClientOptions options = {});

/// A streaming answer, read piece by piece.
class HttpStreamReader {
 public:
  /// Status and headers have arrived when it returns. Errors: as http_request().
  static boost::asio::awaitable<Result<std::unique_ptr<HttpStreamReader>>> open(HttpRequest request,
                                                                                HttpClientOptions options = {});
  virtual ~HttpStreamReader() = default;

  virtual int status() const = 0;
  virtual const HttpHeaders& headers() const = 0;
  /// The next bytes as they come (at most 64 KiB), nullopt at the end of the answer. Errors: timeout, unavailable,
  /// malformed.
  virtual boost::asio::awaitable<Result<std::optional<std::string>>> read(Millis timeout) = 0;
};

}  // namespace anlan
