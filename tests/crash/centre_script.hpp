// What the edges of a night at a centre (centre_night.hpp) have to tell, by place and sequence: always the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/alert_builder.hpp"

namespace anlan::test {

inline constexpr Kind kNewerKind{99};

/// Everything that one edge ever commits.
class EdgeScript {
 public:
  EdgeScript(std::string edge, std::string site, std::uint64_t number)
      : edge_(std::move(edge)), site_(std::move(site)), number_(number) {
    for (const char* name : {"p0", "p1", "p2"}) meaning_.points.emplace_back().path = {site_, "d", name};
  }

  Epoch epoch(std::uint64_t nth) const { return {number_, nth}; }
  std::string point(std::size_t number) const { return site_ + "/d/p" + std::to_string(number); }
  const std::map<RecordId, Record>& records() const { return records_; }

  void start(std::uint64_t nth, std::vector<Epoch> before, std::vector<AlertTransition> active) {
    Start s;
    s.ordinal = nth;
    s.before = std::move(before);
    s.active = std::move(active);
    add(nth, Kind::start, encode_payload(s));
    if (nth == 1) add(nth, Kind::definition, encode_payload(meaning_));
  }
  AlertTransition alert(std::uint64_t nth, TransitionBuilder transition) {
    AlertTransition t = transition;
    t.alert.high = number_;
    t.source = point(0);
    t.asset = site_ + "/d";
    t.rule = "rule-" + std::to_string(t.alert.low);  // each a hazard of its own
    add(nth, Kind::alert, encode_payload(t));
    return t;
  }
  void gap(std::uint64_t nth, std::uint64_t first, std::uint64_t last) {
    const auto from = at(static_cast<std::int64_t>(first));
    add(nth, Kind::gap,
        encode_payload(Gap{{{{epoch(nth), Stream::telemetry}, LossReason::dropped, RangeSet(first, last)}},
                           {},
                           {{point(0), from, from + Millis{2}, last - first, LossReason::dropped}}}));
  }
  void newer_event(std::uint64_t nth) { add(nth, kNewerKind, "what a newer edge says"); }

  /// `count` records of samples, each of its own length.
  void samples(std::uint64_t nth, std::uint64_t count) {
    for (; count > 0; --count) {
      const std::uint64_t sequence = ends_[{epoch(nth), Stream::telemetry}];
      Samples s{hash_of(meaning_), {}};
      for (std::uint64_t i = 0; i <= sequence % 7; ++i)
        s.samples.push_back({static_cast<std::uint32_t>(sequence % 3),
                             value_of(sequence, i),
                             Quality::good,
                             at(static_cast<std::int64_t>(nth * 100'000 + sequence * 10 + i)),
                             {}});
      add(nth, Kind::samples, encode_payload(s), static_cast<std::uint32_t>(s.samples.size()));
    }
  }
  /// Of a kind of the telemetry stream that does not exist yet.
  void newer_samples(std::uint64_t nth) { add(nth, kNewerKind, "telemetry to come", 3, Stream::telemetry); }

  static double value_of(std::uint64_t sequence, std::uint64_t item) {
    return static_cast<double>(sequence) + static_cast<double>(item) / 8;
  }

 private:
  void add(std::uint64_t nth, Kind kind, std::string payload, std::uint32_t samples = 0) {
    add(nth, kind, std::move(payload), samples, stream_of(kind));
  }
  void add(std::uint64_t nth, Kind kind, std::string payload, std::uint32_t samples, Stream stream) {
    Record r;
    r.id = {{epoch(nth), stream}, ends_[{epoch(nth), stream}]++};
    r.kind = kind;
    r.wall = at(static_cast<std::int64_t>(r.id.sequence));
    r.samples = samples;
    r.payload = std::move(payload);
    r.checksum = checksum(edge_, r);
    records_[r.id] = std::move(r);
  }

  std::string edge_, site_;
  std::uint64_t number_;
  Definition meaning_;
  std::map<Place, std::uint64_t> ends_;
  std::map<RecordId, Record> records_;
};

}  // namespace anlan::test
