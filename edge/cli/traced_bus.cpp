#include "edge/cli/traced_bus.hpp"

#include <algorithm>
#include <cstdio>
#include <ranges>

namespace anlan::edge {
namespace {

struct Numbering {
  std::string_view name;
  int digit;
};

Numbering numbering(Table table) {
  switch (table) {
    case Table::coils:
      return {"coil", 0};
    case Table::discrete_inputs:
      return {"discrete", 1};
    case Table::input_registers:
      return {"input", 3};
    default:
      return {"holding", 4};
  }
}

std::string number_of(Table table, int address) {
  char text[16];
  const int number = address + 1;
  std::snprintf(text, sizeof text, number > 9999 ? "%d%05d" : "%d%04d", numbering(table).digit, number);
  return text;
}

}  // namespace

std::string TracedRead::error_text() const {
  const BusError& error = result.error();
  if (error.kind != BusError::Kind::exception) return error.message;
  std::string text = "refused with exception " + std::to_string(error.exception_code) + ", " +
                     std::string(exception_name(error.exception_code));
  if (error.exception_code == 1) text += ": it knows no such function; are these another kind of registers there?";
  if (error.exception_code == 2)
    text += ": it has no such register; does the profile describe this device and its firmware?";
  if (error.exception_code == 3) text += ": so many registers at once are too many for it; say so in the profile";
  if (error.exception_code == 4) text += ": it is broken inside; switch it off and on";
  if (error.exception_code == 6) text += ": it is busy; try again";
  return text;
}

boost::asio::awaitable<BusResult<Words>> TracedBus::read(ReadRequest request) {
  const MonoTime begun = clock_.mono();
  auto result = co_await bus_->read(request);
  trace_.push_back({request, clock_.mono() - begun, result});
  co_return result;
}

boost::asio::awaitable<BusResult<void>> TracedBus::write(WriteRequest request) {
  co_return co_await bus_->write(std::move(request));
}

boost::asio::awaitable<BusResult<Identification>> TracedBus::identify(IdentifyRequest request) {
  co_return co_await bus_->identify(request);
}

std::string register_name(Table table, std::uint16_t address) {
  return std::string(numbering(table).name) + " " + number_of(table, address);
}

std::string register_names(Table table, std::uint16_t address, int count) {
  std::string text = register_name(table, address);
  if (count > 1) text += " to " + number_of(table, address + count - 1);
  return text;
}

std::string words_text(std::span<const std::uint16_t> words, std::size_t most) {
  std::string text;
  for (const std::uint16_t word : words.first(std::min(most, words.size()))) {
    char one[8];
    std::snprintf(one, sizeof one, "0x%04x", unsigned{word});
    text += (text.empty() ? "" : " ") + std::string(one);
  }
  return words.size() > most ? text + " …" : text;
}

Words traced_words(const std::vector<TracedRead>& trace, int unit, const ModbusSource& source) {
  const int count = source.count();
  for (const TracedRead& read : std::views::reverse(trace)) {
    const ReadRequest& request = read.request;
    const int offset = source.address - request.address;
    if (!read.result || request.unit != unit || request.table != source.table || offset < 0 ||
        offset + count > static_cast<int>(read.result->size()))
      continue;
    const auto first = read.result->begin() + offset;
    return {first, first + count};
  }
  return {};
}

}  // namespace anlan::edge
