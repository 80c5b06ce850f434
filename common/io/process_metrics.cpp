#include "common/io/process_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

namespace anlan {
namespace {

std::string contents(const char* file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Seconds since 1970 at which the machine started.
double boot_time() {
  std::ifstream in("/proc/stat");
  for (std::string word; in >> word;)
    if (double at = 0; word == "btime" && in >> at) return at;
  return 0;
}

double open_files() {
  std::error_code failed;
  const std::filesystem::directory_iterator all("/proc/self/fd", failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(all), end(all))) - 1;  // one is this look's own
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  const auto name_end = text.rfind(')');  // the program's name may hold blanks and brackets
  if (name_end == text.npos) return std::nullopt;
  std::istringstream in{std::string(text.substr(name_end + 1))};
  constexpr int kUserTime = 14, kSystemTime = 15, kStart = 22, kVirtual = 23, kResident = 24;
  ProcessStat stat;
  std::string field;
  for (int number = 3; number <= kResident; ++number) {
    if (!(in >> field)) return std::nullopt;
    if (number < kUserTime) continue;
    char* end = nullptr;
    const double value = std::strtod(field.c_str(), &end);
    if (*end != '\0') return std::nullopt;
    if (number == kUserTime || number == kSystemTime) stat.cpu_ticks += value;
    if (number == kStart) stat.start_ticks = value;
    if (number == kVirtual) stat.virtual_bytes = value;
    if (number == kResident) stat.resident_pages = value;
  }
  return stat;
}

void serve_process_metrics(Metrics& metrics) {
  metrics.declare(kProcessMetrics);
  auto refresh = [&cpu = metrics.at(kProcessMetrics[0]), &resident = metrics.at(kProcessMetrics[1]),
                  &virtual_memory = metrics.at(kProcessMetrics[2]), &open = metrics.at(kProcessMetrics[3]),
                  &most_open = metrics.at(kProcessMetrics[4]), &start = metrics.at(kProcessMetrics[5]),
                  booted = boot_time()] {
    const auto stat = parse_process_stat(contents("/proc/self/stat"));
    if (!stat) return;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    cpu.set(stat->cpu_ticks / ticks);
    start.set(booted + stat->start_ticks / ticks);
    resident.set(stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
    virtual_memory.set(stat->virtual_bytes);
    open.set(open_files());
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) most_open.set(static_cast<double>(limit.rlim_cur));
  };
  metrics.on_read(std::move(refresh));
}

std::optional<double> free_bytes(const std::string& folder) {
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed) return std::nullopt;
  return static_cast<double>(space.available);
}

double file_bytes(const std::string& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  return failed ? 0 : static_cast<double>(size);
}

}  // namespace anlan
