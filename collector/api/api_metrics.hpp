// What the HTTP API counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::collector {

inline constexpr MetricInfo kHttpRequests{"anlan_collector_http_requests_total",
                                          MetricInfo::Type::counter,
                                          "requests answered",
                                          {"method", "route", "status"}};
inline constexpr MetricInfo kHttpSeconds{"anlan_collector_http_request_duration_seconds",
                                         MetricInfo::Type::histogram,
                                         "from a request until its answer is made; of an event stream, until it begins",
                                         {"route"},
                                         kSecondsBuckets};
inline constexpr MetricInfo kEventStreams{"anlan_collector_event_streams", MetricInfo::Type::gauge,
                                          "clients that follow events"};

inline constexpr std::array kApiMetrics{kHttpRequests, kHttpSeconds, kEventStreams};

}  // namespace anlan::collector
