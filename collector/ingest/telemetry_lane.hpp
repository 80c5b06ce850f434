// The lane of samples: each batch is one commit of the telemetry store that holds the samples and the received ranges;
// receipts leave after it (PROTOCOL.md rule 7). A slow store delays samples only, never an alert.
#pragma once

#include <deque>
#include <memory>

#include "collector/ingest/incoming.hpp"
#include "collector/ingest/ledgers.hpp"
#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/log_limit.hpp"
#include "common/base/metrics.hpp"

namespace anlan::collector {

class TelemetryLane {
 public:
  TelemetryLane(boost::asio::any_io_executor executor, Clock& clock, Records& records, AsyncTelemetry& telemetry,
                Ledgers& ledgers, StoreRef store, Reply reply, Metrics& metrics);

  /// Records of the telemetry stream; those that need not be stored `at_once` wait a moment for others, so that there
  /// are few writes. False where the lane is full: they are dropped and come again.
  bool push(const Origin& origin, std::vector<Record> records, bool at_once = true);

  /// What waits for the store now, of at most kInboxBytes.
  static constexpr std::size_t kInboxBytes = 64u << 20;
  std::size_t inbox_bytes() const { return inbox_bytes_; }

  /// While held, push() takes nothing.
  void hold(bool held) { held_ = held; }
  bool held() const { return held_; }

  /// A definition is known now: raw records that wait for it are decoded.
  void learned(const Origin& origin, const DefinitionHash& hash, std::shared_ptr<const Definition> definition);

  /// Until cancelled.
  boost::asio::awaitable<void> run();

 private:
  struct Parcel {
    Origin origin;
    std::vector<Record> records;
  };
  struct Lesson {
    Origin origin;
    DefinitionHash hash;
  };
  struct Work;

  std::vector<Parcel> next_parcels();
  static std::vector<Parcel> taken_apart(std::vector<Parcel> parcels);
  boost::asio::awaitable<void> process(std::vector<Parcel> parcels, bool quarantine);
  boost::asio::awaitable<bool> prepare(Work& work, const Parcel& parcel, bool quarantine);
  boost::asio::awaitable<void> reconsider();
  boost::asio::awaitable<bool> reconsider_page(const Origin& origin, std::optional<RecordId>& after);
  boost::asio::awaitable<std::shared_ptr<const Definition>> definition(DefinitionHash hash);
  boost::asio::awaitable<void> decode_waiting(Lesson lesson);
  boost::asio::awaitable<bool> decode_page(const Lesson& lesson, std::optional<RecordId>& after);
  void finish(Work& work);

  Clock& clock_;
  Records& records_;
  AsyncTelemetry& telemetry_;
  Ledgers& ledgers_;
  StoreRef store_;
  Reply reply_;
  Metrics& metrics_;
  LogLimit quiet_;
  Event event_;
  std::deque<Parcel> inbox_;
  std::size_t inbox_bytes_ = 0;
  bool held_ = false, at_once_ = false;
  std::deque<Lesson> lessons_;
  std::map<DefinitionHash, std::shared_ptr<const Definition>> definitions_;
};

}  // namespace anlan::collector
