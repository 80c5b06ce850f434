// Where telemetry is kept: the table [telemetry].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/config/section.hpp"

namespace anlan::collector {

struct TelemetryConfig {
  enum class Engine { sqlite, victoria } engine = Engine::sqlite;

  // of VictoriaMetrics
  std::string write_url, read_url;        // without a slash at their end
  std::vector<std::string> storage_urls;  // of each storing process
  std::string user, password_file, token_file, auth_key_file, ca_file;
  std::uint64_t journal_max_bytes = std::uint64_t{4} << 30;
  Millis flush{10'000};  // how often the journal is moved; 0, of no configuration: never
};

/// The database that lies in data_dir: telemetry.db, or the engine's journal victoria.db.
const char* telemetry_file(const TelemetryConfig& config);

void read_telemetry(Section& section, TelemetryConfig& config);

}  // namespace anlan::collector
