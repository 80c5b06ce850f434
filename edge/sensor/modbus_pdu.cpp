#include "edge/sensor/modbus_pdu.hpp"

#include <algorithm>

#include "common/base/utf8.hpp"

namespace anlan::edge {
namespace {

constexpr int kGatewayPath = 10, kGatewayTarget = 11;

std::uint8_t high(int word) { return static_cast<std::uint8_t>(word >> 8); }
std::uint8_t low(int word) { return static_cast<std::uint8_t>(word & 0xFF); }
int word(ByteView bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }
bool is_multiple(const WriteRequest& r) { return r.multiple || r.values.size() > 1; }

std::uint8_t read_function(Table table) { return static_cast<std::uint8_t>(table); }
std::uint8_t write_function(const WriteRequest& r) {
  if (r.table == Table::coils) return is_multiple(r) ? 15 : 5;
  return is_multiple(r) ? 16 : 6;
}

std::unexpected<BusError> unusable(std::string what) {
  return std::unexpected(BusError{BusError::Kind::malformed, 0, "not asked: " + std::move(what), "not-asked"});
}

std::unexpected<BusError> malformed(const std::string& what, std::string_view cause = "malformed") {
  return std::unexpected(BusError{BusError::Kind::malformed, 0, "malformed answer: " + what, cause});
}

std::unexpected<BusError> refused(int code) {
  const bool gateway = code == kGatewayPath || code == kGatewayTarget;
  return std::unexpected(BusError{gateway ? BusError::Kind::no_answer : BusError::Kind::exception, code,
                                  "exception " + std::to_string(code) + " (" + std::string(exception_name(code)) + ")",
                                  gateway ? "gateway" : "exception"});
}

/// The answer's data after the function code, where it is of this function.
BusResult<ByteView> open(ByteView answer, std::uint8_t function) {
  if (answer.size() < 2) return malformed(std::to_string(answer.size()) + " bytes");
  if (answer[0] == (function | kExceptionBit)) {
    if (answer.size() != 2) return malformed("an exception of " + std::to_string(answer.size()) + " bytes");
    return refused(answer[1]);
  }
  if (answer[0] != function)
    return malformed("function " + std::to_string(answer[0]) + ", asked was " + std::to_string(function),
                     "wrong-function");
  return answer.subspan(1);
}

/// An object as text: what is no UTF-8 or a control character becomes '?', padding at the end goes.
std::string text_of(ByteView bytes) {
  std::string text(bytes.begin(), bytes.end());
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  const bool utf8 = valid_utf8(text);
  std::ranges::replace_if(text, [&](unsigned char c) { return c < 0x20 || c == 0x7F || (c >= 0x80 && !utf8); }, '?');
  return text;
}

}  // namespace

BusResult<void> validate(const ReadRequest& r) {
  const int most = is_bits(r.table) ? 2000 : 125;
  if (r.unit < 0 || r.unit > 255) return unusable("unit " + std::to_string(r.unit));
  if (r.count < 1 || r.count > most || r.address + r.count > 65536)
    return unusable(std::to_string(r.count) + " registers or bits from " + std::to_string(r.address));
  return {};
}

BusResult<void> validate(const WriteRequest& r) {
  const std::size_t most = is_bits(r.table) ? 1968 : 123;
  if (r.unit < 0 || r.unit > 255) return unusable("unit " + std::to_string(r.unit));
  if (r.table != Table::coils && r.table != Table::holding_registers) return unusable("inputs cannot be written");
  if (r.values.empty() || r.values.size() > most || r.address + r.values.size() > 65536)
    return unusable(std::to_string(r.values.size()) + " values from " + std::to_string(r.address));
  if (r.table == Table::coils && std::ranges::any_of(r.values, [](std::uint16_t v) { return v > 1; }))
    return unusable("a coil is 0 or 1");
  return {};
}

BusResult<void> validate(const IdentifyRequest& r) {
  if (r.unit < 0 || r.unit > 255) return unusable("unit " + std::to_string(r.unit));
  return {};
}

Bytes encode(const ReadRequest& r) {
  return {read_function(r.table), high(r.address), low(r.address), high(r.count), low(r.count)};
}

Bytes encode(const WriteRequest& r) {
  Bytes pdu{write_function(r), high(r.address), low(r.address)};
  if (!is_multiple(r)) {
    const int value = r.table == Table::coils ? (r.values.front() != 0 ? 0xFF00 : 0) : r.values.front();
    pdu.insert(pdu.end(), {high(value), low(value)});
    return pdu;
  }
  const auto count = static_cast<int>(r.values.size());
  const int bytes = r.table == Table::coils ? (count + 7) / 8 : 2 * count;
  pdu.insert(pdu.end(), {high(count), low(count), low(bytes)});
  const std::size_t first = pdu.size();
  pdu.resize(first + static_cast<std::size_t>(bytes));
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    if (r.table == Table::coils) {
      if (r.values[i] != 0) pdu[first + i / 8] = static_cast<std::uint8_t>(pdu[first + i / 8] | 1 << (i % 8));
    } else {
      pdu[first + 2 * i] = high(r.values[i]);
      pdu[first + 2 * i + 1] = low(r.values[i]);
    }
  }
  return pdu;
}

Bytes encode(const IdentifyRequest& r, std::uint8_t first) {
  return {kEncapsulated, kDeviceIdentification, static_cast<std::uint8_t>(r.read), first};
}

BusResult<Words> decode(const ReadRequest& r, ByteView answer) {
  const auto data = open(answer, read_function(r.table));
  if (!data) return std::unexpected(data.error());
  const auto count = static_cast<std::size_t>(r.count);
  const std::size_t bytes = is_bits(r.table) ? (count + 7) / 8 : count * 2;
  if ((*data)[0] != bytes || data->size() != bytes + 1)
    return malformed(std::to_string(data->size() - 1) + " bytes of data, " + std::to_string(bytes) + " were asked for",
                     "wrong-length");
  Words words(count);
  for (std::size_t i = 0; i < count; ++i)
    words[i] =
        is_bits(r.table) ? (*data)[1 + i / 8] >> (i % 8) & 1 : static_cast<std::uint16_t>(word(*data, 1 + 2 * i));
  return words;
}

/// All four functions confirm by the first four bytes of the request's data: address, and value or quantity.
BusResult<void> decode(const WriteRequest& r, ByteView answer) {
  const Bytes sent = encode(r);
  const auto data = open(answer, sent[0]);
  if (!data) return std::unexpected(data.error());
  if (!std::equal(data->begin(), data->end(), sent.begin() + 1, sent.begin() + 5))
    return malformed("the device confirms something else than was written", "wrong-confirmation");
  return {};
}

// 2B 0E read conformity more next count (number length text)*     (V1.1b3 §6.21)
BusResult<std::optional<std::uint8_t>> decode(const IdentifyRequest& r, std::uint8_t first, ByteView answer,
                                              Identification& out) {
  const auto data = open(answer, kEncapsulated);
  if (!data) return std::unexpected(data.error());
  if (data->size() < 6) return malformed("an identification of " + std::to_string(data->size()) + " bytes");
  if ((*data)[0] != kDeviceIdentification || (*data)[1] != static_cast<std::uint8_t>(r.read))
    return malformed("an identification of another kind than was asked for", "wrong-function");
  const bool more = (*data)[3] == 0xFF;
  const std::uint8_t next = (*data)[4];
  const int count = (*data)[5];
  Identification found{.conformity = (*data)[2], .objects = {}};
  ByteView rest = data->subspan(6);
  for (int i = 0; i < count; ++i) {
    if (rest.size() < 2 || rest.size() - 2 < rest[1]) return malformed("an identification that is cut", "wrong-length");
    found.objects[rest[0]] = text_of(rest.subspan(2, rest[1]));
    rest = rest.subspan(2 + std::size_t{rest[1]});
  }
  if (!rest.empty()) return malformed("an identification with bytes left over", "wrong-length");
  if (r.read == IdentifyRequest::Read::object && (found.objects.size() != 1 || !found.objects.contains(r.object)))
    return malformed("an identification by another object than was asked for", "wrong-function");
  out.conformity = found.conformity;
  out.objects.merge(found.objects);
  if (!more || r.read == IdentifyRequest::Read::object) return std::nullopt;
  if (next <= first) return malformed("an identification that goes in circles");
  return next;
}

}  // namespace anlan::edge
