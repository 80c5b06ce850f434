#include "collector/app/precautions.hpp"

#include <set>

#include "common/config/secret.hpp"

namespace anlan::collector {

std::vector<CertificateFile> certificates(const Config& config) {
  return certificate_files("broker", config.tls.ca_file, config.tls.certificate_file);
}

std::vector<std::string> precautions(const Config& config, WallTime now) {
  std::vector<std::string> all;
  std::set<std::string> secrets{config.tls.key_file,         config.password_file,
                                config.command_key_file,     config.telemetry.password_file,
                                config.telemetry.token_file, config.telemetry.auth_key_file};
  for (const WebhookConfig& webhook : config.webhooks) secrets.insert(webhook.secret_file);
  for (const std::string& file : secrets)
    if (readable_by_all(file))
      all.push_back(file + " can be read by every user of this machine; right would be: chmod o-r " + file);
  if (config.api_open)
    all.push_back("http.open = true: whoever can open a connection on this machine reads and does everything");
  if (auto words = certificate_trouble(certificates(config), now); !words.empty()) all.push_back(std::move(words));
  return all;
}

}  // namespace anlan::collector
