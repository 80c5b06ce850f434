// One edge as the centre sees it, without disk and devices: hello, confirmation, its start and definition, then frames
// of samples that were made before, a window of them at a time, each until a receipt covers it. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/model/protocol.hpp"
#include "common/wire/topics.hpp"

namespace anlan::bench {

class SimulatedEdge {
 public:
  struct Settings {
    topics::Lane lane = topics::Lane::backlog;
    std::size_t window = 8;  // frames in flight
    Millis resend_after{10'000};
  };
  struct Outgoing {
    topics::Lane lane;
    std::string frame;
  };

  SimulatedEdge(std::size_t number, Settings settings);

  /// One record of the edge's next `samples`, packed as a frame. All are made before connected().
  void add_frame(std::vector<Sample> samples);

  Outgoing hello();
  std::vector<Outgoing> take(const Message& message, MonoTime now);

  /// The first `frames` frames are committed: they may be sent.
  void commit(std::size_t frames) { committed_ = frames; }
  /// What may be sent now; frames without a receipt for too long again.
  std::vector<Outgoing> due(MonoTime now);

  const std::string& name() const { return name_; }
  const std::string& site() const { return site_; }
  const DefinitionHash& hash() const { return hash_; }
  std::size_t frames() const { return frames_.size(); }
  std::size_t received() const { return received_count_; }
  std::size_t resent() const { return resent_; }
  /// The centre has answered and holds this edge's start and definition.
  bool greeted() const { return events_received_ == 2; }
  bool done() const { return received_count_ == frames_.size(); }
  std::size_t bytes() const { return bytes_; }
  /// Of receipts since the last call: how long after their frames were sent first they came.
  std::vector<Millis> take_delays() { return std::exchange(delays_, {}); }

 private:
  struct Flight {
    std::size_t frame;
    MonoTime first, last;
  };
  Outgoing events() const;
  bool room() const;
  void receipt(const Receipt& receipt, MonoTime now);

  std::string name_, site_;
  Settings settings_;
  Epoch epoch_;
  Incarnation incarnation_;
  std::string definition_;
  DefinitionHash hash_;
  std::vector<std::string> frames_;
  std::vector<bool> received_;
  std::deque<Flight> flights_;
  std::vector<Millis> delays_;
  std::uint64_t counter_ = 0;
  std::size_t committed_ = 0, next_ = 0, received_count_ = 0, resent_ = 0, bytes_ = 0;
  std::uint64_t events_received_ = 0;
  bool answered_ = false;
  std::optional<Credit> credit_;  // of the centre, for backlog
};

}  // namespace anlan::bench
