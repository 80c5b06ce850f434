// What the delivery of notifications counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::collector {

inline constexpr MetricInfo kDelivered{"anlan_collector_notifications_delivered_total",
                                       MetricInfo::Type::counter,
                                       "notifications handed over",
                                       {"channel"}};
inline constexpr MetricInfo kTriesFailed{
    "anlan_collector_notifications_failed_total", MetricInfo::Type::counter, "tries that failed; retried", {"channel"}};
inline constexpr MetricInfo kTriesRefused{"anlan_collector_notifications_refused_total",
                                          MetricInfo::Type::counter,
                                          "tries that the receiver refused for good; retried slowly",
                                          {"channel"}};
inline constexpr MetricInfo kGivenUp{"anlan_collector_notifications_given_up_total",
                                     MetricInfo::Type::counter,
                                     "notifications below red never delivered",
                                     {"channel"}};

inline constexpr std::array kNotifyMetrics{kDelivered, kTriesFailed, kTriesRefused, kGivenUp};

}  // namespace anlan::collector
