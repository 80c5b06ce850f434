// A record: everything an edge sends is one (PROTOCOL.md rule 1). Its payload is encoded once, when it is committed,
// and is the same bytes in the buffer, on the line and in the centre.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "common/model/ids.hpp"

namespace anlan {

enum class Stream : std::uint8_t { event = 1, telemetry = 2 };  // the wire's numbers
inline constexpr Stream kStreams[] = {Stream::event, Stream::telemetry};

constexpr std::string_view to_string(Stream stream) { return stream == Stream::event ? "event" : "telemetry"; }

/// Numbers are the wire's. A number that is none of these comes from a newer edge: it is kept raw (rule 3).
enum class Kind : std::uint32_t {
  samples = 1,
  alert = 2,
  gap = 3,
  definition = 4,
  start = 5,
  clock_step = 6,
  edge_event = 7,
  minutes = 8  // samples of the telemetry stream that were thinned to minutes
};

/// Which stream records of this kind belong to.
constexpr Stream stream_of(Kind kind) {
  return kind == Kind::samples || kind == Kind::minutes ? Stream::telemetry : Stream::event;
}

constexpr std::string_view to_string(Kind kind) {
  constexpr std::string_view names[] = {"newer", "samples",    "alert",      "gap",    "definition",
                                        "start", "clock-step", "edge-event", "minutes"};
  const auto n = static_cast<std::uint32_t>(kind);
  return names[n <= 8 ? n : 0];
}

enum class ClockState : std::uint8_t { unsynced = 0, synced = 1, stepped = 2 };  // the wire's numbers

/// One stream of one epoch: sequences count from 0 in each.
struct Place {
  Epoch epoch;
  Stream stream = Stream::event;
  auto operator<=>(const Place&) const = default;
};

/// Sequences, the ends of epochs and their ordinals lie below this: the databases count in 63 bits.
inline constexpr std::uint64_t kMaxSequence = std::uint64_t{1} << 62;

struct RecordId {
  Place place;
  std::uint64_t sequence = 0;
  auto operator<=>(const RecordId&) const = default;
};

struct Record {
  RecordId id;
  Kind kind = Kind::samples;
  WallTime wall{};  // when it was committed; the samples inside have their own times
  MonoTime mono{};
  ClockState clock = ClockState::unsynced;
  std::uint32_t samples = 0;   // how many samples the payload holds (0 for events): for accounts that need no decoding
  std::string payload;         // one encoded message of wire/anlan.proto, chosen by `kind`
  std::uint64_t checksum = 0;  // wire/checksum.hpp, over edge, identity and all of the above
  bool operator==(const Record&) const = default;
};

}  // namespace anlan
