// The shell of anlan-edge scan: from the command line to a bus, progress and results to a terminal.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "edge/app/config.hpp"
#include "edge/cli/scan.hpp"

namespace anlan::edge {

struct ScanOrder {
  std::string target;  // an address (modbus+tcp://…), or the name of a configured device: its address
  std::string units = "1-247";
  std::string timeout = "300ms";  // for one answer
  std::string profiles;           // folder; empty: none are tried
};

/// `config`: where a device is looked up; nullopt: there is none. `daemon_runs`: then its serial lines are not touched.
/// Ctrl-C ends it; what was found until then stands. Returns the exit code.
int run_scan(const ScanOrder& order, const std::optional<Config>& config, bool daemon_runs, std::ostream& out,
             std::ostream& progress);

/// The running daemon has this serial line for itself; two masters on one line would garble each other's frames.
bool taken_by_daemon(const Config& config, const Endpoint& endpoint, bool daemon_runs);

}  // namespace anlan::edge
