// Where a buffer keeps its rows and its ledger: SQLite on a site box, memory in tests. An implementation passes
// tests/contract/storage.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "edge/buffer/ledger.hpp"

namespace anlan::edge {

/// What one commit changes, beside the ledger's new value.
struct Changes {
  std::vector<Record> added;
  RangesByPlace removed;
  std::set<Place> places;                                           // whose PlaceState differs from before
  bool epochs = false, greeting = false, active = false;            // greeting: store, token, gone_due
  std::vector<std::pair<DefinitionHash, std::string>> definitions;  // to keep for ever
  std::optional<std::string> engine_state;
};

/// What is left of a storage that was damaged and put aside; read bit by bit while its successor works.
class Remains {
 public:
  struct Known {  // only what checksums prove
    std::vector<Ledger::EpochEntry> epochs;
    std::map<Place, PlaceState> places;
    std::map<AlertId, AlertTransition> active;
    std::string engine_state;
    std::vector<std::pair<DefinitionHash, std::string>> definitions;
  };

  virtual ~Remains() = default;
  virtual Known known() = 0;

  /// Whole records of these epochs that were not given yet, about so many bytes at once; none: that was all.
  virtual std::vector<Record> next(const std::vector<Epoch>& epochs, std::size_t most_bytes) = 0;

  /// Everything has been taken over; they are kept for people, and not given again.
  virtual void finish() = 0;
};

/// Blocking; used from one thread at a time.
class Storage {
 public:
  struct Loaded {
    Ledger ledger;
    std::string engine_state;
  };

  virtual ~Storage() = default;

  /// Errors: storage_corrupt, storage_failed, unsupported (a newer version's file).
  virtual Result<Loaded> load() = 0;

  /// One transaction, durable when it returns; on an error nothing has changed. Errors: storage_full, storage_corrupt,
  /// storage_failed.
  virtual Result<void> apply(const Ledger& after, const Changes& changes) = 0;

  /// Rows of a place within `wanted`, by sequence: at most `most` of them, and no more once they hold `most_bytes` of
  /// payload (but always one). A row that is not there is left out.
  virtual Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most,
                                           std::size_t most_bytes) = 0;

  /// All held rows of these kinds of the event stream.
  virtual Result<std::vector<Record>> read_events(const std::set<Kind>& kinds) = 0;

  /// Which rows there are of this kind, which is not Kind::samples.
  virtual Result<RangesByPlace> sequences_of(Kind kind) = 0;

  /// What the rows in these ranges count for in PlaceState::bytes.
  virtual Result<std::uint64_t> bytes_of(const Place& place, const RangeSet& ranges) = 0;

  /// The payload kept under this hash, or nullopt.
  virtual Result<std::optional<std::string>> definition(const DefinitionHash& hash) = 0;

  // ---- what is kept beside the rows, for the day when they are lost (rule 10) --------------------------------------

  /// The epochs and how far they reached when set_marks() was last called; nullopt: never, or that is lost too.
  virtual std::optional<std::vector<EpochEnd>> marks() = 0;
  virtual Result<void> set_marks(const std::vector<EpochEnd>& ends) = 0;

  // ---- healing -----------------------------------------------------------------------------------------------------

  /// Puts everything aside under a name with this time and begins empty. Errors: storage_*; it is then as before.
  virtual Result<void> replace(WallTime now) = 0;

  /// What was put aside and not taken over yet; null: nothing.
  virtual std::unique_ptr<Remains> remains() = 0;
};

/// What a row counts for against the byte cap: its payload and about what SQLite needs around it.
constexpr std::uint64_t row_bytes(std::size_t payload) { return payload + 64; }

}  // namespace anlan::edge
