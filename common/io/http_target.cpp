#include "common/io/http_target.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

namespace anlan {
namespace {

namespace urls = boost::urls;

bool known_scheme(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

/// 0 where none is given, nullopt where it is no port. (port_number() wraps round above 65535.)
std::optional<unsigned short> port_of(const urls::url_view& url) {
  const std::string text = url.has_port() ? std::string(std::string_view(url.port())) : "";
  if (text.empty()) return 0;
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// Length of the well-formed sequence at `at` (RFC 3629), 0 where there is none.
std::size_t sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < length; ++i)
    if (!continuation(text, at + i)) return 0;
  const unsigned char second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

bool plain_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = sequence(text, at);
    if (length == 0 || c < 0x20 || c == 0x7F) return false;
    at += length;
  }
  return true;
}

Result<HttpTarget> parse_target(std::string_view text) {
  const auto parsed = urls::parse_origin_form({text.data(), text.size()});
  // Boost.URL takes "/./" at the beginning for its own mark of a path that begins with "//", and hides it.
  if (text.starts_with("/./")) return fail(Errc::malformed, "the path has '.' or '..' in it");
  if (parsed.has_error()) return fail(Errc::malformed, "the request's target is no path with a query");
  HttpTarget target;
  for (const std::string segment : parsed->segments()) {
    if (segment == "." || segment == "..") return fail(Errc::malformed, "the path has '.' or '..' in it");
    target.path.push_back(segment);
  }
  if (target.path.size() == 1 && target.path.front().empty()) target.path.clear();
  for (const std::string& segment : target.path)
    if (segment.empty() || !plain_text(segment))
      return fail(Errc::malformed, "the path has an empty segment, or bytes that are no UTF-8 text");
  if (!parsed->has_query() || parsed->encoded_query().empty()) return target;
  for (const auto& parameter : parsed->params()) {
    target.query.emplace_back(parameter.key, parameter.value);
    if (!plain_text(parameter.key) || !plain_text(parameter.value))
      return fail(Errc::malformed, "the query has bytes that are no UTF-8 text, or control characters");
  }
  return target;
}

Result<HttpUrl> split_url(std::string_view text) {
  constexpr std::string_view local = "unix://";
  HttpUrl out;
  if (text.starts_with(local)) {
    out.kind = HttpUrl::Kind::unix_socket;
    out.socket = std::string(text.substr(local.size()));
    out.authority = "localhost";
    if (out.socket.empty() || out.socket.front() != '/' || out.socket.size() > 107 || !plain_text(out.socket))
      return fail(Errc::invalid_argument, "the URL is no unix:///absolute/path of at most 107 bytes");
    return out;
  }
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (parsed.has_error() || !known_scheme(std::string_view(parsed->scheme())))
    return fail(Errc::invalid_argument, "the URL is none of http://host, https://host, unix:///path");
  const urls::url_view url = *parsed;
  const std::string host = url.host_address();
  if (url.has_userinfo() || url.has_fragment() || host.empty() || !plain_text(host) || host.find('/') != host.npos)
    return fail(Errc::invalid_argument, "the URL has a user, a password, a '#' part or no host");
  const auto port = port_of(url);
  if (!port) return fail(Errc::invalid_argument, "the URL has a port outside 1 to 65535");
  out.kind = url.scheme() == "https" ? HttpUrl::Kind::https : HttpUrl::Kind::http;
  out.host = host;
  out.port =
      url.has_port() ? url.port_number() : static_cast<unsigned short>(out.kind == HttpUrl::Kind::https ? 443 : 80);
  out.authority = std::string(std::string_view(url.encoded_host_and_port()));
  out.target = std::string(std::string_view(url.encoded_target()));
  return out;
}

std::string percent_encode(std::string_view text) {
  return urls::encode({text.data(), text.size()}, urls::unreserved_chars);
}

}  // namespace anlan
