// Answers to reads, writes and identifications, as a hostile device may send them: whatever is taken is what was asked
// for, and says again what the bytes say.
#include <algorithm>

#include "common/base/utf8.hpp"
#include "edge/sensor/modbus_pdu.hpp"
#include "tests/fuzz/expect.hpp"

using namespace anlan;
using namespace anlan::edge;

namespace {

void reads(ByteView answer) {
  for (const Table table : {Table::coils, Table::discrete_inputs, Table::holding_registers, Table::input_registers})
    for (const int count : {1, 2, 9, 125}) {
      const auto words = decode(ReadRequest{.unit = 1, .table = table, .address = 0, .count = count}, answer);
      if (words) ANLAN_EXPECT(words->size() == static_cast<std::size_t>(count));
    }
}

void writes(ByteView answer) {
  const WriteRequest requests[] = {
      {.unit = 1, .table = Table::coils, .address = 5, .values = {1}},
      {.unit = 1, .table = Table::holding_registers, .address = 5, .values = {0x1234}},
      {.unit = 1, .table = Table::coils, .address = 5, .values = {1, 0, 1}},
      {.unit = 1, .table = Table::holding_registers, .address = 5, .values = {1, 2}},
  };
  for (const WriteRequest& request : requests) {
    const Bytes sent = encode(request);
    if (decode(request, answer)) ANLAN_EXPECT(std::ranges::equal(answer, ByteView(sent).first(5)));
  }
}

void identifications(ByteView answer) {
  using Read = IdentifyRequest::Read;
  for (const Read read : {Read::basic, Read::regular, Read::extended, Read::object}) {
    Identification found;
    const auto next = decode(IdentifyRequest{.unit = 1, .read = read, .object = 2}, 2, answer, found);
    if (!next) continue;
    for (const auto& [number, text] : found.objects)
      ANLAN_EXPECT(valid_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20; }));
    if (*next) ANLAN_EXPECT(**next > 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView answer(data, size);
  reads(answer);
  writes(answer);
  identifications(answer);
  return 0;
}
