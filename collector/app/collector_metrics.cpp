#include "collector/app/collector_metrics.hpp"

#include <algorithm>
#include <map>

#include "collector/alert/alert_reader.hpp"
#include "collector/api/api_metrics.hpp"
#include "collector/app/precautions.hpp"
#include "collector/hazard/hazard_reader.hpp"
#include "collector/ingest/ingest_metrics.hpp"
#include "collector/ingest/registry.hpp"
#include "collector/notify/notify_metrics.hpp"
#include "collector/notify/outbox.hpp"
#include "common/base/log.hpp"
#include "common/io/process_metrics.hpp"

namespace anlan::collector {
namespace {

using boost::asio::awaitable;
using Type = MetricInfo::Type;

constexpr Millis kLookEvery{5'000};

constexpr MetricInfo kBuildInfo{"anlan_collector_build_info", Type::gauge, "1; the version is a label", {"version"}};
constexpr MetricInfo kEdges{"anlan_collector_edges", Type::gauge, "edges by state: online, silent", {"state"}};
constexpr MetricInfo kEdgesBehind{"anlan_collector_edges_behind", Type::gauge,
                                  "edges, not silent, whose oldest telemetry record without a receipt was older than a "
                                  "minute when they last spoke of it"};
constexpr MetricInfo kEdgesUnaccounted{"anlan_collector_edges_waiting_unknown", Type::gauge,
                                       "edges that are silent, or do not say what waits for a receipt"};
constexpr MetricInfo kWaitingRecords{"anlan_collector_edges_waiting_records",
                                     Type::gauge,
                                     "records on the edges that no receipt covers, by the last words of those not "
                                     "silent",
                                     {"lane"}};
constexpr MetricInfo kWaitingSamples{
    "anlan_collector_edges_waiting_samples", Type::gauge, "samples in them, about", {"lane"}};
constexpr MetricInfo kWaitingBytes{
    "anlan_collector_edges_waiting_bytes", Type::gauge, "bytes of them in the buffers, about", {"lane"}};
constexpr MetricInfo kWaitingAge{"anlan_collector_edges_waiting_oldest_age_seconds", Type::gauge,
                                 "age of the oldest telemetry record among them when its edge spoke of it"};
constexpr MetricInfo kAlerts{"anlan_collector_alerts", Type::gauge, "active alerts by their present level", {"level"}};
constexpr MetricInfo kUnacknowledged{"anlan_collector_alerts_unacknowledged", Type::gauge,
                                     "alerts that nobody has acknowledged, those that are over included"};
constexpr MetricInfo kHazards{"anlan_collector_hazards", Type::gauge, "open hazards by state", {"state"}};
constexpr MetricInfo kHazardsOverdue{"anlan_collector_hazards_overdue", Type::gauge,
                                     "open hazards whose deadline has passed"};
constexpr MetricInfo kPending{
    "anlan_collector_notifications_pending", Type::gauge, "notifications that wait to be delivered", {"channel"}};
constexpr MetricInfo kPendingAge{"anlan_collector_notifications_oldest_age_seconds",
                                 Type::gauge,
                                 "age of the oldest notification that waits",
                                 {"channel"}};
constexpr MetricInfo kLooked{"anlan_collector_records_read_timestamp_seconds", Type::gauge,
                             "when edges, alerts, hazards and notifications were last counted, since 1970"};
constexpr MetricInfo kDatabaseBytes{
    "anlan_collector_database_bytes", Type::gauge, "size of a database file", {"database"}};
constexpr MetricInfo kWalBytes{
    "anlan_collector_database_wal_bytes", Type::gauge, "size of a database's write-ahead log", {"database"}};
constexpr MetricInfo kJournalBytes{"anlan_collector_telemetry_journal_bytes",
                                   Type::gauge,
                                   "with a telemetry engine: samples in its journal, waiting for it, or aside because "
                                   "it cannot keep them",
                                   {"state"}};
constexpr MetricInfo kJournalSamples{
    "anlan_collector_telemetry_journal_samples", Type::gauge, "how many samples these are", {"state"}};
constexpr MetricInfo kEngineFailing{"anlan_collector_telemetry_engine_failing", Type::gauge,
                                    "with a telemetry engine: 1 while it does not take what waits for it"};
constexpr MetricInfo kDiskFree{"anlan_collector_disk_free_bytes", Type::gauge, "room left on the disk of data_dir"};

constexpr std::array kAppMetrics{
    kBuildInfo,         kEdges,        kEdgesBehind,    kEdgesUnaccounted, kWaitingRecords, kWaitingSamples,
    kWaitingBytes,      kWaitingAge,   kAlerts,         kUnacknowledged,   kHazards,        kHazardsOverdue,
    kPending,           kPendingAge,   kLooked,         kDatabaseBytes,    kWalBytes,       kDiskFree,
    kCertificateExpiry, kJournalBytes, kJournalSamples, kEngineFailing};

struct Found {
  std::int64_t edges = 0, silent = 0;
  WaitingSum waiting;
  AlertCounts alerts;
  HazardCounts hazards;
  std::vector<Outbox::Depth> pending;
};

Found look(Database& database, WallTime now) {
  Found found;
  found.edges = count_edges(database);
  const auto silent = AlertReader(database).silent_edges();
  found.silent = static_cast<std::int64_t>(silent.size());
  found.waiting = sum_waiting(database, {silent.begin(), silent.end()});
  found.alerts = AlertReader(database).counts();
  found.hazards = HazardReader(database).counts(now);
  found.pending = Outbox(database).depths();
  return found;
}

void show(Metrics& metrics, const WaitingSum& waiting, std::int64_t edges) {
  metrics.at(kEdgesBehind).set(static_cast<double>(waiting.behind));
  metrics.at(kEdgesUnaccounted).set(static_cast<double>(std::max<std::int64_t>(0, edges - waiting.edges)));
  metrics.at(kWaitingAge).set(static_cast<double>(waiting.most.count()) / 1000);
  for (const auto& [lane, amount] :
       {std::pair("urgent", waiting.urgent), std::pair("live", waiting.live), std::pair("backlog", waiting.backlog)}) {
    metrics.at(kWaitingRecords, {lane}).set(amount.records);
    metrics.at(kWaitingSamples, {lane}).set(amount.samples);
    metrics.at(kWaitingBytes, {lane}).set(amount.bytes);
  }
}

void show(Metrics& metrics, const Found& found, WallTime now) {
  show(metrics, found.waiting, found.edges);
  metrics.at(kEdges, {"online"}).set(static_cast<double>(std::max<std::int64_t>(0, found.edges - found.silent)));
  metrics.at(kEdges, {"silent"}).set(static_cast<double>(found.silent));
  for (const Level level : kLevels)
    metrics.at(kAlerts, {to_string(level)})
        .set(static_cast<double>(found.alerts.active[static_cast<std::size_t>(level)]));
  metrics.at(kUnacknowledged).set(static_cast<double>(found.alerts.unacknowledged));
  for (const HazardState state : kHazardStates)
    if (is_open(state))
      metrics.at(kHazards, {to_string(state)})
          .set(static_cast<double>(found.hazards.open[static_cast<std::size_t>(state)]));
  metrics.at(kHazardsOverdue).set(static_cast<double>(found.hazards.overdue));
  std::vector<std::pair<std::vector<std::string>, double>> waiting, ages;
  for (const Outbox::Depth& depth : found.pending) {
    waiting.push_back({{depth.channel}, static_cast<double>(depth.waiting)});
    const auto age = depth.oldest ? now - *depth.oldest : Millis{0};
    ages.push_back({{depth.channel}, std::max(0.0, static_cast<double>(age.count()) / 1000)});
  }
  metrics.replace(kPending, waiting);
  metrics.replace(kPendingAge, ages);
  metrics.at(kLooked).set(static_cast<double>(to_ms(now)) / 1000);
}

}  // namespace

std::vector<MetricInfo> collector_metrics() {
  std::vector<MetricInfo> all(kAppMetrics.begin(), kAppMetrics.end());
  const auto add = [&](std::span<const MetricInfo> stage) { all.insert(all.end(), stage.begin(), stage.end()); };
  add(kIngestMetrics);
  add(kNotifyMetrics);
  add(kApiMetrics);
  add(kProcessMetrics);
  return all;
}

void serve_metrics(Metrics& metrics, const std::string& data_dir, std::string_view version,
                   const std::string& telemetry_file) {
  metrics.declare(collector_metrics());
  metrics.at(kBuildInfo, {version}).set(1);
  metrics.on_read([&metrics, data_dir, telemetry_file] {
    for (const auto& [name, base] : {std::pair("records", std::string("records.db")), {"telemetry", telemetry_file}}) {
      const std::string file = data_dir + "/" + base;
      metrics.at(kDatabaseBytes, {name}).set(file_bytes(file));
      metrics.at(kWalBytes, {name}).set(file_bytes(file + "-wal"));
    }
    if (const auto free = free_bytes(data_dir)) metrics.at(kDiskFree).set(*free);
  });
  serve_process_metrics(metrics);
}

void serve_engine_metrics(Metrics& metrics, std::function<VictoriaStatus()> status) {
  metrics.on_read([&metrics, status = std::move(status)] {
    const VictoriaStatus now = status();
    metrics.at(kJournalBytes, {"waiting"}).set(static_cast<double>(now.waiting_bytes));
    metrics.at(kJournalBytes, {"aside"}).set(static_cast<double>(now.aside_bytes));
    metrics.at(kJournalSamples, {"waiting"}).set(static_cast<double>(now.waiting_samples));
    metrics.at(kJournalSamples, {"aside"}).set(static_cast<double>(now.aside_samples));
    metrics.at(kEngineFailing).set(now.trouble ? 1 : 0);
  });
}

awaitable<void> watch_records(Clock& clock, Records& records, Metrics& metrics) {
  bool failing = false;
  while (true) {
    const WallTime now = clock.wall();
    auto call = [now](Database& database) -> Result<Found> { return look(database, now); };
    const auto found = co_await records.read(std::move(call));
    if (found)
      show(metrics, *found, now);
    else if (!failing)
      log::error("store", "the records cannot be counted for the metrics", {{"reason", found.error().message}});
    failing = !found;
    co_await clock.sleep_for(kLookEvery);
  }
}

}  // namespace anlan::collector
