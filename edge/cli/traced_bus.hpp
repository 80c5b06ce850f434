// A bus that remembers what was asked and what came, for the technician who wants to see it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::edge {

struct TracedRead {
  ReadRequest request;
  Millis took{};
  BusResult<Words> result;
  /// What went wrong, and for a refusal what that means. REQUIRES a failure.
  std::string error_text() const;
};

/// On the strand of `bus`. `clock` and `trace` outlive it.
class TracedBus final : public Bus {
 public:
  TracedBus(std::unique_ptr<Bus> bus, const Clock& clock, std::vector<TracedRead>& trace)
      : bus_(std::move(bus)), clock_(clock), trace_(trace) {}

  boost::asio::awaitable<BusResult<Words>> read(ReadRequest request) override;
  boost::asio::awaitable<BusResult<void>> write(WriteRequest request) override;
  boost::asio::awaitable<BusResult<Identification>> identify(IdentifyRequest request) override;

 private:
  std::unique_ptr<Bus> bus_;
  const Clock& clock_;
  std::vector<TracedRead>& trace_;
};

/// "holding 40001", "input 30108", "coil 00017", "discrete 10001" as makers' manuals number them; six digits above
/// 9999: "holding 465536".
std::string register_name(Table table, std::uint16_t address);

/// "holding 40001 to 40005", or one register's name.
std::string register_names(Table table, std::uint16_t address, int count);

/// "0x0055 0x0002", at most `most` of them and then "…".
std::string words_text(std::span<const std::uint16_t> words, std::size_t most);

/// What this unit answered for these registers; empty where no answer in the trace holds them. The newest counts.
Words traced_words(const std::vector<TracedRead>& trace, int unit, const ModbusSource& source);

}  // namespace anlan::edge
