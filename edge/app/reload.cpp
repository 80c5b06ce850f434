#include "edge/app/reload.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "edge/score/orphans.hpp"

namespace anlan::edge {
namespace {

std::string list(const std::vector<AlertTransition>& alerts) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(alerts.size(), kMost); ++i)
    text += (i == 0 ? "" : ", ") + alerts[i].source + " " + alerts[i].rule + " (" +
            std::string(to_string(alerts[i].level)) + ")";
  return alerts.size() > kMost ? text + " and " + std::to_string(alerts.size() - kMost) + " more" : text;
}

}  // namespace

std::vector<std::string> waiting_for_restart(const Config& running, const Config& fresh) {
  std::vector<std::string> keys;
  const auto compare = [&](const char* key, const auto& a, const auto& b) {
    if (!(a == b)) keys.emplace_back(key);
  };
  compare("edge.metrics_listen", running.metrics_listen, fresh.metrics_listen);
  const UplinkConfig &was = running.uplink, &is = fresh.uplink;
  compare("uplink.broker", was.broker, is.broker);
  compare("uplink.ca_file", was.tls.ca_file, is.tls.ca_file);
  compare("uplink.certificate_file", was.tls.certificate_file, is.tls.certificate_file);
  compare("uplink.key_file", was.tls.key_file, is.tls.key_file);
  compare("uplink.user", was.user, is.user);
  compare("uplink.password_file", was.password_file, is.password_file);
  compare("uplink.command_key_file", was.command_key_file, is.command_key_file);
  compare("uplink.hello_every_ms", was.hello_every, is.hello_every);
  compare("uplink.resend_after_ms", was.resend_after, is.resend_after);
  compare("uplink.window", was.window, is.window);
  compare("uplink.window_bytes", was.window_bytes, is.window_bytes);
  compare("uplink.retain_received_ms", was.retain_received, is.retain_received);
  compare("buffer.max_bytes", running.buffer.max_bytes, fresh.buffer.max_bytes);
  compare("buffer.commit_every_ms", running.buffer.commit_every, fresh.buffer.commit_every);
  compare("buffer.key_file", running.buffer.key_file, fresh.buffer.key_file);
  compare("buffer.previous_key_file", running.buffer.previous_key_file, fresh.buffer.previous_key_file);
  if (running.annunciator.has_value() != fresh.annunciator.has_value()) {
    keys.emplace_back("annunciator");
  } else if (running.annunciator) {
    const AnnunciatorConfig &had = *running.annunciator, &has = *fresh.annunciator;
    compare("annunciator.connect", had.connect, has.connect);
    compare("annunciator.unit", had.unit, has.unit);
    compare("annunciator.coil", had.coil, has.coil);
    compare("annunciator.level_register", had.level_register, has.level_register);
    compare("annunciator.heartbeat_register", had.heartbeat_register, has.heartbeat_register);
    compare("annunciator.topic", had.topic, has.topic);
    compare("annunciator.from", had.from, has.from);
    compare("annunciator.beat_ms", had.beat, has.beat);
  }
  return keys;
}

std::vector<AlertTransition> ended_by(const Config& running, const Config& fresh,
                                      const std::vector<AlertTransition>& active) {
  std::vector<AlertTransition> ended;
  const auto before = watched(running.definition), after = watched(fresh.definition);
  std::ranges::copy_if(active, std::back_inserter(ended), [&](const AlertTransition& alert) {
    return before.contains({alert.source, alert.rule}) && !after.contains({alert.source, alert.rule});
  });
  return ended;
}

Result<void> may_replace(const Config& running, const Config& fresh, const std::vector<AlertTransition>& active,
                         const std::string& by) {
  if (fresh.id != running.id || fresh.site != running.site || fresh.data_dir != running.data_dir)
    return fail(Errc::conflict, "edge.id, edge.site and edge.data_dir change at a restart only");
  const auto ended = ended_by(running, fresh, active);
  if (ended.empty() || !by.empty()) return {};
  return fail(Errc::conflict, "it would end " + std::to_string(ended.size()) +
                                  (ended.size() == 1 ? " active alert" : " active alerts") +
                                  " by taking away the point or its limits: " + list(ended) +
                                  ". Somebody has to answer for that by name: anlan-edge reload --by NAME; or put them "
                                  "back");
}

}  // namespace anlan::edge
