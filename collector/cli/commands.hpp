// The subcommands of anlanctl. Each prints to `out`, what goes wrong to `err`, and returns the exit code: 0 or 1.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "collector/cli/client.hpp"

namespace anlan::collector::cli {

struct Shell {
  Client& client;
  std::ostream& out;
  std::ostream& err;
  bool json = false;         // raw answers
  bool colour = false;       // `out` is a terminal that wants it
  std::size_t limit = 1000;  // items of a list
};

/// Who acts, where nobody has logged in; empty: who has.
struct By {
  std::string name, role;
};

/// "error: …" and 1.
int failed(Shell& shell, const Error& error);

int status(Shell& shell);
int list_sites(Shell& shell);
int list_edges(Shell& shell, const std::string& site);
int list_points(Shell& shell, const Query& filter);
int show_accounts(Shell& shell, const std::string& edge);
int show_notifications(Shell& shell);

int list_losses(Shell& shell, const Query& filter);
int list_maintenance(Shell& shell, const Query& filter);
int list_alerts(Shell& shell, const Query& filter);
int show_alert(Shell& shell, const std::string& id);
/// `if_version` empty: whatever version stands there now.
int acknowledge_alert(Shell& shell, const std::string& id, const By& by, const std::string& note,
                      const std::string& if_version);

/// The edge does it, and its own word changes the alert.
int reset_alert(Shell& shell, const std::string& id, const By& by, const std::string& reason,
                const std::string& if_version);

int list_hazards(Shell& shell, const Query& filter);
int show_hazard(Shell& shell, const std::string& id);
int report_hazard(Shell& shell, const By& by, const Query& members);
int act_on_hazard(Shell& shell, const std::string& id, const std::string& action, const By& by,
                  const std::string& reason, const Query& fields, const std::string& if_version);

struct TelemetryWish {
  std::string point;     // of export: a glob (fnmatch) over site/device/point
  std::string from, to;  // may be empty
};
int get_telemetry(Shell& shell, const TelemetryWish& wish);
/// CSV of every point that matches, one after the other, page by page.
int export_telemetry(Shell& shell, const TelemetryWish& wish);

/// Prints changes as they come, coming back after the collector was away, until the process is ended. `since`: from
/// after that event; empty: from now on. Returns only where the collector refuses, or was never there.
int follow_events(Shell& shell, const std::string& since);

}  // namespace anlan::collector::cli
