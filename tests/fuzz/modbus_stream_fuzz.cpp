// Streams of bytes through both guards, in any cut and with any pause: an answer is taken only where its whole frame,
// of this unit (and transaction, or with the right CRC), arrived after the question.
//
//   input = mode:1 (size:1 bytes)*     bit 0 of mode: RTU; size: bit 7 silence after the piece, bit 6 asks anew first
#include <algorithm>
#include <memory>

#include "edge/sensor/modbus_frame.hpp"
#include "edge/sensor/modbus_guard.hpp"
#include "tests/fuzz/expect.hpp"

using namespace anlan;
using namespace anlan::edge;

namespace {

constexpr int kUnit = 3;
constexpr std::uint16_t kFirst = 6;

bool holds(const Bytes& all, const Bytes& part) { return !std::ranges::search(all, part).empty(); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool rtu = (data[0] & 1) != 0;
  const ModbusGuard::Dropped ignore = [](std::string_view kind) { ANLAN_EXPECT(!kind.empty()); };
  std::unique_ptr<ModbusGuard> guard;
  if (rtu)
    guard = std::make_unique<RtuGuard>(ignore);
  else
    guard = std::make_unique<TcpGuard>(ignore, kFirst);

  const Bytes question{3, 0, 0, 0, 2};
  std::uint16_t transaction = kFirst + 1;
  guard->ask(kUnit, question, {});
  Bytes since;  // the question
  bool waiting = true;
  for (ByteView rest(data + 1, size - 1); !rest.empty();) {
    const std::uint8_t head = rest[0];
    rest = rest.subspan(1);
    if ((head & 0x40) != 0) {
      if (waiting) guard->give_up();
      if (!guard->in_step()) guard->reset();
      guard->ask(kUnit, question, {});
      ++transaction;
      since.clear();
      waiting = true;
    }
    const std::size_t piece = std::min<std::size_t>(head & 0x3F, rest.size());
    guard->feed(rest.first(piece));
    since.insert(since.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(piece));
    rest = rest.subspan(piece);
    if (!waiting) continue;
    const auto answer = guard->next((head & 0x80) != 0);
    waiting = answer && !*answer;
    if (!answer || !*answer) continue;
    Bytes frame_of_it;
    if (rtu) {
      frame_of_it = {kUnit};
      frame_of_it.insert(frame_of_it.end(), (*answer)->begin(), (*answer)->end());
      const std::uint16_t crc = modbus_crc(frame_of_it);
      frame_of_it.insert(frame_of_it.end(),
                         {static_cast<std::uint8_t>(crc & 0xFF), static_cast<std::uint8_t>(crc >> 8)});
    } else {
      frame_of_it = frame(transaction, kUnit, **answer);
    }
    ANLAN_EXPECT(holds(since, frame_of_it));
  }
  return 0;
}
