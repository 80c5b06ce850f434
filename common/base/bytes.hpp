// Numbers as few bytes, and bytes read back without ever reading beyond them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace anlan {

/// LEB128, 1 to 10 bytes.
inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

/// Small magnitudes to small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 …; `difference` is taken modulo 2^64.
constexpr std::uint64_t zigzag(std::uint64_t difference) { return difference << 1 ^ (0 - (difference >> 63)); }
constexpr std::uint64_t unzigzag(std::uint64_t value) { return value >> 1 ^ (0 - (value & 1)); }

/// Takes values off the front of bytes. Never reads beyond them: after a fault it gives zeros and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto c = byte();
      if (shift == 63 && c > 1) break;
      value |= std::uint64_t{c & 0x7fu} << shift;
      if (c < 0x80) return ok_ ? value : 0;
    }
    ok_ = false;
    return 0;
  }

  unsigned char byte() {
    const auto one = take(1);
    return one.empty() ? 0 : static_cast<unsigned char>(one[0]);
  }

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  /// The caller found what it read to be impossible.
  void fault() { take(~std::uint64_t{0}); }

  std::size_t left() const { return bytes_.size(); }
  bool ok() const { return ok_; }
  bool done() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace anlan
