// Identifiers. Random ones are 128 bits and strongly typed; names people give follow one grammar.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

/// 128 random bits (io/random.hpp draws them), printed as 32 hex digits. Zero means "none" nowhere: use optional.
template <class Tag>
struct Id {
  std::uint64_t high = 0, low = 0;

  auto operator<=>(const Id&) const = default;

  std::string hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (int i = 0; i < 16; ++i) {
      text[15 - i] = digits[high >> (4 * i) & 15];
      text[31 - i] = digits[low >> (4 * i) & 15];
    }
    return text;
  }

  static std::optional<Id> from_hex(std::string_view text) {
    if (text.size() != 32) return std::nullopt;
    Id id;
    for (std::size_t i = 0; i < 32; ++i) {
      const char c = text[i];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) return std::nullopt;
      auto& half = i < 16 ? id.high : id.low;
      half = half << 4 | static_cast<std::uint64_t>(digit);
    }
    return id;
  }

  /// Big-endian, as on the wire.
  std::array<unsigned char, 16> bytes() const {
    std::array<unsigned char, 16> out{};
    for (std::size_t i = 0; i < 8; ++i) {
      out[i] = static_cast<unsigned char>(high >> (56 - 8 * i));
      out[8 + i] = static_cast<unsigned char>(low >> (56 - 8 * i));
    }
    return out;
  }

  static std::optional<Id> from_bytes(std::string_view data) {
    if (data.size() != 16) return std::nullopt;
    Id id;
    for (std::size_t i = 0; i < 8; ++i) {
      id.high = id.high << 8 | static_cast<unsigned char>(data[i]);
      id.low = id.low << 8 | static_cast<unsigned char>(data[8 + i]);
    }
    return id;
  }
};

using Epoch = Id<struct EpochTag>;                // one run of an edge process that wrote records (PROTOCOL.md rule 2)
using Incarnation = Id<struct IncarnationTag>;    // one run of an edge process, named in its hellos (rule 5)
using Token = Id<struct TokenTag>;                // proves a buffer to be the newest (rule 6)
using StoreId = Id<struct StoreTag>;              // one durable store of the centre, for good (rule 7)
using Generation = Id<struct GenerationTag>;      // drawn anew at each restore of a store (rule 5)
using AlertId = Id<struct AlertTag>;              // one episode of one alert
using MaintenanceId = Id<struct MaintenanceTag>;  // one window of maintenance
using DefinitionHash = Id<struct DefinitionTag>;  // XXH3-128 of an encoded definition (rule 3)
using BootId = Id<struct BootTag>;                // /proc/sys/kernel/random/boot_id

/// The grammar of site, device and point names and of edge ids: [a-z0-9][a-z0-9-]{0,62}.
bool valid_name(std::string_view name);

/// site/device/point. Display names are data beside it.
struct PointPath {
  std::string site, device, point;

  auto operator<=>(const PointPath&) const = default;
  std::string str() const { return site + "/" + device + "/" + point; }

  /// Errors: malformed, naming the part that breaks the grammar.
  static Result<PointPath> parse(std::string_view text);
};

}  // namespace anlan

template <class Tag>
struct std::hash<anlan::Id<Tag>> {
  std::size_t operator()(const anlan::Id<Tag>& id) const noexcept { return id.high ^ id.low * 0x9E3779B97F4A7C15u; }
};
