#include "edge/app/endpoint_section.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

#include "common/config/nearest.hpp"
#include "edge/sensor/topic.hpp"

namespace anlan::edge {
namespace {

using Kind = Endpoint::Scheme;

constexpr std::array kSchemes{Scheme{"modbus+tcp"}, Scheme{.name = "modbus+rtu", .device = true},
                              Scheme{"modbus+rtutcp"}, Scheme{"modbus+tls"}, Scheme{"mqtt", true}};
constexpr std::array kBauds{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600};

Kind kind_of(const std::string& scheme) {
  constexpr std::array kinds{Kind::modbus_tcp, Kind::modbus_rtu, Kind::modbus_rtutcp, Kind::modbus_tls, Kind::mqtt};
  const auto found = std::ranges::find(kSchemes, scheme, &Scheme::name);
  return kinds[static_cast<std::size_t>(found - kSchemes.begin())];
}

std::string name_of(const Endpoint& endpoint) {
  const std::string text = endpoint.str();
  return (endpoint.is_modbus() ? "a " : "an ") + text.substr(0, text.find("://") + 3);
}

std::uint16_t default_port(Kind kind) {
  return kind == Kind::modbus_tcp ? 502 : kind == Kind::modbus_tls ? 802 : kind == Kind::mqtt ? 1883 : 0;
}

/// One KEY=VALUE of a serial line; what would be right where it is a fault.
std::string read_line_setting(const std::string& key, const std::string& value, SerialLine& line) {
  if (key == "baud") {
    int baud = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), baud);
    if (error == std::errc{} && end == value.data() + value.size() && std::ranges::find(kBauds, baud) != kBauds.end()) {
      line.baud = baud;
      return {};
    }
    std::string all;
    for (const int known : kBauds) all += (all.empty() ? "baud=" : ", ") + std::to_string(known);
    return all;
  }
  if (key == "parity") {
    if (value != "E" && value != "O" && value != "N") return "parity=E, O or N";
    line.parity = value.front();
  } else if (key == "stop") {
    if (value != "1" && value != "2") return "stop=1 or 2";
    line.stop_bits = value.front() - '0';
  } else if (key == "data") {
    if (value != "8") return "data=8: RTU frames need whole bytes";
  } else if (key == "rs485") {
    if (value != "on" && value != "off") return "rs485=on (the driver switches the direction) or off";
    line.rs485 = value == "on";
  } else {
    return "baud, parity, stop, data, rs485" + did_you_mean(key, {"baud", "parity", "stop", "data", "rs485"});
  }
  return {};
}

bool read_serial(Section& section, const Url& url, Endpoint& endpoint) {
  endpoint.device = url.path;
  std::set<std::string> seen;
  bool good = true;
  for (const auto& [key, value] : url.query) {
    std::string right = read_line_setting(key, value, endpoint.line);
    if (right.empty() && !seen.insert(key).second) right = key + " once";
    if (right.empty()) continue;
    section.fault("connect", "has " + Section::shown(key + "=" + value), right);
    good = false;
  }
  return good;
}

bool read_network(Section& section, const Url& url, Endpoint& endpoint) {
  endpoint.host = url.host;
  endpoint.port = url.port != 0 ? url.port : default_port(endpoint.scheme);
  endpoint.path = url.path.starts_with('/') ? url.path.substr(1) : url.path;
  const std::string is = "is " + Section::shown(url.text);
  if (endpoint.is_modbus() && !endpoint.path.empty()) {
    section.fault("connect", is + ", which has a path", url.scheme + "://HOST[:PORT]; the unit has its own key");
    return false;
  }
  if (endpoint.port == 0) {
    section.fault("connect", is + ", which has no port", url.scheme + "://HOST:PORT, the port of the serial server");
    return false;
  }
  if (!plain_topic(endpoint.path)) {
    section.fault("connect", is + ", whose path is no topic",
                  "mqtt://HOST[:PORT]/TOPIC without wildcards, empty parts and a '/' at its end");
    return false;
  }
  return true;
}

void read_tls(Section& section, TlsFiles& files) {
  section.file({.key = "ca_file", .help = "modbus+tls: PEM file of the CAs to trust instead of the system's"},
               files.ca_file);
  section.file({.key = "certificate_file", .help = "modbus+tls: PEM file of this edge's certificate"},
               files.certificate_file);
  section.file({.key = "key_file", .help = "modbus+tls: PEM file of the certificate's key"}, files.key_file);
}

void check_tls(Section& section, const Endpoint& endpoint) {
  if (endpoint.scheme != Kind::modbus_tls)
    return refuse_keys(section, {"ca_file", "certificate_file", "key_file"}, endpoint);
  for (const std::string_view key : {"certificate_file", "key_file"})
    if (!section.has(key))
      section.fault("", "has no " + std::string(key) + " while connect is modbus+tls://",
                    "certificate_file and key_file: both sides of modbus+tls:// show certificates");
}

}  // namespace

std::optional<Endpoint> read_endpoint(Section& section) {
  std::optional<Url> url;
  section.url(
      {.key = "connect",
       .help = "where it is: modbus+tcp://HOST[:502], modbus+rtu:///dev/FILE[?baud=19200&parity=E&stop=1&rs485=off], "
               "modbus+rtutcp://HOST:PORT, modbus+tls://HOST[:802], mqtt://HOST[:1883][/TOPIC] (only to a broker "
               "on this machine)",
       .example = "\"modbus+tcp://10.1.2.3:502\"",
       .required = true},
      kSchemes, url);
  Endpoint endpoint;
  read_tls(section, endpoint.tls);
  if (!url) return std::nullopt;
  endpoint.scheme = kind_of(url->scheme);
  const bool good = endpoint.scheme == Kind::modbus_rtu ? read_serial(section, *url, endpoint)
                                                        : read_network(section, *url, endpoint);
  if (!good) return std::nullopt;
  check_tls(section, endpoint);
  return endpoint;
}

Result<Endpoint> parse_endpoint(const std::string& text) {
  const std::string quoted = "'" + text + "'";
  const auto document = text.find_first_of("'\n") == text.npos
                            ? Document::parse("connect = " + quoted, "command line")
                            : std::unexpected(Fault{"command line", 0, "the address holds a quote or a line end", ""});
  if (!document) return fail(Errc::invalid_argument, document.error().what);
  std::vector<Fault> faults;
  std::optional<Endpoint> endpoint;
  {
    Section section(*document, faults);
    endpoint = read_endpoint(section);
  }
  if (endpoint && faults.empty()) return *endpoint;
  return fail(Errc::invalid_argument, faults.empty()
                                          ? quoted + " is no address"
                                          : faults.front().what + "; right would be: " + faults.front().right);
}

void refuse_keys(Section& section, std::initializer_list<std::string_view> keys, const Endpoint& endpoint) {
  for (const std::string_view key : keys)
    if (section.has(key)) section.fault(key, "is given for " + name_of(endpoint) + " address", "the key left out");
}

void SerialLines::add(Section& section, const Endpoint& endpoint) {
  if (endpoint.scheme != Kind::modbus_rtu) return;
  const auto [known, is_new] = lines_.emplace(endpoint.device, std::pair{endpoint.line, section.line("connect")});
  const auto& [line, at] = known->second;
  if (is_new || line == endpoint.line) return;
  Endpoint first = endpoint;
  first.line = line;
  section.fault("connect", "is " + endpoint.str() + " while line " + std::to_string(at) + " has " + first.str(),
                "the same bits for everyone on one line");
}

}  // namespace anlan::edge
