#include "edge/app/precautions.hpp"

#include <algorithm>
#include <iterator>

namespace anlan::edge {

std::vector<CertificateFile> certificates(const Config& config) {
  const MqttTls& line = config.uplink.tls;
  auto files = certificate_files("uplink", line.ca_file, line.certificate_file);
  const auto add = [&](const std::string& name, const Endpoint& endpoint) {
    std::ranges::copy(certificate_files(name, endpoint.tls.ca_file, endpoint.tls.certificate_file),
                      std::back_inserter(files));
  };
  for (const DeviceConfig& device : config.devices) add("device." + device.name, device.connect);
  if (config.annunciator) add("annunciator", config.annunciator->connect);
  return files;
}

std::vector<std::string> precautions(const Config& config, WallTime now) {
  std::vector<std::string> all = config.warnings;
  if (auto words = certificate_trouble(certificates(config), now); !words.empty()) all.push_back(std::move(words));
  return all;
}

}  // namespace anlan::edge
