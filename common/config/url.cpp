#include "common/config/url.hpp"

#include <algorithm>
#include <charconv>

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/params_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace anlan {
namespace {

namespace urls = boost::urls;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

bool loopback_host(const std::string& host) {
  if (const auto v4 = urls::parse_ipv4_address(host)) return v4->is_loopback();
  if (const auto v6 = urls::parse_ipv6_address(host)) return v6->is_loopback();
  return lower(host) == "localhost";
}

std::unexpected<Error> wrong(std::string what) { return fail(Errc::invalid_argument, std::move(what)); }

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (parsed.has_error()) return wrong("is no URL");
  const urls::url_view& url = *parsed;
  if (url.has_userinfo()) return wrong("has a user or password in it");
  if (url.has_query() || url.has_fragment()) return wrong("has a '?' or '#' part");
  if (!url.has_authority() || url.host().empty()) return wrong("names no host");
  // Boost.URL 1.81 reads 127.0.0.1.example as the address 127.0.0.1 and the path ".example".
  if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/'))
    return wrong("has a host that begins like an address and goes on");
  if (url.host_type() == urls::host_type::ipvfuture || url.encoded_host_address() != url.host_address())
    return wrong("has a host that is neither a name nor an address");
  if (url.has_port() && url.port_number() == 0) return wrong("has a port outside 1 to 65535");

  Url out;
  out.text = std::string(text);
  out.scheme = lower(std::string_view(url.scheme()));
  out.ipv6 = url.host_type() == urls::host_type::ipv6;
  out.host = url.host_address();
  out.port = url.port_number();
  out.path = url.path();
  out.loopback = loopback_host(out.host);
  if (has_control(out.path)) return wrong("has a control character in its path");
  return out;
}

Result<Url> parse_device_url(std::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (parsed.has_error()) return wrong("is no URL");
  const urls::url_view& url = *parsed;
  if (!url.has_authority() || !url.encoded_authority().empty()) return wrong("names a host");
  if (url.has_fragment()) return wrong("has a '#' part");
  Url out;
  out.text = std::string(text);
  out.scheme = lower(std::string_view(url.scheme()));
  out.path = url.path();
  if (out.path.size() < 2 || out.path.ends_with('/') || has_control(out.path)) return wrong("names no file");
  for (const auto& param : url.params()) {
    if (!param.has_value || param.value.empty()) return wrong("has a '?' part that is not KEY=VALUE&KEY=VALUE");
    out.query.emplace_back(param.key, param.value);
  }
  return out;
}

Result<Listen> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return wrong("has no port");
  Listen out;
  const std::string_view host = text.substr(0, colon), port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size()) return wrong("has a port outside 0 to 65535");
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    out.address = std::string(host.substr(1, host.size() - 2));
    const auto v6 = urls::parse_ipv6_address(out.address);
    if (v6.has_error()) return wrong("is no IPv6 address");
    out.loopback = v6->is_loopback();
    return out;
  }
  out.address = std::string(host);
  const auto v4 = urls::parse_ipv4_address(out.address);
  if (v4.has_error()) return wrong("is no numeric address");
  out.loopback = v4->is_loopback();
  return out;
}

}  // namespace anlan
