// A scripted conversation between one edge and the centre: both halves are the real ones (Buffer, UplinkMachine, codec,
// EdgeLedger), the line between them does what a test says to exactly one message, or two.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/ingest/edge_ledger.hpp"
#include "edge/uplink/uplink_machine.hpp"
#include "tests/support/memory_storage.hpp"

namespace anlan::talk {

/// What happens to one message.
enum class Fault { lost, doubled, overtaken, delayed, truncated, line_cut_before, line_cut_after };
inline constexpr Fault kFaults[] = {Fault::lost,      Fault::doubled,         Fault::overtaken,     Fault::delayed,
                                    Fault::truncated, Fault::line_cut_before, Fault::line_cut_after};
std::string_view to_string(Fault fault);

/// Messages are counted over the whole conversation, both directions.
using Faults = std::map<std::size_t, Fault>;

class Conversation {
 public:
  explicit Conversation(Faults faults = {});

  // ---- the script ---------------------------------------------------------------------------------------------------
  Conversation& edge_commits_samples(int count);
  Conversation& edge_commits_alert();
  Conversation& edge_connects();
  Conversation& edge_restarts();
  Conversation& store_is_restored();  // to what it was at the last backup, as a new generation
  Conversation& store_is_backed_up() {
    backup_ = centre_;
    return *this;
  }
  Conversation& time_passes(Millis duration) {
    now_ += duration;
    return *this;
  }
  Conversation& they_talk();  // until both are silent

  // ---- how it went --------------------------------------------------------------------------------------------------
  const std::vector<std::string>& transcript() const {
    return transcript_;
  }  // "up urgent hello 1", "down receipt event 0-1"
  std::size_t messages() const { return count_; }

  /// After the faults: lets time pass until nothing is due. Then what is wrong, or "".
  std::string outcome();

 private:
  struct Frame {
    bool up = true;
    std::string what, bytes;
  };
  struct Centre {
    StoreRef store{{1, 1}, {1, 1}};
    bool first = true;
    collector::EdgeLedger ledger;
    std::map<RecordId, Record> records;
  };

  edge::Stamp stamp() const {
    return {wall_from_ms(1'000'000 + now_.count()), mono_from_ms(now_.count()), ClockState::synced};
  }
  void start_edge();
  void refresh() { machine_->ledger(buffer_->snapshot(), stamp().mono); }
  bool edge_speaks();
  void put(bool up, std::string what, const Message& message);
  void carry(Frame frame);
  void cut_line();
  void deliver(const Frame& frame);
  void to_edge(const Message& message);
  void to_centre(const Message& message);
  void wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }
  bool drained() const;

  Faults faults_;
  Millis now_{100'000};
  std::size_t count_ = 0;
  std::uint64_t ids_ = 100;
  edge::MemoryStorage storage_;
  std::unique_ptr<edge::Buffer> buffer_;
  std::unique_ptr<edge::UplinkMachine> machine_;
  Centre centre_, backup_;
  bool connected_ = false;
  bool restored_ = false;         // a restored store may have to take an edge it never heard for another
  std::deque<Frame> line_;        // under way
  std::vector<Frame> overtaken_;  // comes after the next message
  std::vector<std::pair<Millis, Frame>> delayed_;
  std::vector<std::string> transcript_;
  std::string wrong_;
};

}  // namespace anlan::talk
