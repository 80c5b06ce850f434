#include "edge/box/box_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/statvfs.h>

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

/// At most 64 KiB; empty where it cannot be read.
std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::string text(65536, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

std::string line_of(const fs::path& file) {
  const std::string text = text_of(file);
  return text.substr(0, text.find('\n'));
}

/// In order of their names, so that the same sensor is taken each time.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
    found.push_back(at->path());
  std::ranges::sort(found);
  return found;
}

std::vector<ThermalSensor> sensors(const fs::path& sys) {
  std::vector<ThermalSensor> found;
  for (const fs::path& zone : entries(sys / "class/thermal"))
    if (zone.filename().string().starts_with("thermal_zone"))
      found.push_back({line_of(zone / "type"), line_of(zone / "temp")});
  for (const fs::path& chip : entries(sys / "class/hwmon"))
    found.push_back({line_of(chip / "name"), line_of(chip / "temp1_input")});
  return found;
}

void read_disk(const std::string& data_dir, BoxFacts& facts) {
  struct statvfs disk{};
  if (statvfs(data_dir.c_str(), &disk) != 0 || disk.f_frsize == 0) return;
  const double unit = static_cast<double>(disk.f_frsize) / (1 << 20);
  const double free = static_cast<double>(disk.f_bavail) * unit,
               used = static_cast<double>(disk.f_blocks - disk.f_bfree) * unit;
  fact(facts, BoxPoint::disk_free) = free;
  if (used + free > 0) fact(facts, BoxPoint::disk_used) = 100 * used / (used + free);
}

}  // namespace

BoxFacts read_box(const BoxPaths& paths) {
  BoxFacts facts;
  const fs::path proc = paths.proc;
  fact(facts, BoxPoint::cpu_temperature) = cpu_temperature(sensors(paths.sys));
  fact(facts, BoxPoint::memory_available) = memory_available(text_of(proc / "meminfo"));
  fact(facts, BoxPoint::load) = load_per_processor(text_of(proc / "loadavg"), std::thread::hardware_concurrency());
  fact(facts, BoxPoint::uptime) = uptime(text_of(proc / "uptime"));
  read_disk(paths.data_dir, facts);
  return facts;
}

}  // namespace anlan::edge
