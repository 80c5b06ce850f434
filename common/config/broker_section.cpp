#include "common/config/broker_section.hpp"

#include <array>

namespace anlan {
namespace {

constexpr std::array kSchemes{Scheme{"mqtts"}, Scheme{"mqtt", true, "mqtts"}};

void check_pairs(Section& section, const std::optional<Url>& url) {
  for (const std::string_view key : {"ca_file", "certificate_file", "key_file"})
    if (section.has(key) && url && url->scheme == "mqtt")
      section.fault(key, "is given for an mqtt:// broker", "no TLS files, or an mqtts:// broker");
  if (section.has("certificate_file") != section.has("key_file"))
    section.fault(section.has("key_file") ? "key_file" : "certificate_file", "is given without the other half",
                  "certificate_file and key_file together");
  if (section.has("password_file") && !section.has("user"))
    section.fault("password_file", "is given without a user", "user and password_file together");
}

}  // namespace

BrokerSettings read_broker(Section& section, std::string_view url_key) {
  BrokerSettings out;
  std::optional<Url> url;
  section.url({.key = url_key,
               .help = "MQTT broker; mqtt:// without encryption only to this machine",
               .example = "\"mqtts://collector.example:8883\"",
               .required = true},
              kSchemes, url);
  section.file({.key = "ca_file", .help = "PEM file of the CAs to trust instead of the system's"}, out.ca_file);
  section.file({.key = "certificate_file", .help = "PEM file of the client certificate"}, out.certificate_file);
  section.file({.key = "key_file", .help = "PEM file of the client certificate's key", .secret = true}, out.key_file);
  section.text({.key = "user", .help = "user at the broker"}, out.user);
  section.file({.key = "password_file", .help = "file that holds the user's password", .secret = true},
               out.password_file);
  check_pairs(section, url);
  if (url && !url->path.empty() && url->path != "/")
    section.fault(url_key, "is " + Section::shown(url->text) + ", which has a path", "mqtts://HOST[:PORT]");
  if (url) out.url = url->text;
  return out;
}

}  // namespace anlan
