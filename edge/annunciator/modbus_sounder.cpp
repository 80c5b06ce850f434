#include "edge/annunciator/modbus_sounder.hpp"

namespace anlan::edge {

boost::asio::awaitable<Result<void>> ModbusSounder::show(const AnnunciatorOutput& output) {
  struct Write {
    const char* what;
    std::optional<std::uint16_t> address;
    Table table;
    std::uint16_t value;
    bool is_beat = false;
  };
  const Write writes[] = {
      {"coil", settings_.coil, Table::coils, static_cast<std::uint16_t>(output.sound)},
      {"level register", settings_.level_register, Table::holding_registers, static_cast<std::uint16_t>(output.level)},
      {"heartbeat register", settings_.heartbeat_register, Table::holding_registers, output.beat, true},
  };
  Result<void> result;
  for (const Write& write : writes) {
    if (!write.address || (write.is_beat && !result)) continue;
    const WriteRequest request{.unit = settings_.unit,
                               .table = write.table,
                               .address = *write.address,
                               .values = {write.value},
                               .timeout = settings_.timeout};
    const auto done = co_await bus_.write(request);
    if (done) continue;
    if (result) result = fail(to_error(done.error()).within("writing its " + std::string(write.what)));
    if (done.error().kind != BusError::Kind::exception) break;
  }
  co_return result;
}

}  // namespace anlan::edge
