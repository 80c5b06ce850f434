// Any bytes are a message or an error; a message that was taken can be said again, and is then the same.
#include <cstdint>

#include <anlan.pb.h>

#include "common/wire/codec.hpp"
#include "common/wire/columns.hpp"
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
  const auto columns = anlan::encode_in_columns(*message);
  ANLAN_EXPECT(columns.has_value());
  const auto from_columns = anlan::decode(*columns);
  ANLAN_EXPECT(from_columns.has_value());
  ANLAN_EXPECT(anlan::encode(*from_columns) == *again);  // whichever way it went
}

/// The input as the body of a frame in columns, of as many records as its first byte says.
void columns(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t records = static_cast<unsigned char>(bytes[0]) % 16;
  anlan::v1::Envelope envelope;
  auto& batch = *envelope.mutable_columns();
  batch.set_epoch(std::string(16, 'e'));
  for (std::size_t i = 0; i < records; ++i) {
    batch.add_sequence_steps(1);
    batch.add_wall_steps(1000);
    batch.add_mono_steps(0);
    batch.add_checksums(i);
  }
  batch.set_samples(anlan::wire::kColumns + std::string(1, static_cast<char>(records)) + std::string(bytes.substr(1)));
  if (const auto packed = anlan::pack_frame(envelope.SerializeAsString())) frame(*packed);
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
  columns(bytes);
  if (size < anlan::kMaxFramePacked) frame('\xA1' + bytes);  // past the packing, where a fuzzer would hardly get
  return 0;
}
