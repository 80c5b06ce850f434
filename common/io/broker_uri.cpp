#include "common/io/broker_uri.hpp"

#include <charconv>

namespace anlan {
namespace {

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::invalid_argument, "broker '" + std::string(text.substr(0, 80)) + "': " + std::string(why) +
                                          "; right would be mqtt://host[:port] or mqtts://host[:port]");
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes the host off the front of `rest`, an IPv6 address without its brackets; empty: there is none.
std::string take_host(std::string_view& rest) {
  const bool bracketed = take_prefix(rest, "[");
  const std::size_t end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) return {};
  std::string host(rest.substr(0, end));
  rest.remove_prefix(std::min(rest.size(), host.size() + (bracketed ? 1 : 0)));
  return host;
}

}  // namespace

std::string BrokerUri::paho(std::string_view at) const {
  const bool v6 = at.find(':') != std::string_view::npos;
  return std::string(tls ? "ssl://" : "tcp://") + (v6 ? "[" : "") + std::string(at) + (v6 ? "]" : "") + ":" +
         std::to_string(port);
}

Result<BrokerUri> parse_broker_uri(std::string_view text) {
  BrokerUri uri;
  std::string_view rest = text;
  if (take_prefix(rest, "mqtts://"))
    uri.tls = true, uri.port = 8883;
  else if (!take_prefix(rest, "mqtt://"))
    return refuse(text, "its scheme is neither mqtt nor mqtts");
  if (rest.find_first_of("/?#@ ") != std::string_view::npos)
    return refuse(text.substr(0, 8), "after host and port nothing may follow, and no user stands before them");
  uri.host = take_host(rest);
  if (uri.host.empty()) return refuse(text, "it names no host");
  if (rest.empty()) return uri;
  if (!take_prefix(rest, ":")) return refuse(text, "after the host only a port may follow");
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), uri.port);
  if (error != std::errc{} || end != rest.data() + rest.size() || uri.port == 0)
    return refuse(text, "its port is not 1 to 65535");
  return uri;
}

}  // namespace anlan
