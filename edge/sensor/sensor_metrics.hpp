// What reading devices counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kPolls{"anlan_edge_polls_total", MetricInfo::Type::counter, "polls of Modbus devices"};
inline constexpr MetricInfo kPollsLate{"anlan_edge_polls_late_total", MetricInfo::Type::counter,
                                       "polls that began more than a tenth of their period late"};
inline constexpr MetricInfo kBusRequests{"anlan_edge_bus_requests_total", MetricInfo::Type::counter, "Modbus requests"};
inline constexpr MetricInfo kBusFailures{
    "anlan_edge_bus_failures_total",
    MetricInfo::Type::counter,
    "Modbus requests that failed, and frames that were dropped: no-connection, no-answer, "
    "exception, late, doubled, wrong-unit, bad-crc and more (decision 0023)",
    {"kind"}};
inline constexpr MetricInfo kSensorMessages{"anlan_edge_mqtt_messages_total", MetricInfo::Type::counter,
                                            "messages of MQTT sensors"};
inline constexpr MetricInfo kSensorMalformed{"anlan_edge_mqtt_malformed_total", MetricInfo::Type::counter,
                                             "messages of MQTT sensors that make no sense"};
inline constexpr MetricInfo kSensorRetained{"anlan_edge_mqtt_retained_total", MetricInfo::Type::counter,
                                            "retained messages of MQTT sensors, left out: their age is unknown"};

inline constexpr std::array kSensorMetrics{kPolls,          kPollsLate,       kBusRequests,   kBusFailures,
                                           kSensorMessages, kSensorMalformed, kSensorRetained};

}  // namespace anlan::edge
