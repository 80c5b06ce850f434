// Numbers of 0 to 64 bits each, one after the other, lowest bit first; the last byte is filled up with zeros.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace anlan::wire {

class BitWriter {
 public:
  /// Appends to `out`.
  explicit BitWriter(std::string& out) : out_(out) {}

  /// `number` has no bit beyond `width`.
  void put(std::uint64_t number, unsigned width) {
    if (width == 0) return;
    bits_ |= number << used_;
    if (used_ + width < 64) {
      used_ += width;
      return;
    }
    put_word(8);
    const unsigned taken = 64 - used_;
    bits_ = taken == 64 ? 0 : number >> taken;
    used_ = width - taken;
  }

  /// Call once, after the last.
  void end() { put_word((used_ + 7) / 8); }

 private:
  void put_word(unsigned bytes) {
    char text[8];
    for (unsigned i = 0; i < 8; ++i) text[i] = static_cast<char>(bits_ >> (8 * i));
    out_.append(text, bytes);
  }

  std::string& out_;
  std::uint64_t bits_ = 0;
  unsigned used_ = 0;
};

/// Gives zeros after the end of the bytes.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t get(unsigned width) {
    if (width <= left_) {
      const std::uint64_t number = bits_ & mask(width);
      bits_ = width == 64 ? 0 : bits_ >> width;
      left_ -= width;
      return number;
    }
    const std::uint64_t next = next_word();
    const std::uint64_t number = (bits_ | next << left_) & mask(width);
    const unsigned taken = width - left_;
    bits_ = taken == 64 ? 0 : next >> taken;
    left_ = 64 - taken;
    return number;
  }

 private:
  static constexpr std::uint64_t mask(unsigned width) {
    return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  }

  std::uint64_t next_word() {
    const std::size_t size = std::min<std::size_t>(8, bytes_.size());
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
    bytes_.remove_prefix(size);
    return word;
  }

  std::string_view bytes_;
  std::uint64_t bits_ = 0;
  unsigned left_ = 0;  // below 64
};

}  // namespace anlan::wire
