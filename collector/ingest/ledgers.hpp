// The edge ledgers in memory, as durable as the databases: both lanes of ingest read and update them on the loop.
#pragma once

#include <map>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "collector/ingest/edge_ledger.hpp"
#include "collector/ingest/registry.hpp"
#include "collector/store/async_telemetry.hpp"
#include "collector/store/records.hpp"

namespace anlan::collector {

class Ledgers {
 public:
  struct Known {
    EdgeLedger ledger;
    std::string site;                 // that the edge belongs to; empty: nothing of it is stored yet
    std::set<DefinitionHash> wanted;  // by raw telemetry records (PROTOCOL.md rule 3)
  };

  Ledgers(Records& records, AsyncTelemetry& telemetry) : records_(records), telemetry_(telemetry) {}

  /// Loads the edge where it is not yet in memory. The pointer stays good. Errors: those of the stores.
  boost::asio::awaitable<Result<Known*>> of(const std::string& edge);

  /// Of an edge already loaded; nullptr otherwise.
  Known* find(const std::string& edge);

  /// Takes over what the event lane has committed: everything but telemetry's data, which the other lane owns.
  void committed(const Origin& origin, EdgeLedger events);

 private:
  Records& records_;
  AsyncTelemetry& telemetry_;
  std::map<std::string, Known> known_;
};

}  // namespace anlan::collector
