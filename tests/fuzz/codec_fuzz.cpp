// Any bytes are a message or an error; a message that was taken can be said again, and is then the same.
#include <cstdint>

#include "common/wire/codec.hpp"
#include "common/wire/command.hpp"
#include "common/wire/frame.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

void frame(std::string_view bytes) {
  const auto unpacked = anlan::unpack_frame(bytes);
  if (unpacked) ANLAN_EXPECT(unpacked->size() <= anlan::kMaxFrameUnpacked);
  const auto message = anlan::decode(bytes);
  if (!message) return;
  ANLAN_EXPECT(unpacked.has_value());
  const auto again = anlan::encode(*message);
  if (!again) {  // ours may be a little longer
    ANLAN_EXPECT(again.error().code == anlan::Errc::too_large);
    return;
  }
  const auto same = anlan::decode(*again);
  ANLAN_EXPECT(same.has_value());
  ANLAN_EXPECT(anlan::encode(*same) == *again);  // by bytes: NaN is not equal to itself
}

/// An order of the centre: what reads back is the same again.
void order(std::string_view bytes) {
  const auto packed = anlan::unpack_command(bytes);
  if (!packed) return;
  const auto command = anlan::decode_command(packed->command);
  if (!command) return;
  const auto same = anlan::decode_command(anlan::encode_command(*command));
  ANLAN_EXPECT(same.has_value() && *same == *command);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  frame(bytes);
  order(bytes);
  order('\xC1' + bytes);
  if (size < anlan::kMaxFramePacked) frame('\xA1' + bytes);  // past the packing, where a fuzzer would hardly get
  return 0;
}
