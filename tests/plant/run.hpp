// The two ways to run the plant; each returns the program's exit code.
#pragma once

#include <optional>
#include <string>

#include "common/base/time.hpp"

namespace anlan::plant {

struct ScenarioOptions {
  std::string file;
  std::string control;  // path of the control socket, or empty
};

/// Plays a scenario until it is told to stop. Prints "READY name=address:port …" when everything listens, then what its
/// steps do. 0: stopped; 1: could not listen; 2: faults in the file, all of them printed.
int run_scenario(const ScenarioOptions& options);

struct ReplayOptions {
  std::string file;
  std::string listen = "127.0.0.1:0";
  int unit = 1;
  std::optional<Millis> row_time;  // none: a row stands until it was read
  std::string control;
};

/// Replays a recording until it is told to stop. Prints "READY recording=address:port", "PROGRESS read/rows" and at the
/// end "DONE read/rows". 0: every row was read whole; 1: not so, or could not listen; 2: unusable file or address.
int run_replay(const ReplayOptions& options);

}  // namespace anlan::plant
