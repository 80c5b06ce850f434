// One site box: a disk, two clocks, and a process made of the real parts.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "edge/app/clock_watch.hpp"
#include "edge/uplink/uplink_machine.hpp"
#include "tests/crash/walk/box_clock.hpp"
#include "tests/crash/walk/engine.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/memory_storage.hpp"

namespace anlan::walk {

struct World;
struct Box;

/// The process or the machine stops in the middle of what it does.
struct Died {
  Box& box;
};

/// A disk that the witness watches, and that may stop at any commit.
struct BoxStorage final : edge::ForwardingStorage {
  enum class Death { none, before, after };

  Box& box;
  edge::MemoryStorage inner;
  Death death = Death::none;  // of the next commit
  explicit BoxStorage(Box& b) : edge::ForwardingStorage(inner), box(b) {}
  Result<void> apply(const edge::Ledger& after, const edge::Changes& changes) override;
};

struct Box {
  World& world;
  BoxStorage storage;
  BoxClock clock;
  Engine engine;
  std::unique_ptr<edge::Buffer> buffer;
  std::unique_ptr<edge::UplinkMachine> machine;
  std::optional<edge::ClockWatch> watch;
  std::vector<edge::MemoryStorage::Disk> copies;
  std::deque<std::string> down;
  bool connected = false;

  explicit Box(World& w);

  /// A new process over what the disk holds. `same_disk`: the engine's state on it is the one that was durable last.
  void start(bool same_disk = true);
  void reboot(bool has_clock);

  /// What the daemon does once in a while: housekeeping, the look at the clock, greeting and sending.
  void work();
  void take(const std::string& frame);

  void measure(double value);
  bool commit(edge::Commit commit);
  void connect();
  void disconnect();
  void refresh() { machine->ledger(buffer->snapshot(), stamp().mono); }

  /// The definition in force, kept with the engine's state; nullopt: none yet.
  std::optional<DefinitionHash> meaning() const;
  /// Active alerts that are not the engine's.
  std::map<AlertId, AlertTransition> others() const;

  edge::Stamp stamp();
  edge::Instant real();  // as a box whose clock is right and that never stops has it

 private:
  void look_at_the_clock();
  void housekeep();
  void send();

  Epoch epoch_;
  std::vector<edge::Entry> waiting_;  // alerts that the disk did not take
  std::string offered_;               // the engine's newest state, to be kept
  bool saved_rightly_ = false;        // the engine's state, by a clock that was right
  std::optional<BootId> saved_in_;
  friend struct BoxStorage;
};

}  // namespace anlan::walk
