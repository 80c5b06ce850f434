// The durable buffer: every record is here before anything else happens to it, and leaves on a receipt only
// (PROTOCOL.md rules 1 to 8). It decides; a Storage keeps.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "edge/buffer/storage.hpp"

namespace anlan::edge {

/// The two clocks and their state at one instant.
struct Stamp {
  WallTime wall{};
  MonoTime mono{};
  ClockState clock = ClockState::unsynced;
};

/// A record to be: identity, times and checksum are given at the commit.
struct Entry {
  Kind kind = Kind::samples;
  std::string payload;
  std::uint32_t samples = 0;
  Stream stream() const { return kind == Kind::samples ? Stream::telemetry : Stream::event; }
};

/// What goes into the buffer together or not at all.
struct Commit {
  std::vector<Entry> entries;
  std::optional<std::map<AlertId, AlertTransition>> active;  // the active alerts after it, where they changed
  std::optional<std::string> engine_state;                   // of the scoring engine, where it changed
  std::vector<std::pair<DefinitionHash, std::string>> definitions;
};

/// Blocking: it lives on one worker. What it returns is durable when it returns. A snapshot() is immutable and may go
/// to another thread.
class Buffer {
 public:
  struct Identity {
    std::string edge;  // in every checksum
    Epoch epoch;       // drawn for this process (rule 2); used from its first record on
    BootId boot;
    std::string version;
  };

  /// `max_bytes`: the cap; telemetry is refused above 90 % of it, so that events keep a reserve.
  Buffer(Storage& storage, Identity identity, std::uint64_t max_bytes)
      : storage_(storage), identity_(std::move(identity)), max_bytes_(max_bytes) {}

  /// Loads what is there; begins the epoch at once where alerts are active. Call first. Returns the engine's state.
  Result<std::string> open(const Stamp& now);

  /// Errors: storage_full (the cap, after received rows were freed, or the disk), storage_corrupt, storage_failed,
  /// too_large (an entry that no frame holds). A commit with telemetry in it has no part of the events' reserve.
  Result<void> commit(Commit commit, const Stamp& now);

  /// Receipts of the current store and generation. Sequences never committed are refused (invalid_argument), the rest
  /// counts.
  Result<void> mark_received(const RangesByPlace& data, MonoTime now);

  /// Rule 8; writes a gap for what is gone and the definitions that are wanted, where there is room: otherwise after
  /// the next answer. Errors: refused (another store's answer, rule 7), storage_*.
  Result<void> agree(const Answer& answer, const Stamp& now);

  /// Frees received rows that are older than `retain`.
  Result<void> release(MonoTime now, Millis retain);

  /// Rows to be sent, verified by their checksums (rule 4): a damaged row leaves with a gap record that voids it.
  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most, std::size_t most_bytes,
                                   const Stamp& now);

  std::shared_ptr<const Ledger> snapshot() const { return ledger_; }

 private:
  Result<void> begin(const Stamp& now, std::uint64_t cap);
  Result<void> store(Commit commit, const Stamp& now, bool gone_due);
  Result<void> write(Ledger after, Changes changes);
  Result<void> make_room(std::uint64_t bytes, std::uint64_t cap);
  /// Rows leave, and the gap that voids them, where there is one, is written in the same commit.
  Result<void> remove(const RangesByPlace& rows, const Gap* gap, const Stamp* now = nullptr);
  void append(Ledger& ledger, Changes& changes, Entry entry, const Stamp& now) const;
  Result<void> commit_wanted(const std::vector<DefinitionHash>& wanted, const Stamp& now);
  Result<RangesByPlace> pending_voids();

  struct Received {
    MonoTime at;
    Place place;
    RangeSet ranges;
  };

  Storage& storage_;
  Identity identity_;
  std::uint64_t max_bytes_;
  std::shared_ptr<const Ledger> ledger_ = std::make_shared<Ledger>();
  std::optional<std::string> present_;  // the definition committed last in this process
  std::deque<Received> received_;       // when rows became received, oldest first; in memory: a restart retains anew
};

}  // namespace anlan::edge
