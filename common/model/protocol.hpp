// The messages of the receipt protocol (PROTOCOL.md) as plain values; wire/codec.hpp turns them into bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/alert.hpp"
#include "common/model/definition.hpp"
#include "common/model/range_set.hpp"
#include "common/model/record.hpp"

namespace anlan {

/// Rule 4, checked before memory is taken.
inline constexpr std::size_t kMaxFramePacked = 256 * 1024;
inline constexpr std::size_t kMaxFrameUnpacked = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxFrameSamples = 100'000;

using RangesByPlace = std::map<Place, RangeSet>;

struct StoreRef {
  StoreId id;
  Generation generation;
  bool operator==(const StoreRef&) const = default;
};

/// Where an epoch ends: the next sequence of each stream. Ordinals order epochs for "newest value" (rule 13).
struct EpochEnd {
  Epoch epoch;
  std::uint64_t ordinal = 0;
  std::uint64_t event_end = 0, telemetry_end = 0;
  std::uint64_t end(Stream stream) const { return stream == Stream::event ? event_end : telemetry_end; }
  bool operator==(const EpochEnd&) const = default;
};

/// What an edge has committed and no receipt covers yet, by the priority of its sending. Records are counted; samples
/// and bytes follow from the means of the records held (docs/decisions/0072-how-far-behind.md).
struct Waiting {
  struct Amount {
    std::uint64_t records = 0, samples = 0, bytes = 0;
    bool operator==(const Amount&) const = default;
  };
  WallTime at{};  // when it was so, by the edge's clock
  Amount urgent, live, backlog;
  std::optional<WallTime> oldest;  // when the oldest telemetry record among them was committed, by the same clock
  bool operator==(const Waiting&) const = default;
};

/// Rule 5. Only what is durable on the edge is said.
struct Hello {
  std::string edge, site, version;
  Incarnation incarnation;
  std::uint64_t counter = 0;
  std::optional<Token> token;
  std::optional<Generation> generation;  // of the token
  Epoch epoch;                           // of this process; may not have a record yet
  std::vector<EpochEnd> ends;            // every epoch of the buffer
  std::vector<AlertTransition> active;   // newest transition of every active alert
  WallTime at{};
  ClockState clock = ClockState::unsynced;
  std::optional<Waiting> waiting{};  // nullopt: not said
  bool operator==(const Hello&) const = default;
};

/// Rule 14: how much backlog an edge may have on its way, so that what all edges have finds room in the broker's queue
/// and in the collector (docs/decisions/0073-the-centres-credit.md). `bytes`: of rows, as the edge counts them.
struct Credit {
  std::uint64_t frames = 0, bytes = 0;  // frames 0: nothing now
  bool operator==(const Credit&) const = default;
};

/// Rule 5: the collector's answer to one hello.
struct Answer {
  Incarnation incarnation;
  std::uint64_t counter = 0;
  StoreRef store;
  Token token;
  RangesByPlace data, voided;  // for every epoch that the hello named
  std::vector<DefinitionHash> wanted;
  bool stale = false;              // the collector takes this for a restored buffer or a second box (rule 6)
  bool columns = false;            // the collector reads telemetry in columns (wire/codec.hpp)
  bool waiting = false;            // the collector reads Waiting between hellos
  std::optional<Credit> credit{};  // nullopt: the collector bounds nothing
  bool operator==(const Answer&) const = default;
};

/// Rule 7: these records are durable in the store.
struct Receipt {
  StoreRef store;
  Place place;
  RangeSet data;
  RangeSet quarantined;            // part of `data`: stored raw, to be decoded after an upgrade (rule 3)
  std::optional<Credit> credit{};  // nullopt: as it was
  bool operator==(const Receipt&) const = default;
};

/// Rule 6: the edge holds this token durably.
struct Confirm {
  std::string edge;
  Incarnation incarnation;
  Token token;
  bool operator==(const Confirm&) const = default;
};

struct RecordBatch {
  std::vector<Record> records;
  bool operator==(const RecordBatch&) const = default;
};

/// Retained on anlan/v1/collector/state (rule 5).
struct CollectorState {
  StoreRef store;
  bool online = false;
  std::string audit_head{};  // the newest signed head of the centre's log (tree_head.hpp); empty: none yet
  bool operator==(const CollectorState&) const = default;
};

/// On …/state: birth and Will. A hint only (rule 14).
struct EdgeState {
  Incarnation incarnation;
  bool online = false;
  bool operator==(const EdgeState&) const = default;
};

using Message = std::variant<Hello, RecordBatch, Confirm, Answer, Receipt, CollectorState, EdgeState, Waiting>;

// ---- payloads of records ------------------------------------------------------------------------------------------

/// Kind::samples and Kind::minutes
struct Samples {
  DefinitionHash definition;
  std::vector<Sample> samples;  // `mono` is not carried
};

/// Why records or samples are not there. Numbers are the wire's.
enum class LossReason : std::uint8_t {
  lost = 1,
  gone = 2,
  damaged = 3,
  thinned = 4,
  dropped = 5,
  summarised = 6,
  merged = 7,
  refused = 8
};

constexpr std::string_view to_string(LossReason reason) {
  constexpr std::string_view names[] = {"",        "lost",       "gone",   "damaged", "thinned",
                                        "dropped", "summarised", "merged", "refused"};
  return names[static_cast<std::size_t>(reason)];
}

/// Sequences that will never come as data (rule 9). A void frees nothing, and data wins.
struct Void {
  Place place;
  LossReason reason = LossReason::lost;
  RangeSet ranges;
  bool operator==(const Void&) const = default;
};

/// Samples that never became a record.
struct Loss {
  std::string point;  // site/device/point; site/device/*: that device's points together; empty: not known which
  WallTime from{}, to{};
  std::optional<std::uint64_t> count;  // nullopt: unknown, never 0
  LossReason reason = LossReason::lost;
  bool operator==(const Loss&) const = default;
};

/// Kind::gap
struct Gap {
  std::vector<Void> voids;
  std::vector<AlertTransition> ended;  // alerts whose held transitions were summarised: their last state
  std::vector<Loss> losses;
  bool operator==(const Gap&) const = default;
};

/// Kind::start (rules 2, 10, 11)
struct Start {
  std::uint64_t ordinal = 0;            // above those of all epochs named
  std::vector<Epoch> before;            // every earlier epoch of the buffer
  std::vector<AlertTransition> active;  // newest transition of every active alert
  std::vector<Void> losses;             // found at start
  BootId boot;                          // the monotonic times of this epoch belong to this boot
  std::string version;
  bool operator==(const Start&) const = default;
};

/// A device out of service by a person's word (docs/decisions/0029-maintenance.md).
struct MaintenanceWindow {
  MaintenanceId id;
  std::string by;  // whose it is
  std::string reason;
  WallTime since{}, until{};
  std::optional<WallTime> ended;
  bool operator==(const MaintenanceWindow&) const = default;
};

/// Kind::edge_event: something an operator should be able to read later (device back, configuration loaded …).
struct EdgeEvent {
  std::string subject;  // site/device, or the edge id
  std::string what;     // stable word: "device-lost", "device-back", "configured", "silenced" …
  std::string detail;
  std::string actor;                               // who, where a person did it
  std::optional<MaintenanceWindow> maintenance{};  // of "maintenance-begin" and "maintenance-end"
  std::optional<AlertId> alert{};                  // of "command-obeyed" and "command-refused" (command.hpp)
  bool operator==(const EdgeEvent&) const = default;
};

}  // namespace anlan
