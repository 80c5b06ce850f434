// Any bytes are a payload of each kind or an error; one that was taken can be encoded, and is then the same.
#include <cstdint>

#include "common/wire/codec.hpp"
#include "common/wire/columns.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

template <class Decode>
void payload(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string again = anlan::encode_payload(*value);
  const auto same = decode(again);
  ANLAN_EXPECT(same.has_value());
  ANLAN_EXPECT(anlan::encode_payload(*same) == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto samples = [](std::string_view some) { return anlan::decode_samples(some); };
  payload(bytes, samples);
  payload(bytes, anlan::decode_alert);
  payload(bytes, anlan::decode_gap);
  payload(bytes, anlan::decode_start);
  payload(bytes, anlan::decode_edge_event);
  payload(bytes, anlan::decode_definition);
  payload(anlan::wire::kColumns + std::string("\1definition hash!") + std::string(bytes), samples);  // past the head
  const auto some = anlan::decode_samples(bytes, 1000);
  if (some) ANLAN_EXPECT(some->samples.size() <= 1000);
  return 0;
}
