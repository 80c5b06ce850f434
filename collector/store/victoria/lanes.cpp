#include "collector/store/victoria/lanes.hpp"

#include "common/base/bytes.hpp"

namespace anlan::collector::victoria {

std::string Lanes::bytes() const {
  std::string out;
  for (const std::int64_t time : last_) put_varint(out, zigzag(static_cast<std::uint64_t>(time)));
  return out;
}

Result<Lanes> Lanes::parse(std::string_view bytes) {
  ByteReader in(bytes);
  Lanes lanes;
  while (in.ok() && !in.done() && lanes.last_.size() < kMostLanes)
    lanes.last_.push_back(static_cast<std::int64_t>(unzigzag(in.varint())));
  if (in.ok() && in.done()) return lanes;
  return fail(Errc::malformed, "the last times of a point's series do not decode");
}

}  // namespace anlan::collector::victoria
