#include "edge/app/edge_metrics.hpp"

#include <algorithm>
#include <map>

#include "common/io/process_metrics.hpp"
#include "edge/annunciator/annunciator_metrics.hpp"
#include "edge/app/pipeline_metrics.hpp"
#include "edge/app/precautions.hpp"
#include "edge/sensor/sensor_metrics.hpp"
#include "edge/uplink/uplink_metrics.hpp"

namespace anlan::edge {
namespace {

using Type = MetricInfo::Type;

constexpr MetricInfo kBuildInfo{"anlan_edge_build_info", Type::gauge, "1; the version is a label", {"version"}};
constexpr MetricInfo kCommitted{"anlan_edge_records_committed_total",
                                Type::counter,
                                "records that this process made durable in the buffer",
                                {"stream"}};
constexpr MetricInfo kDue{
    "anlan_edge_buffer_records_due", Type::gauge, "records in the buffer that no receipt covers yet", {"stream"}};
constexpr MetricInfo kOldestDue{"anlan_edge_buffer_oldest_due_age_seconds", Type::gauge,
                                "age of the oldest record that no receipt covers yet, looked up every few seconds; 0: "
                                "none waits"};
constexpr MetricInfo kBufferBytes{"anlan_edge_buffer_bytes", Type::gauge, "rows held in the buffer"};
constexpr MetricInfo kBufferMax{"anlan_edge_buffer_max_bytes", Type::gauge, "the buffer's configured cap"};
constexpr MetricInfo kFileBytes{"anlan_edge_buffer_file_bytes", Type::gauge,
                                "buffer.db and its write-ahead log on disk"};
constexpr MetricInfo kDiskFree{"anlan_edge_disk_free_bytes", Type::gauge, "room left on the disk of data_dir"};
constexpr MetricInfo kClockSynced{"anlan_edge_clock_synced", Type::gauge,
                                  "1 while the system says that its clock is synchronised"};
constexpr MetricInfo kAlerts{"anlan_edge_alerts",
                             Type::gauge,
                             "active alerts by the level that counts: their present one unless under maintenance",
                             {"level"}};
constexpr MetricInfo kRisk{"anlan_edge_risk_score", Type::gauge, "risk of the site now, 0 to 100"};
constexpr MetricInfo kDeviceUp{"anlan_edge_device_up",
                               Type::gauge,
                               "0 while a device has had no good value for longer than its patience",
                               {"device"}};
constexpr MetricInfo kMaintenance{"anlan_edge_maintenance", Type::gauge, "maintenance windows that are open"};
constexpr MetricInfo kPoints{"anlan_edge_points", Type::gauge, "configured points"};

constexpr std::array kAppMetrics{kBuildInfo,      kCommitted, kDue,      kOldestDue,   kBufferBytes,
                                 kBufferMax,      kFileBytes, kDiskFree, kClockSynced, kAlerts,
                                 kRisk,           kDeviceUp,  kPoints,   kMaintenance, kCertificateExpiry,
                                 kBufferReplaced, kInRefuge};

constexpr std::array kStreams{Stream::event, Stream::telemetry};

void show_buffer(Metrics& metrics, const EdgeView& view) {
  const Ledger& ledger = *view.buffer.ledger();
  std::map<Stream, double> due;
  for (const auto& [place, state] : ledger.places) due[place.stream] += static_cast<double>(state.due().count());
  for (const Stream stream : kStreams) {
    metrics.at(kDue, {to_string(stream)}).set(due[stream]);
    metrics.at(kCommitted, {to_string(stream)}).set(static_cast<double>(ledger.at({view.epoch, stream}).next));
  }
  const auto age = view.oldest_due ? view.clock.wall() - *view.oldest_due : Millis{0};
  metrics.at(kOldestDue).set(std::max(0.0, static_cast<double>(age.count()) / 1000));
  metrics.at(kBufferBytes).set(static_cast<double>(ledger.bytes()));
  metrics.at(kBufferMax).set(static_cast<double>(view.config.buffer.max_bytes));
  const std::string file = view.config.data_dir + "/buffer.db";
  metrics.at(kFileBytes).set(file_bytes(file) + file_bytes(file + "-wal"));
  if (const auto free = free_bytes(view.config.data_dir)) metrics.at(kDiskFree).set(*free);
}

void show_site(Metrics& metrics, const EdgeView& view) {
  const Scorer& scorer = view.pipeline.scorer();
  std::map<Level, double> alerts;
  std::map<std::string, double> devices;
  for (const DeviceConfig& device : view.config.devices) devices[device.name] = 1;
  for (const AlertTransition& alert : scorer.active()) {
    ++alerts[alert.live_level()];
    if (alert.rule != "comm") continue;
    const auto device = devices.find(alert.source.substr(alert.source.find('/') + 1));
    if (device != devices.end()) device->second = 0;
  }
  for (const Level level : kLevels) metrics.at(kAlerts, {to_string(level)}).set(alerts[level]);
  std::vector<std::pair<std::vector<std::string>, double>> up;
  for (const auto& [name, value] : devices) up.push_back({{name}, value});
  metrics.replace(kDeviceUp, up);
  metrics.at(kRisk).set(scorer.risk());
  metrics.at(kMaintenance).set(static_cast<double>(scorer.maintenance().size()));
  metrics.at(kPoints).set(static_cast<double>(view.config.definition->points.size()));
  metrics.at(kClockSynced).set(view.clock.synced() ? 1 : 0);
}

}  // namespace

std::vector<MetricInfo> edge_metrics() {
  std::vector<MetricInfo> all(kAppMetrics.begin(), kAppMetrics.end());
  const auto add = [&](std::span<const MetricInfo> stage) { all.insert(all.end(), stage.begin(), stage.end()); };
  add(kPipelineMetrics);
  add(kSensorMetrics);
  add(kUplinkMetrics);
  add(kAnnunciatorMetrics);
  add(kProcessMetrics);
  return all;
}

void serve_metrics(Metrics& metrics, const EdgeView& view, std::string_view version) {
  metrics.declare(kAppMetrics);
  metrics.declare(kPipelineMetrics);
  metrics.declare(kSensorMetrics);
  metrics.declare(kUplinkMetrics);
  if (view.config.annunciator) metrics.declare(kAnnunciatorMetrics);  // "up 0" would be an alarm where there is none
  metrics.at(kBuildInfo, {version}).set(1);
  metrics.on_read([&metrics, view, &uplink = view.uplink] {
    metrics.at(kUplinkAnswered).set(uplink.status().answered ? 1 : 0);
    show_buffer(metrics, view);
    show_site(metrics, view);
  });
  serve_process_metrics(metrics);
}

}  // namespace anlan::edge
