// Every metric of the edge daemon, and those that are looked up when they are read.
#pragma once

#include <vector>

#include "common/base/metrics.hpp"
#include "edge/app/config.hpp"
#include "edge/app/pipeline.hpp"
#include "edge/uplink/uplink.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kInRefuge{"anlan_edge_buffer_in_refuge", MetricInfo::Type::gauge,
                                      "1 while the disk takes nothing and the buffer goes on in memory"};
inline constexpr MetricInfo kBufferReplaced{"anlan_edge_buffer_replaced_total", MetricInfo::Type::counter,
                                            "damaged buffers that this process put aside"};

/// Those of every stage, for the registry and for docs/reference/metrics.md.
std::vector<MetricInfo> edge_metrics();

/// What they look at; all of it outlives the registry's last text().
struct EdgeView {
  const Config& config;
  const AsyncBuffer& buffer;
  const Pipeline& pipeline;
  const Uplink& uplink;
  const Clock& clock;
  const Epoch& epoch;                         // of this process
  const std::optional<WallTime>& oldest_due;  // of the records that wait for a receipt; nullopt: none waits
};

/// Declares every metric and looks up the gauges of `view` at each read.
void serve_metrics(Metrics& metrics, const EdgeView& view, std::string_view version);

}  // namespace anlan::edge
