// The edge's half of the receipt protocol as a pure state machine (PROTOCOL.md rules 1, 5 to 8, 14): the buffer's
// ledger, messages and time go in, what to send and what to commit comes out. It never waits, and it keeps nothing
// durable.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "common/wire/topics.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/uplink/backlog_window.hpp"

namespace anlan::edge {

/// How much payload to read for one frame: it must pack into 256 KiB whatever it holds.
inline constexpr std::size_t kFramePayload = 160 * 1024;
inline constexpr std::size_t kFrameRecords = 512;

class UplinkMachine {
 public:
  struct Settings {
    Millis hello_every{30'000};
    Millis resend_after{10'000};  // for hellos without an answer and frames without a receipt
    std::size_t window = 64;      // frames in flight; the broker's queue must hold those of all its edges
    std::uint64_t window_bytes = 1 << 20;
  };
  struct Identity {
    std::string edge, site, version;
    Incarnation incarnation;  // of this process
    Epoch epoch;              // of this process; in the ledger from its first record on
  };

  UplinkMachine(Settings settings, Identity identity)
      : settings_(settings), identity_(std::move(identity)), backlog_(settings.window_bytes) {}

  /// The buffer's newest durable state. Call after every commit, and once before connected().
  void ledger(std::shared_ptr<const Ledger> newest, MonoTime now);

  void connected();
  void disconnected();

  // ---- what comes down ------------------------------------------------------------------------------------------
  struct MarkReceived {
    Place place;
    RangeSet data;
    RangeSet quarantined;
  };
  struct Agree {
    Answer answer;
  };
  struct Nothing {
    std::string why;
  };  // ignored; `why` is worth a log line where it is not empty
  using Deed = std::variant<Nothing, MarkReceived, Agree>;

  /// What the buffer has to commit because of this message.
  Deed take(const Message& message);

  /// The buffer has committed the answer of the last Agree: telemetry may flow, the token is to be confirmed.
  void agreed();

  // ---- what goes up ---------------------------------------------------------------------------------------------
  /// The hello or confirmation that is due, to be sent on the urgent lane.
  std::optional<Message> greeting(const Stamp& now);

  /// Records to read and send next: events first, then live telemetry, then backlog (DESIGN.md promise 4).
  struct Order {
    topics::Lane lane = topics::Lane::urgent;
    Place place;
    RangeSet wanted;
    std::size_t bytes;  // of payload at most, one record excepted
  };
  std::optional<Order> next(MonoTime now);

  /// These records (of the last Order) are on their way, as one frame.
  void sent(const std::vector<Record>& records, MonoTime now);

  /// When next() or greeting() may have something without any further input.
  MonoTime wake(MonoTime now) const;

  // ---- how far behind this is (docs/decisions/0072-how-far-behind.md) -----------------------------------------------
  /// What waits for a receipt, for a hello. `oldest`: when the first telemetry record of it was committed; nullopt:
  /// none waits, or it cannot be read now.
  Waiting waiting(WallTime now, std::optional<WallTime> oldest) const;

  /// Between two hellos: whether report() may have something to say.
  bool report_due(MonoTime now) const;

  /// What waits, where telemetry waits for longer than kBehind, and once when that is over. Call where report_due().
  std::optional<Message> report(const Stamp& now, std::optional<WallTime> oldest);
  void no_report(MonoTime now) { looked_at_ = now; }  // where it cannot be told

  static constexpr Millis kReportEvery{5'000}, kBehind{10'000};

  bool answered() const { return answered_; }

  /// The centre reads telemetry in columns, by its newest answer.
  bool columns() const { return columns_; }
  std::size_t in_flight() const { return flights_.size(); }

 private:
  struct Flight {
    Place place;
    RangeSet records;
    MonoTime at;
    std::uint64_t bytes;
    bool backlog = false;
    bool late = false;  // it was due again
  };

  std::optional<Order> order_at(const Place& place, std::uint64_t from, topics::Lane lane, MonoTime now) const;
  std::optional<Order> next_telemetry(MonoTime now) const;
  void notice_late(MonoTime now);
  struct Load {
    std::uint64_t frames = 0, bytes = 0;
  };
  Load backlog_in_flight(MonoTime now) const;
  std::uint64_t backlog_bytes() const;
  bool backlog_may_go(MonoTime now) const;
  bool room(Stream stream, std::size_t frames, MonoTime now) const;
  bool pending(const Flight& flight, MonoTime now) const { return now - flight.at < settings_.resend_after; }
  Hello hello(const Stamp& now);

  Settings settings_;
  Identity identity_;
  std::shared_ptr<const Ledger> ledger_ = std::make_shared<Ledger>();
  bool connected_ = false, answered_ = false, confirm_ = false, columns_ = false;
  bool reports_ = false;               // the centre reads Waiting between hellos
  bool behind_ = false;                // it was said last
  std::optional<MonoTime> looked_at_;  // for a hello or a report
  std::uint64_t counter_ = 0;          // of hellos of this process
  std::optional<MonoTime> hello_at_;   // nullopt: due now
  std::uint64_t live_from_ = 0;        // telemetry of this epoch from here on is live, what is older is backlog
  std::list<Flight> flights_;
  BacklogWindow backlog_;
  std::optional<Credit> credit_;  // of this connection's centre, for backlog; nullopt: it bounds nothing
};

/// As many of `records` from the front as fit into one frame (rule 4); at least one where there is one.
std::vector<Record> fitting(std::vector<Record> records);

}  // namespace anlan::edge
