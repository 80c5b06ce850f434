// Asks the system about the box: /sys, /proc and the file system of the buffer. Blocking: a sensor behind a slow bus or
// a disk that hangs may keep it, so it runs on a worker of its own.
#pragma once

#include <string>

#include "edge/box/box_health.hpp"

namespace anlan::edge {

struct BoxPaths {
  std::string data_dir;                      // whose file system is meant
  std::string sys = "/sys", proc = "/proc";  // tests put others
};

/// The facts that the system tells; those of clock and buffer stay unknown.
BoxFacts read_box(const BoxPaths& paths);

}  // namespace anlan::edge
