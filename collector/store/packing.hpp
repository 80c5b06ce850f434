// Bytes of the telemetry files: varints, and byte streams packed by zstd or run length where that is shorter.
// docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace anlan::collector {

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

  std::uint64_t varint();
  unsigned char byte();
  std::string_view take(std::uint64_t size);
  bool ok() const { return ok_; }
  bool done() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

enum class Effort {
  none,   // for small parts of something that is packed as a whole
  quick,  // for what is rewritten soon
  tight,  // for what stays
};

/// Appends `bytes` so that unpack() finds them again.
void pack(std::string& out, std::string_view bytes, Effort effort);

/// Takes a packed stream of at most `most` bytes off the reader; sets its fault where there is none.
std::string unpack(ByteReader& in, std::uint64_t most);

}  // namespace anlan::collector
