// What the line to the centre counts.
#pragma once

#include "common/base/metrics.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kUplinkConnected{"anlan_edge_uplink_connected", MetricInfo::Type::gauge,
                                             "1 while connected to the broker"};
inline constexpr MetricInfo kUplinkAnswered{"anlan_edge_uplink_answered", MetricInfo::Type::gauge,
                                            "1 while the centre has answered the greeting of this connection"};
inline constexpr MetricInfo kUplinkConnections{"anlan_edge_uplink_connections_total", MetricInfo::Type::counter,
                                               "connections made to the broker"};
inline constexpr MetricInfo kRecordsSent{
    "anlan_edge_records_sent_total", MetricInfo::Type::counter, "records sent, those sent again included", {"lane"}};
inline constexpr MetricInfo kRecordsReceipted{"anlan_edge_records_receipted_total",
                                              MetricInfo::Type::counter,
                                              "records named by receipts of the centre, those named again included",
                                              {"stream"}};
inline constexpr MetricInfo kRecordsQuarantined{"anlan_edge_records_quarantined_total",
                                                MetricInfo::Type::counter,
                                                "records that the centre keeps raw because it cannot read them yet",
                                                {"stream"}};
inline constexpr MetricInfo kReceiptsRefused{
    "anlan_edge_receipts_refused_total", MetricInfo::Type::counter,
    "receipts that were not taken: for what was never sent, or the disk failed"};
inline constexpr MetricInfo kLastReceipt{"anlan_edge_last_receipt_timestamp_seconds", MetricInfo::Type::gauge,
                                         "when the newest receipt came, since 1970; 0: none since the start"};
inline constexpr MetricInfo kMessagesUnreadable{"anlan_edge_messages_unreadable_total", MetricInfo::Type::counter,
                                                "messages of the centre that cannot be read"};

inline constexpr MetricInfo kCommands{"anlan_edge_commands_total",
                                      MetricInfo::Type::counter,
                                      "orders of the centre: taken, refused (expired, repeated, for another run), "
                                      "unsigned (not the centre's)",
                                      {"fate"}};

inline constexpr std::array kUplinkMetrics{
    kUplinkConnected,    kUplinkAnswered,  kUplinkConnections, kRecordsSent,        kRecordsReceipted,
    kRecordsQuarantined, kReceiptsRefused, kLastReceipt,       kMessagesUnreadable, kCommands};

}  // namespace anlan::edge
