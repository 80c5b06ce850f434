// Where a [[point]] of a firmware profile finds its value; the grammar is in profile_file.hpp.
#pragma once

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct SourceReading {
  bool known = false;  // the source means something already: what is given changes it, nothing is required
  int most_registers = kMaxValueRegisters;  // of a text
};

/// table, address, type, length, order, bit or bits over `source`; and that they fit each other. A new type of a known
/// source forgets its bits.
void read_modbus_source(Section& section, const SourceReading& how, ModbusSource& source);

MqttSource read_mqtt_source(Section& section);

/// Key "table": coils, discrete, holding or input.
void read_table(Section& section, bool required, Table& out);

constexpr bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

}  // namespace anlan::edge
