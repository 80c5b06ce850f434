#include "collector/store/sealing.hpp"

#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kSeal = 8;

void put_le(std::string& out, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
}

/// Over the bytes' own checksum, so that they are not copied.
std::uint64_t sum_of(std::string_view bytes, std::int64_t row, std::int64_t part) {
  std::string parts;
  put_le(parts, hash64(bytes));
  put_le(parts, static_cast<std::uint64_t>(row));
  put_le(parts, static_cast<std::uint64_t>(part));
  return hash64(parts);
}

}  // namespace

std::string seal(std::string bytes, std::int64_t row, std::int64_t part) {
  const std::uint64_t sum = sum_of(bytes, row, part);
  put_le(bytes, sum);
  return bytes;
}

Result<std::string_view> unseal(std::string_view sealed, std::int64_t row, std::int64_t part) {
  if (sealed.size() < kSeal) return fail(Errc::storage_corrupt, "a block of samples is cut short");
  const auto bytes = sealed.substr(0, sealed.size() - kSeal);
  std::string sum;
  put_le(sum, sum_of(bytes, row, part));
  if (sealed.substr(bytes.size()) != sum) return fail(Errc::storage_corrupt, "a block of samples fails its checksum");
  return bytes;
}

}  // namespace anlan::collector
