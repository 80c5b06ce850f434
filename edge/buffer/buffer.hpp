// The durable buffer: every record is here before anything else happens to it, and leaves on a receipt only
// (PROTOCOL.md rules 1 to 10). It decides; a Storage keeps.
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
  Stream stream() const { return stream_of(kind); }
};

/// What goes into the buffer together or not at all.
struct Commit {
  std::vector<Entry> entries;
  std::optional<std::map<AlertId, AlertTransition>> active;  // the active alerts after it, where they changed
  std::optional<std::string> engine_state;                   // of the scoring engine, where it changed
  std::vector<std::pair<DefinitionHash, std::string>> definitions;
  std::vector<Loss> losses{};  // samples that never became a record: said in a gap
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

  /// Whether a storage is the buffer's own, or one until it can go back.
  enum class Stays : std::uint8_t { here, not_here };

  /// `max_bytes`: the cap. A commit with telemetry in it fills no more than 90 % of it, so that events keep a reserve.
  /// `in_flight`: what was read to be sent is not thinned or dropped for so long, unless it is received.
  Buffer(Storage& storage, Identity identity, std::uint64_t max_bytes, Millis in_flight = Millis{30'000},
         Stays stays = Stays::here)
      : storage_(&storage), stays_(stays), identity_(std::move(identity)), max_bytes_(max_bytes), flight_(in_flight) {}

  /// Loads what is there; begins the epoch at once where alerts are active or something was lost (rules 2, 10). A
  /// damaged storage is put aside, and a new one begins with what is known of it; adopt() brings its rows. Call first.
  /// Returns the engine's state.
  Result<std::string> open(const Stamp& now);

  /// After storage_corrupt: the storage is put aside and a new one begins under `fresh`, an epoch that was never used,
  /// with what this process knows of its records; adopt() brings their rows.
  Result<void> heal(const Epoch& fresh, const Stamp& now);

  // ---- a disk that takes nothing (docs/decisions/0065-a-refuge-in-memory.md) --------------------------------------

  /// Goes on in another storage under `fresh`, with everything that is known here. What the one that it leaves holds is
  /// elsewhere: neither held nor lost, until bring(). Errors: those of load() and commit(); then nothing has changed.
  Result<void> move(Storage& to, std::uint64_t max_bytes, Stays stays, const Epoch& fresh, const Stamp& now);

  /// What `there` holds and is not here lies elsewhere.
  void expect_rows(const Ledger& there);

  /// Rows to be read from where they lie.
  struct Piece {
    Place place;
    RangeSet rows;
  };
  /// Events first. Where this storage is not to stay only events, as far as half of the cap goes: the rest is brought
  /// where it stays. nullopt: nothing now.
  std::optional<Piece> elsewhere() const;

  /// What was read of a piece. What did not come is said to be damaged where the buffer stays; otherwise it may still
  /// lie there, and is asked for again after look_again(). Errors: those of commit().
  Result<void> bring(const Piece& piece, std::vector<Record> rows, const Stamp& now);
  void look_again() { unread_.clear(); }

  /// Whether a storage was put aside, and the new one has not begun: nothing could be written.
  bool heir() const { return heritage_.has_value(); }

  /// Takes over some rows of a storage that was put aside, as far as there is room. False: there are none left.
  Result<bool> adopt(const Stamp& now);

  /// Writes how far the epochs reach into the side file, where that has changed. Call now and then, and at the end.
  Result<void> keep_marks();

  /// What open() and heal() found to be lost, until the start record says it.
  const std::vector<Void>& losses() const { return losses_; }

  /// What open() found, for people.
  struct Found {
    bool damaged = false;  // the storage was put aside
    bool lost = false;     // the side file names what is not there
  };
  const Found& found() const { return found_; }

  /// Makes room at the cap (rule 9): received rows go first, then the oldest telemetry is thinned, then dropped, and
  /// for a commit of events alone ended alert episodes are summarised; gap records say so in the same commit. Errors:
  /// cap_reached (nothing of that is left to do), storage_full (the disk), storage_corrupt, storage_failed,
  /// too_large (an entry that no frame holds).
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
  /// Errors: storage_corrupt also where that gap does not read back: the file loses what is written into it.
  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most, std::size_t most_bytes,
                                   const Stamp& now);

  /// The same; what it returns counts as in flight from now on.
  Result<std::vector<Record>> read_to_send(const Place& place, const RangeSet& wanted, std::size_t most,
                                           std::size_t most_bytes, const Stamp& now);

  std::shared_ptr<const Ledger> snapshot() const { return ledger_; }

 private:
  /// What a commit will be.
  struct Draft {
    Ledger after;
    Changes changes;
  };
  /// Rows that leave, what is said of them, and what stands in their place.
  struct Removal {
    RangesByPlace rows;
    std::uint64_t bytes = 0;
    Gap gap;
    std::vector<Entry> instead;
  };

  bool at_home() const { return stays_ == Stays::here; }
  void inherit(Remains::Known known, Ledger ledger);
  struct Stand;
  Stand stand() const;
  void stand_again(Stand stand);
  Ledger taking_over(const Ledger& there, Storage& to);
  void retain_received(MonoTime now);
  Draft draft() const { return {*ledger_, {}}; }
  void append(Draft& draft, Entry entry, const Stamp& now) const;
  Result<void> take_out(Draft& draft, const RangesByPlace& rows) const;
  Result<void> write(Draft draft);
  Result<void> reads_back(const Record& record);
  Result<void> begin(const Stamp& now, std::uint64_t cap);
  Result<void> store(Commit commit, const Stamp& now, bool gone_due);
  Result<void> commit_wanted(const std::vector<DefinitionHash>& wanted, const Stamp& now);
  Result<RangesByPlace> pending_voids();

  // buffer_room.cpp: the cap and what is said of what leaves
  Result<void> fit(Draft& draft, std::uint64_t cap, const Stamp& now, bool telemetry);
  Result<bool> free_received(Draft& draft) const;
  Result<bool> apply(Draft& draft, Removal removal, const Stamp& now);
  Result<Removal> thin(const Draft& draft, std::uint64_t bytes, const Stamp& now);
  Result<Removal> drop(const Draft& draft, std::uint64_t bytes, const Stamp& now);
  Result<Removal> summarise(const Draft& draft, std::uint64_t bytes, const Stamp& now);
  Result<void> say(Draft& draft, Gap gap, const Stamp& now);
  Result<std::optional<Record>> idle_gap(const Draft& draft, const Stamp& now, std::uint64_t& others);
  RangeSet idle(const Draft& draft, const Place& place, const Stamp& now);
  bool whole(const Record& record) const;
  const Definition* definition(const DefinitionHash& hash);

  struct Received {
    MonoTime at;
    Place place;
    RangeSet ranges;
  };

  Storage* storage_;
  RangesByPlace elsewhere_;  // to be brought
  RangesByPlace unread_;     // of it: did not come in this round
  RangesByPlace strangers_;  // rows that lie in this storage although their commit had failed
  Stays stays_;
  Identity identity_;
  std::uint64_t max_bytes_;
  Millis flight_;
  std::shared_ptr<const Ledger> ledger_ = std::make_shared<Ledger>();
  std::vector<Void> losses_;  // found at start, not yet said
  Found found_;
  std::uint64_t ordinals_ = 0;                                     // the highest that the side file names
  std::vector<EpochEnd> marked_;                                   // as the side file has them
  std::vector<std::pair<DefinitionHash, std::string>> inherited_;  // in this process, of one that was put aside
  std::optional<Remains::Known> heritage_;  // of the storage that was put aside, not yet durable in the new one
  std::unique_ptr<Remains> remains_;
  std::optional<std::string> present_;  // the definition committed last in this process
  std::deque<Received> received_;       // when rows became received, oldest first; in memory: a restart retains anew
  std::deque<Received> in_flight_;      // what was read to be sent, and when; oldest first
  std::optional<std::pair<DefinitionHash, Definition>> definition_;  // looked up last
};

}  // namespace anlan::edge
