// Any text is a valid configuration or a list of faults; a valid one is whole.
#include <cstdint>

#include "collector/app/config.hpp"
#include "edge/app/config.hpp"
#include "tests/fuzz/faults.hpp"

namespace {

void edge(const anlan::Document& document) {
  const auto config = anlan::edge::read_config(document);
  if (!config) return anlan::fuzz::expect_sound(config.error());
  ANLAN_EXPECT(anlan::valid_name(config->id) && anlan::valid_name(config->site));
  ANLAN_EXPECT(!config->data_dir.empty() && !config->uplink.broker.empty());
  ANLAN_EXPECT(!config->devices.empty());
  const std::size_t points = config->definition->points.size(), origins = config->origins.size();
  ANLAN_EXPECT(config->box ? points > origins : points == origins);  // the box has no profile file
  for (const auto& point : config->definition->points) {
    ANLAN_EXPECT(anlan::PointPath::parse(point.path.str()).has_value());
    ANLAN_EXPECT(point.period.count() >= 5);
  }
}

void collector(const anlan::Document& document) {
  const auto config = anlan::collector::read_config(document);
  if (!config) return anlan::fuzz::expect_sound(config.error());
  ANLAN_EXPECT(!config->data_dir.empty() && !config->broker.empty() && !config->listen.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = std::string(ANLAN_SOURCE_DIR) + "/tests/golden/config/fuzz.toml";  // beside real profiles
  const auto document = anlan::Document::parse({reinterpret_cast<const char*>(data), size}, file);
  if (!document) {
    anlan::fuzz::expect_sound({document.error()});
    return 0;
  }
  edge(*document);
  collector(*document);
  return 0;
}
