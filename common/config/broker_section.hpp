// How a configuration names an MQTT broker; edge and collector the same.
#pragma once

#include <string>

#include "common/config/section.hpp"

namespace anlan {

struct BrokerSettings {
  std::string url;                                  // mqtt:// (this machine only) or mqtts://
  std::string ca_file, certificate_file, key_file;  // PEM; empty: the system's CAs, no client certificate
  std::string user, password_file;                  // empty: none
};

/// Reads the broker's keys of `section`; its URL is called `url_key`. Files must be readable now; keys that the URL
/// makes meaningless (TLS files for mqtt://) and halves of pairs are faults.
BrokerSettings read_broker(Section& section, std::string_view url_key);

}  // namespace anlan
