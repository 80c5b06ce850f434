#include "edge/sensor/modbus_frame.hpp"

#include <algorithm>

namespace anlan::edge {
namespace {

constexpr std::size_t kHeader = 7;  // up to and with the unit

std::uint8_t high(int word) { return static_cast<std::uint8_t>(word >> 8); }
std::uint8_t low(int word) { return static_cast<std::uint8_t>(word & 0xFF); }
int word(std::span<const std::uint8_t> bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

int read_function(Table table) {
  switch (table) {
    case Table::coils:
      return 1;
    case Table::discrete_inputs:
      return 2;
    case Table::holding_registers:
      return 3;
    case Table::input_registers:
      return 4;
  }
  return 0;
}
int write_function(Table table) { return table == Table::coils ? 5 : 6; }
int write_value(const WriteRequest& r) { return r.table == Table::coils ? (r.value != 0 ? 0xFF00 : 0) : r.value; }

RequestFrame frame(std::uint16_t transaction, int unit, int function, int address, int value) {
  return {high(transaction), low(transaction), 0,           0,         0, 6, low(unit), low(function),
          high(address),     low(address),     high(value), low(value)};
}

std::unexpected<BusError> malformed(const std::string& what) {
  return std::unexpected(BusError{BusError::Kind::malformed, 0, "malformed answer: " + what});
}

std::unexpected<BusError> refused(int code) {
  const bool gateway = code == 10 || code == 11;
  return std::unexpected(
      BusError{gateway ? BusError::Kind::no_answer : BusError::Kind::exception, code,
               "exception " + std::to_string(code) + " (" + std::string(exception_name(code)) + ")"});
}

/// The answer's data after the function code, once everything in front of it is what was asked for.
BusResult<std::span<const std::uint8_t>> open(std::span<const std::uint8_t> answer, std::uint16_t transaction, int unit,
                                              int function) {
  if (answer.size() < kHeader + 2) return malformed(std::to_string(answer.size()) + " bytes");
  if (word(answer, 0) != transaction)
    return malformed("of transaction " + std::to_string(word(answer, 0)) + ", asked was " +
                     std::to_string(transaction));
  if (word(answer, 2) != 0) return malformed("protocol " + std::to_string(word(answer, 2)));
  if (static_cast<std::size_t>(word(answer, 4)) + 6 != answer.size())
    return malformed("its length says " + std::to_string(word(answer, 4)) + ", there are " +
                     std::to_string(answer.size() - 6) + " bytes");
  if (answer[6] != unit)
    return malformed("from unit " + std::to_string(answer[6]) + ", asked was unit " + std::to_string(unit));
  if (answer[7] == (function | 0x80)) return refused(answer[8]);
  if (answer[7] != function)
    return malformed("function " + std::to_string(answer[7]) + ", asked was " + std::to_string(function));
  return answer.subspan(kHeader + 1);
}

}  // namespace

RequestFrame encode(const ReadRequest& r, std::uint16_t transaction) {
  return frame(transaction, r.unit, read_function(r.table), r.address, r.count);
}

RequestFrame encode(const WriteRequest& r, std::uint16_t transaction) {
  return frame(transaction, r.unit, write_function(r.table), r.address, write_value(r));
}

BusResult<std::vector<std::uint16_t>> decode(const ReadRequest& r, std::uint16_t transaction,
                                             std::span<const std::uint8_t> answer) {
  const auto data = open(answer, transaction, r.unit, read_function(r.table));
  if (!data) return std::unexpected(data.error());
  const auto count = static_cast<std::size_t>(r.count);
  const std::size_t bytes = is_bits(r.table) ? (count + 7) / 8 : count * 2;
  if ((*data)[0] != bytes || data->size() != bytes + 1)
    return malformed(std::to_string(data->size() - 1) + " bytes of data, " + std::to_string(bytes) + " were asked for");
  std::vector<std::uint16_t> words(count);
  for (std::size_t i = 0; i < count; ++i)
    words[i] =
        is_bits(r.table) ? (*data)[1 + i / 8] >> (i % 8) & 1 : static_cast<std::uint16_t>(word(*data, 1 + 2 * i));
  return words;
}

BusResult<void> decode(const WriteRequest& r, std::uint16_t transaction, std::span<const std::uint8_t> answer) {
  const auto data = open(answer, transaction, r.unit, write_function(r.table));
  if (!data) return std::unexpected(data.error());
  const RequestFrame sent = encode(r, transaction);
  if (!std::equal(data->begin(), data->end(), sent.begin() + kHeader + 1, sent.end()))
    return malformed("the device confirms another address or value than was written");
  return {};
}

}  // namespace anlan::edge
