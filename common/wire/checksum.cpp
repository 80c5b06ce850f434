#include "common/wire/checksum.hpp"

#include <xxhash.h>

namespace anlan {
namespace {

void put(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

std::uint64_t checksum(std::string_view edge, const Record& record) {
  std::string head;
  head.reserve(80 + edge.size());
  put(head, edge.size());
  head += edge;
  put(head, record.id.place.epoch.high);
  put(head, record.id.place.epoch.low);
  put(head, static_cast<std::uint64_t>(record.id.place.stream));
  put(head, record.id.sequence);
  put(head, static_cast<std::uint64_t>(record.kind));
  put(head, static_cast<std::uint64_t>(to_ms(record.wall)));
  put(head, static_cast<std::uint64_t>(to_ms(record.mono)));
  put(head, static_cast<std::uint64_t>(record.clock));
  put(head, record.samples);
  const auto seed = XXH3_64bits(head.data(), head.size());
  return XXH3_64bits_withSeed(record.payload.data(), record.payload.size(), seed);
}

DefinitionHash hash128(std::string_view bytes) {
  const auto h = XXH3_128bits(bytes.data(), bytes.size());
  return {h.high64, h.low64};
}

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace anlan
