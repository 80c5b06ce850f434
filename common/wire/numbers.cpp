#include "common/wire/numbers.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "common/wire/bits.hpp"

namespace anlan::wire {
namespace {

constexpr std::size_t kBlock = 32;  // a full block ends with a whole byte, whatever its width

}  // namespace

void put_numbers(std::string& out, std::span<const std::int64_t> numbers) {
  std::string packed;
  BitWriter bits(packed);
  for (; !numbers.empty(); numbers = numbers.subspan(std::min(kBlock, numbers.size()))) {
    const auto block = numbers.first(std::min(kBlock, numbers.size()));
    const auto [least, most] = std::ranges::minmax(block);
    const auto base = static_cast<std::uint64_t>(least);
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(most) - base));
    put_varint(out, zigzag(base));
    out += static_cast<char>(width);
    for (const std::int64_t number : block) bits.put(static_cast<std::uint64_t>(number) - base, width);
  }
  bits.end();
  out += packed;
}

void get_numbers(ByteReader& in, std::span<std::int64_t> numbers) {
  struct Head {
    std::uint64_t base;
    unsigned width;
  };
  std::vector<Head> heads((numbers.size() + kBlock - 1) / kBlock);
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    heads[i].base = unzigzag(in.varint());
    heads[i].width = in.byte();
    if (heads[i].width > 64) return in.fault();
    size += heads[i].width * std::min(kBlock, numbers.size() - i * kBlock);
  }
  BitReader bits(in.take((size + 7) / 8));
  if (!in.ok()) return;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Head& head = heads[i / kBlock];
    numbers[i] = static_cast<std::int64_t>(head.base + bits.get(head.width));
  }
}

}  // namespace anlan::wire
