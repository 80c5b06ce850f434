// The requests that read the points of one poll class of a device: those of planner.hpp, less what the device turned
// out to refuse. Pure.
//
// Makers' tables name registers that a unit lacks, and some devices refuse a whole request for one such register, for a
// gap in it, or for its length. What is learned of that lasts for the process: a refused value is asked alone after a
// while, and read with the others again once it answers.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "common/base/time.hpp"
#include "edge/sensor/planner.hpp"

namespace anlan::edge {

/// How long a refused value is left alone.
inline constexpr Millis kAskRefusedAgain{3'600'000};

class ReadPlan {
 public:
  /// For the points `which` of `points`.
  ReadPlan(ProfilePoints points, std::vector<std::size_t> which, ModbusReading reading);

  /// What to read at each poll.
  const std::vector<Block>& blocks() const { return blocks_; }

  /// The smallest request there is, for asking whether the device answers at all. REQUIRES points.
  const Block& cheapest() const;

  /// All Modbus points of the class, refused or not.
  const std::vector<std::size_t>& points() const { return which_; }

  /// The refused values that are to be asked again now; each is put off by this. Usually none.
  std::vector<Block> retries(MonoTime now);

  /// Of values that are refused now.
  std::vector<std::size_t> refused() const;

  /// The device refuses this value (a block that halve() cannot part). True where that is news.
  bool refuse(const Block& value, MonoTime now);

  /// The device answered it. True where it was refused before; it is read with the others from now on.
  bool accept(const Block& value);

  /// Both halves of a refused block were answered: the gap between them is not to be read, or, where there is none,
  /// the block was too long.
  void keep_apart(const Block& left, const Block& right);

  /// The device may be another one now: every refused value is asked again at the next poll.
  void ask_all(MonoTime now);

 private:
  struct Refusal {
    Block value;
    MonoTime retry{};
  };
  void plan_anew();

  ProfilePoints points_;
  std::vector<std::size_t> which_;
  ModbusReading reading_;
  std::vector<Refusal> refusals_;
  std::vector<Block> blocks_;
};

/// Two requests that read what `block` reads, without the gap between them; nullopt where it is one value, or values
/// that share their registers.
std::optional<std::pair<Block, Block>> halve(const Block& block);

}  // namespace anlan::edge
