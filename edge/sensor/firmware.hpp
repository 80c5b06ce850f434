// Which of a profile's revisions a device has, by its own answer. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// A profile as one firmware has it: all points in the profile's order, and which of them this firmware lacks (they
/// stand there as some other revision has them).
struct Variant {
  std::string revision;  // its name; "" is the base
  ProfilePoints points;
  std::set<std::size_t> absent;
  bool operator==(const Variant&) const = default;
};

/// The profile without any revision: what is read where nothing has to be asked.
Variant base_of(const ProfilePoints& points, const Revisions& revisions);

/// The first revision, in the order of the file, whose rule matches `firmware` (firmware_text(), or the text of the
/// device's object; "" where the device refuses the question). Where none does: the base, or nullopt as the profile
/// says: then nothing may be read.
std::optional<Variant> choose_revision(const ProfilePoints& points, const Revisions& revisions,
                                       std::string_view firmware);

/// What registers say, as rules name it: a text without the spaces and NULs around it and '?' for what is not printable
/// ASCII, a whole number in decimal, a float as the shortest decimal; "" for what is no number.
std::string firmware_text(const ModbusSource& source, std::span<const std::uint16_t> registers);

bool matches(const FirmwareRule& rule, std::string_view firmware);

/// The numbers of the first version that stands in `text`: "V2.10.3 build 7" is 2, 10, 3. Empty: none. Numbers of more
/// than nine digits are none.
std::vector<int> version_in(std::string_view text);

}  // namespace anlan::edge
