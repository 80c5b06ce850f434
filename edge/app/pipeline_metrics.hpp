// What the chain of the stages counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kSamplesTaken{"anlan_edge_samples_total", MetricInfo::Type::counter, "samples taken"};
inline constexpr MetricInfo kSamplesLost{"anlan_edge_samples_lost_total", MetricInfo::Type::counter,
                                         "samples that found no room in the buffer; a gap record names them"};
inline constexpr MetricInfo kTransitions{"anlan_edge_alert_transitions_total",
                                         MetricInfo::Type::counter,
                                         "alert transitions decided: raised, upgraded, downgraded, latched, cleared",
                                         {"step"}};
inline constexpr MetricInfo kCommitSeconds{"anlan_edge_commit_duration_seconds",
                                           MetricInfo::Type::histogram,
                                           "from handing a group to the buffer until it is on the disk",
                                           {},
                                           kSecondsBuckets};
inline constexpr MetricInfo kCommitFailures{"anlan_edge_commit_failures_total", MetricInfo::Type::counter,
                                            "commits that failed; what they held waits in memory"};

inline constexpr std::array kPipelineMetrics{kSamplesTaken, kSamplesLost, kTransitions, kCommitSeconds,
                                             kCommitFailures};

}  // namespace anlan::edge
