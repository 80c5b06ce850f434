// Where the buffer lives: at home, on the disk, and in a refuge in the memory of this process for as long as the disk
// takes nothing (docs/decisions/0065-a-refuge-in-memory.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "edge/buffer/buffer.hpp"

namespace anlan::edge {

/// The two storages, opened when they are wanted.
class Homes {
 public:
  virtual ~Homes() = default;
  virtual Result<std::unique_ptr<Storage>> open_home() = 0;

  /// An empty one. Its marks() are those of home. Errors: unsupported where there is none.
  virtual Result<std::unique_ptr<Storage>> open_refuge() = 0;

  /// Whether the disk takes something now: writes and syncs a little. On any thread.
  virtual Result<void> probe() const = 0;
};

/// Blocking; used from one thread at a time, but for read().
class Residence {
 public:
  /// `max_bytes`: the cap at home. `in_flight`: see Buffer.
  Residence(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes, Millis in_flight);

  /// Home; where that cannot be read at all the refuge, which is then for good: another process goes home. Call first;
  /// buffer() may be used after it. Returns the engine's state. Errors: those of home where there is no refuge, or
  /// another start would not help.
  Result<std::string> open(const Stamp& now);
  Buffer& buffer() { return *buffer_; }

  bool in_refuge() const { return !home_; }

  /// Whether home could not be read at the start: this process does not go there.
  bool home_unknown() const { return !knows_home_; }

  /// Errors (never storage_corrupt): everything is then as before.
  Result<void> take_refuge(const Epoch& fresh, const Stamp& now);

  /// A home that is damaged is put aside, and a new one begins. Errors (never storage_corrupt): it still takes nothing,
  /// or this process has not read what is there; everything is then as before.
  struct Home {
    bool put_aside = false;  // what was there was damaged
  };
  Result<Home> go_home(const Epoch& fresh, const Stamp& now);

  Result<void> probe() const { return homes_->probe(); }  // on any thread

  /// At home, while rows of the refuge are still to come.
  bool bringing() const { return home_ && refuge_; }

  /// As Buffer::heal().
  Result<void> heal(const Epoch& fresh, const Stamp& now);

  /// What lies in the storage that was left. It stays open as long as somebody reads.
  struct Elsewhere {
    Buffer::Piece piece;
    std::shared_ptr<Storage> from;
    bool at_home = false;  // on a disk that may be slow; nobody else uses it
  };
  std::optional<Elsewhere> elsewhere();

  /// On any thread where it lies at home, else on the buffer's own. What was not reached is taken out of the piece.
  /// Nothing where it cannot be read.
  static std::vector<Record> read(Elsewhere& wanted);

  /// See Buffer::bring(). The refuge ends when nothing is left there.
  Result<void> bring(const Elsewhere& piece, std::vector<Record> rows, const Stamp& now);

 private:
  Result<Home> move_home(Storage& home, const Epoch& fresh, const Stamp& now);

  std::unique_ptr<Homes> homes_;
  Buffer::Identity identity_;
  std::uint64_t max_bytes_;
  Millis in_flight_;
  bool knows_home_ = true;
  std::shared_ptr<Storage> home_, refuge_, left_home_;  // left_home_: only read, while in the refuge
  std::optional<Buffer> buffer_;
};

}  // namespace anlan::edge
