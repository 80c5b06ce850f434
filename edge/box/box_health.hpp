// The health of the box that the edge runs on, as points of a device "box": what can be told from what the system says.
// A box that dies of cold says so before it dies, as any other sensor would. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/sample.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

inline constexpr std::string_view kBoxDevice = "box";

/// In the order of the points in box_profile().
enum class BoxPoint : std::uint8_t {
  cpu_temperature,   // Cel
  disk_free,         // MiB, that an unprivileged process may still take on data_dir's file system
  disk_used,         // %, of what such a process could have in all
  memory_available,  // MiB, as the kernel estimates it
  load,              // runnable processes over one minute, for each processor
  uptime,            // s, since the machine started
  clock_synced,      // 1: the system says that its wall clock is synchronised; 0: not
  clock_step,        // ms, by which the wall clock was set since the poll before
  buffer_due,        // records that the centre has not received yet
  buffer_size,       // MiB, of all that is held
  buffer_age,        // s, of the oldest record that the centre has not received; 0 where there is none
};
inline constexpr std::size_t kBoxPoints = 11;

/// Names, units and default limits of the points. Its sources mean nothing.
const Profile& box_profile();

/// What the system said; nullopt: it does not say (no such sensor, no permission, nonsense).
using BoxFacts = std::array<std::optional<double>, kBoxPoints>;

inline std::optional<double>& fact(BoxFacts& facts, BoxPoint point) { return facts[static_cast<std::size_t>(point)]; }

/// One sample of each point, the first of them point `first` of the definition; what is not known is device-fault.
std::vector<Sample> box_samples(const BoxFacts& facts, std::uint32_t first, WallTime wall, MonoTime mono);

/// One sensor of /sys/class/thermal (type, temp) or /sys/class/hwmon (name, temp*_input); `millidegrees` as read.
struct ThermalSensor {
  std::string name, millidegrees;
};

/// The processor's temperature in Cel: of the sensor whose name says that it is the processor's, otherwise of the first
/// that gives a temperature at all (-100 to 200).
std::optional<double> cpu_temperature(const std::vector<ThermalSensor>& sensors);

/// From the text of /proc/meminfo, in MiB.
std::optional<double> memory_available(std::string_view meminfo);
/// From the text of /proc/loadavg.
std::optional<double> load_per_processor(std::string_view loadavg, unsigned processors);
/// From the text of /proc/uptime, in s.
std::optional<double> uptime(std::string_view text);

}  // namespace anlan::edge
