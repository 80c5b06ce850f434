// Log lines as entries of the systemd journal with fields of their own, so that `journalctl ANLAN_EDGE=tj-bh-017-a`
// finds them. The only place that includes libsystemd's sd-journal.
#pragma once

#include <string>
#include <vector>

#include "common/base/log.hpp"

namespace anlan {

/// Where standard error is the journal (JOURNAL_STREAM names it), log lines go there as entries from now on; anywhere
/// else nothing changes. Once, before other threads log.
void log_to_journal();

/// The fields of one entry, "NAME=value": MESSAGE is the whole text, PRIORITY syslog's, ANLAN_PART and ANLAN_<KEY> what
/// the line is made of, with every value as it is (an entry's fields cannot be forged from within a value).
std::vector<std::string> journal_fields(const log::Line& line);

}  // namespace anlan
