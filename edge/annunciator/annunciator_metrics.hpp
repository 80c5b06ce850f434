// What the local alarm counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kAlarmUp{"anlan_edge_annunciator_up", MetricInfo::Type::gauge,
                                     "1 while the local alarm device takes what it is told"};
inline constexpr MetricInfo kAlarmSounding{"anlan_edge_annunciator_sounding", MetricInfo::Type::gauge,
                                           "1 while the local alarm should sound"};
inline constexpr MetricInfo kAlarmLevel{"anlan_edge_annunciator_level", MetricInfo::Type::gauge,
                                        "highest active alert level, 0 (none) to 4 (red)"};
inline constexpr MetricInfo kAlarmFailures{"anlan_edge_annunciator_failures_total", MetricInfo::Type::counter,
                                           "writes to the local alarm device that failed"};

inline constexpr std::array kAnnunciatorMetrics{kAlarmUp, kAlarmSounding, kAlarmLevel, kAlarmFailures};

}  // namespace anlan::edge
