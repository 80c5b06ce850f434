// Every metric of the collector, and those that are looked up: sizes when they are read, what stands in the database
// every few seconds.
#pragma once

#include <functional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "collector/store/records.hpp"
#include "collector/store/victoria/victoria_telemetry.hpp"
#include "common/async/clock.hpp"
#include "common/base/metrics.hpp"

namespace anlan::collector {

/// Those of every stage too, for docs/reference/metrics.md.
std::vector<MetricInfo> collector_metrics();

/// Declares every metric and looks up the sizes of what lies in `data_dir` at each read.
void serve_metrics(Metrics& metrics, const std::string& data_dir, std::string_view version,
                   const std::string& telemetry_file = "telemetry.db");

/// What waits for the telemetry engine, looked up at each read.
void serve_engine_metrics(Metrics& metrics, std::function<VictoriaStatus()> status);

/// Looks up what the records know (edges, alerts, hazards, the outbox) and sets it, until cancelled. A database that
/// does not answer leaves the values as they were; their age is a metric too.
boost::asio::awaitable<void> watch_records(Clock& clock, Records& records, Metrics& metrics);

}  // namespace anlan::collector
