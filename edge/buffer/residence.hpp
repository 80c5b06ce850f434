// Where the buffer lives: at home, in its file, and in a refuge in the box's memory for as long as the disk takes
// nothing (docs/decisions/0065-a-refuge-in-memory.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "edge/buffer/buffer.hpp"

namespace anlan::edge {

/// The two storages, opened when they are wanted.
class Homes {
 public:
  virtual ~Homes() = default;
  virtual Result<std::unique_ptr<Storage>> open_home() = 0;

  /// Errors: unsupported where there is none, and those of opening a storage.
  virtual Result<std::unique_ptr<Storage>> open_refuge() = 0;
  /// Whether an earlier process left something there.
  virtual bool refuge_in_use() const = 0;
  virtual void clear_refuge() = 0;
};

/// Blocking; used from one thread at a time.
class Residence {
 public:
  /// `max_bytes`: the cap at home. `in_flight`: see Buffer.
  Residence(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes, Millis in_flight);

  /// Where an earlier process ended, or home, or where home takes nothing the refuge. Call first; buffer() may be used
  /// after it, in other calls than these. Returns the engine's state. Errors: those of home, where the refuge does not
  /// help either.
  Result<std::string> open(const Epoch& fresh, const Stamp& now);
  Buffer& buffer() { return *buffer_; }

  bool in_refuge() const { return !home_; }

  /// Errors: those of opening the refuge; everything is then as before.
  Result<void> take_refuge(const Epoch& fresh, const Stamp& now);

  /// Errors: home still takes nothing; everything is then as before.
  Result<void> go_home(const Epoch& fresh, const Stamp& now);

  /// Closes what the buffer has left and needs no more. Call after adopt().
  void tidy();

 private:
  std::uint64_t refuge_cap() const;

  std::unique_ptr<Homes> homes_;
  Buffer::Identity identity_;
  std::uint64_t max_bytes_;
  Millis in_flight_;
  std::unique_ptr<Storage> home_, refuge_, left_home_;  // left_home_: still read from, in the refuge
  std::optional<Buffer> buffer_;
};

}  // namespace anlan::edge
