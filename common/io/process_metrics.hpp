// The standard metrics of a process (process_*), read from /proc, and the room on a disk.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/metrics.hpp"

namespace anlan {

inline constexpr std::array kProcessMetrics{
    MetricInfo{"process_cpu_seconds_total", MetricInfo::Type::counter, "user and system CPU time spent, in seconds"},
    MetricInfo{"process_resident_memory_bytes", MetricInfo::Type::gauge, "resident memory"},
    MetricInfo{"process_virtual_memory_bytes", MetricInfo::Type::gauge, "virtual memory"},
    MetricInfo{"process_open_fds", MetricInfo::Type::gauge, "open file descriptors"},
    MetricInfo{"process_max_fds", MetricInfo::Type::gauge, "file descriptors that it may open"},
    MetricInfo{"process_start_time_seconds", MetricInfo::Type::gauge, "when the process started, since 1970"},
};

/// What /proc/self/stat says, in its own units (proc(5)).
struct ProcessStat {
  double cpu_ticks = 0, start_ticks = 0;  // of sysconf(_SC_CLK_TCK); since the process's, the machine's start
  double virtual_bytes = 0, resident_pages = 0;
};

/// nullopt where the text is none of that form.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// Sets all of kProcessMetrics at each read from now on. What /proc does not say stays as it was.
void serve_process_metrics(Metrics& metrics);

/// Room for this user on the file system of `folder`; nullopt where it cannot be asked.
std::optional<double> free_bytes(const std::string& folder);

/// Size of a file; 0 where there is none.
double file_bytes(const std::string& file);

}  // namespace anlan
