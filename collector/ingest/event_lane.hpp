// The lane of hellos, confirmations and event records: each batch is one transaction of records.db that holds the
// records, the ledger and whatever the later stages make of them; receipts and answers leave after it (PROTOCOL.md rule
// 7).
#pragma once

#include <deque>
#include <memory>

#include "collector/ingest/event_sink.hpp"
#include "collector/ingest/incoming.hpp"
#include "collector/ingest/ledger_table.hpp"
#include "collector/ingest/ledgers.hpp"
#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/log_limit.hpp"
#include "common/base/metrics.hpp"

namespace anlan::collector {

class EventLane {
 public:
  /// Told on the loop, after the commit, of each definition that came.
  using Learned = std::function<void(const Origin&, const DefinitionHash&, std::shared_ptr<const Definition>)>;

  EventLane(boost::asio::any_io_executor executor, Clock& clock, Records& records, Ledgers& ledgers,
            StoreIdentity identity, EventSink& sink, Reply reply, Learned learned, Metrics& metrics);

  /// False where the lane is full: the message is dropped and comes again.
  bool push(Incoming incoming);

  /// Until cancelled.
  boost::asio::awaitable<void> run();

 private:
  struct Work;
  struct Step;
  boost::asio::awaitable<void> process(std::vector<Incoming> batch, bool quarantine);
  boost::asio::awaitable<bool> load(Work& work);
  boost::asio::awaitable<void> reconsider();
  void finish(Work& work);

  Clock& clock_;
  Records& records_;
  Ledgers& ledgers_;
  StoreIdentity identity_;
  EventSink& sink_;
  Reply reply_;
  Learned learned_;
  Metrics& metrics_;
  LogLimit quiet_;  // the worker's
  Event event_;
  std::deque<Incoming> inbox_;
};

}  // namespace anlan::collector
