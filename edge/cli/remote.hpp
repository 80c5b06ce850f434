// anlan-edge status, alarm and reload: questions to the running daemon over its control socket (edge/app/control.hpp).
#pragma once

#include <iosfwd>
#include <string>

#include "common/base/result.hpp"

namespace anlan::edge {

/// Whether a daemon answers there.
bool daemon_runs(const std::string& url);

/// `url`: of the control socket. `as_json`: the daemon's answer as it is. Errors: unavailable (no daemon runs there).
Result<void> show_status(const std::string& url, bool as_json, std::ostream& out);

/// Silences what sounds now. Errors: as the daemon says.
Result<void> silence_alarm(const std::string& url, const std::string& by, std::ostream& out);

/// Resets the latched alert of `source` (empty: every one that waits), of `rule` (empty: any).
Result<void> reset_alarm(const std::string& url, const std::string& by, const std::string& source,
                         const std::string& rule, std::ostream& out);

/// Has `point` (DEVICE/POINT) written; `only_check`: everything but that. Prints what it was and is. Errors: as the
/// daemon says; refused too where the device has another value afterwards, or may have.
Result<void> write_point(const std::string& url, const std::string& point, const std::string& value,
                         const std::string& by, bool only_check, std::ostream& out);

/// Has the daemon read its configuration again, in the name of `by`. Errors: as the daemon says.
Result<void> reload(const std::string& url, const std::string& by, std::ostream& out);

/// Takes `device` (with or without its site) out of service for `time` ("30m").
Result<void> begin_maintenance(const std::string& url, const std::string& device, const std::string& time,
                               const std::string& by, const std::string& reason, std::ostream& out);

/// Every device that is out of service, by whose word and until when.
Result<void> list_maintenance(const std::string& url, std::ostream& out);

/// Ends that person's maintenance of it; with `all`, everybody's.
Result<void> end_maintenance(const std::string& url, const std::string& device, const std::string& by, bool all,
                             std::ostream& out);

}  // namespace anlan::edge
