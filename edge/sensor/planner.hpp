// Points to requests: the fewest requests that read all of them, and of those the ones with the fewest registers. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// One request, and the points whose values lie wholly in its answer.
struct Block {
  Table table = Table::holding_registers;
  std::uint16_t address = 0;
  int count = 0;
  struct Place {
    std::size_t point = 0;  // index into the profile's points
    int offset = 0;         // of its first register in the answer
    int count = 1;
    bool operator==(const Place&) const = default;
  };
  std::vector<Place> places;  // by offset
  bool operator==(const Block&) const = default;
};

/// The points of one poll class: read at every `every`-th poll.
struct PollClass {
  int every = 1;
  std::vector<Block> blocks;
};

/// Requests for `which` (indices into `points`; those that are not Modbus are left out), in order of table and address.
/// Never cuts a value, never joins tables, never reads an address of `reading.forbidden` that no point needs, nor a gap
/// wider than `reading.max_gap`, never exceeds the limits of `reading` (a value that alone exceeds them has a request
/// of its own). Where the device reads one value a request, only points inside the registers of another share its
/// request.
std::vector<Block> plan(std::span<const ProfilePoint> points, std::span<const std::size_t> which,
                        const ModbusReading& reading);

/// All points of the profile's base by poll class, rising.
std::vector<PollClass> plan(const Profile& profile);

}  // namespace anlan::edge
