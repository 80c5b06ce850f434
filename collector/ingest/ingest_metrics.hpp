// What the line to the edges counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::collector {

inline constexpr MetricInfo kBrokerConnected{"anlan_collector_broker_connected", MetricInfo::Type::gauge,
                                             "1 while connected to the broker"};
inline constexpr MetricInfo kFrames{
    "anlan_collector_frames_total", MetricInfo::Type::counter, "frames of edges that were read", {"lane"}};
inline constexpr MetricInfo kFramesRefused{
    "anlan_collector_frames_refused_total", MetricInfo::Type::counter,
    "frames that cannot be read, messages that no collector expects, topics of no "
    "edge"};
inline constexpr MetricInfo kFramesDeferred{
    "anlan_collector_frames_deferred_total", MetricInfo::Type::counter,
    "frames dropped because a lane was full or the disk too full for telemetry; they "
    "come again"};
inline constexpr MetricInfo kHellos{"anlan_collector_hellos_total",
                                    MetricInfo::Type::counter,
                                    "greetings: answered, stale (answered; a restored buffer or a second box), old, "
                                    "mismatched (another edge or site than its topic), refused",
                                    {"fate"}};
inline constexpr MetricInfo kEventRecords{"anlan_collector_event_records_total",
                                          MetricInfo::Type::counter,
                                          "event records: fresh, of these quarantined; duplicate; damaged (not "
                                          "receipted)",
                                          {"fate"}};
inline constexpr MetricInfo kTelemetryRecords{"anlan_collector_telemetry_records_total",
                                              MetricInfo::Type::counter,
                                              "telemetry records: fresh, of these quarantined; duplicate; damaged (not "
                                              "receipted)",
                                              {"fate"}};
inline constexpr MetricInfo kSamplesStored{"anlan_collector_samples_total", MetricInfo::Type::counter,
                                           "samples stored"};
inline constexpr MetricInfo kReceipts{
    "anlan_collector_receipts_total", MetricInfo::Type::counter, "receipts handed to the broker", {"stream"}};
inline constexpr MetricInfo kStoreSeconds{"anlan_collector_commit_duration_seconds",
                                          MetricInfo::Type::histogram,
                                          "from handing a batch to the database until it is durable",
                                          {"lane"},
                                          kSecondsBuckets};
inline constexpr MetricInfo kStoreFailures{"anlan_collector_commit_failures_total",
                                           MetricInfo::Type::counter,
                                           "batches that could not be stored; the edges send them again",
                                           {"lane"}};

inline constexpr MetricInfo kCommands{"anlan_collector_commands_total",
                                      MetricInfo::Type::counter,
                                      "signed orders to edges: sent, or lost because there was no line to the broker",
                                      {"fate"}};

inline constexpr std::array kIngestMetrics{kBrokerConnected, kFrames,       kFramesRefused,    kFramesDeferred,
                                           kHellos,          kEventRecords, kTelemetryRecords, kSamplesStored,
                                           kReceipts,        kStoreSeconds, kStoreFailures,    kCommands};

}  // namespace anlan::collector
