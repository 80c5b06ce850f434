#include "tests/bench/simulated_edge.hpp"

#include <cstdio>
#include <cstdlib>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/bench/workload.hpp"

namespace anlan::bench {
namespace {

std::string packed(const Message& message) {
  auto frame = encode_in_columns(message);
  if (frame) return std::move(*frame);
  std::fprintf(stderr, "a frame that cannot be packed: %s\n", frame.error().message.c_str());
  std::exit(1);
}

Record record(const std::string& edge, const Place& place, std::uint64_t sequence, Kind kind, std::string payload,
              std::size_t samples) {
  Record made{{place, sequence},
              kind,
              wall_from_ms(kWorkloadBegins),
              {},
              ClockState::synced,
              static_cast<std::uint32_t>(samples),
              std::move(payload),
              0};
  made.checksum = checksum(edge, made);
  return made;
}

}  // namespace

SimulatedEdge::SimulatedEdge(std::size_t number, Settings settings)
    : name_(edge_name(number)),
      site_(site_name(number)),
      settings_(settings),
      epoch_{number + 1, 1},
      incarnation_{number + 1, 2},
      definition_(encode_payload(*definition_of(number))),
      hash_(hash128(definition_)) {}

void SimulatedEdge::add_frame(std::vector<Sample> samples) {
  const std::size_t count = samples.size();
  Record made = record(name_, {epoch_, Stream::telemetry}, frames_.size(), Kind::samples,
                       encode_payload(Samples{hash_, std::move(samples)}), count);
  frames_.push_back(packed(RecordBatch{{std::move(made)}}));
  bytes_ += frames_.back().size();
  received_.push_back(false);
}

SimulatedEdge::Outgoing SimulatedEdge::hello() {
  Hello hello;
  hello.edge = name_;
  hello.site = site_;
  hello.version = "bench";
  hello.incarnation = incarnation_;
  hello.counter = ++counter_;
  hello.epoch = epoch_;
  hello.ends = {{epoch_, 1, 2, committed_}};
  hello.at = wall_from_ms(kWorkloadBegins);
  hello.clock = ClockState::synced;
  return {topics::Lane::urgent, packed(hello)};
}

SimulatedEdge::Outgoing SimulatedEdge::events() const {
  Start start;
  start.ordinal = 1;
  start.boot = {1, 1};
  start.version = "bench";
  const Place place{epoch_, Stream::event};
  return {topics::Lane::urgent, packed(RecordBatch{{record(name_, place, 0, Kind::start, encode_payload(start), 0),
                                                    record(name_, place, 1, Kind::definition, definition_, 0)}})};
}

std::vector<SimulatedEdge::Outgoing> SimulatedEdge::take(const Message& message, MonoTime now) {
  if (const auto* answer = std::get_if<Answer>(&message)) {
    if (answer->incarnation != incarnation_ || answer->counter != counter_) return {};
    answered_ = true;
    credit_ = answer->credit;
    return {{topics::Lane::urgent, packed(Confirm{name_, incarnation_, answer->token})}, events()};
  }
  if (const auto* covered = std::get_if<Receipt>(&message)) {
    if (covered->credit) credit_ = covered->credit;
    if (covered->place.stream == Stream::telemetry)
      receipt(*covered, now);
    else
      events_received_ = covered->data.count();
  }
  return due(now);
}

void SimulatedEdge::receipt(const Receipt& receipt, MonoTime now) {
  if (!receipt.quarantined.empty()) std::fprintf(stderr, "%s: records were quarantined\n", name_.c_str()), std::exit(1);
  for (const auto& range : receipt.data.ranges())
    for (std::uint64_t i = range.first; i < range.last && i < frames_.size(); ++i)
      if (!received_[i]) received_[i] = true, ++received_count_;
  std::erase_if(flights_, [&](const Flight& flight) {
    if (!received_[flight.frame]) return false;
    delays_.push_back(now - flight.first);
    return true;
  });
}

std::vector<SimulatedEdge::Outgoing> SimulatedEdge::due(MonoTime now) {
  std::vector<Outgoing> out;
  if (!answered_) return out;
  for (Flight& flight : flights_)
    if (now - flight.last >= settings_.resend_after) {
      flight.last = now;
      ++resent_;
      out.push_back({settings_.lane, frames_[flight.frame]});
    }
  for (; next_ < committed_ && room(); ++next_) {
    flights_.push_back({next_, now, now});
    out.push_back({settings_.lane, frames_[next_]});
  }
  return out;
}

/// The window, and for backlog what the centre allows, as an edge's uplink keeps to it.
bool SimulatedEdge::room() const {
  if (flights_.size() >= settings_.window) return false;
  if (!credit_ || settings_.lane != topics::Lane::backlog) return true;
  std::size_t bytes = 0;
  for (const Flight& flight : flights_) bytes += frames_[flight.frame].size();
  return flights_.size() < credit_->frames && bytes < credit_->bytes;
}

}  // namespace anlan::bench
