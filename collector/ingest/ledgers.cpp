#include "collector/ingest/ledgers.hpp"

#include <algorithm>

#include "collector/ingest/ledger_table.hpp"

namespace anlan::collector {

boost::asio::awaitable<Result<Ledgers::Known*>> Ledgers::of(const std::string& edge) {
  if (const auto found = known_.find(edge); found != known_.end()) co_return &found->second;
  using FromRecords = std::pair<EdgeLedger, std::string>;
  auto from_records = [edge](Database& database) -> Result<FromRecords> {
    const auto row = get_edge(database, edge);
    return FromRecords{load_ledger(database, edge), row ? row->site : ""};
  };
  auto records = co_await records_.transact(std::move(from_records));
  if (!records) co_return fail(std::move(records.error()).within("loading what is known of edge " + edge));
  using Telemetry = std::pair<RangesByPlace, std::vector<DefinitionHash>>;
  auto from_telemetry = [edge](TelemetryStore& store) -> Result<Telemetry> {
    auto ranges = store.load_ranges(edge);
    if (!ranges) return fail(std::move(ranges.error()));
    auto wanted = store.wanted(edge);
    if (!wanted) return fail(std::move(wanted.error()));
    return Telemetry{std::move(*ranges), std::move(*wanted)};
  };
  auto telemetry = co_await telemetry_.write(std::move(from_telemetry));
  if (!telemetry) co_return fail(std::move(telemetry.error()).within("loading the telemetry ranges of edge " + edge));
  Known known{
      std::move(records->first), std::move(records->second), {telemetry->second.begin(), telemetry->second.end()}};
  for (auto& [place, ranges] : telemetry->first) {
    auto& end = known.ledger.ends[place];
    if (!ranges.empty()) end = std::max(end, ranges.ranges().back().last);
    known.ledger.data[place] = std::move(ranges);
  }
  co_return &known_.try_emplace(edge, std::move(known)).first->second;  // the other lane may have been first
}

Ledgers::Known* Ledgers::find(const std::string& edge) {
  const auto found = known_.find(edge);
  return found == known_.end() ? nullptr : &found->second;
}

void Ledgers::committed(const Origin& origin, EdgeLedger events) {
  known_.at(origin.edge).site = origin.site;
  EdgeLedger& ledger = known_.at(origin.edge).ledger;
  for (auto& [place, ranges] : ledger.data)
    if (place.stream == Stream::telemetry) events.data[place] = std::move(ranges);
  for (const auto& [place, end] : ledger.ends) {
    auto& reach = events.ends[place];
    reach = std::max(reach, end);
  }
  ledger = std::move(events);
}

}  // namespace anlan::collector
