// Where the next page of a list begins. Opaque to clients; a cursor is good for the query it came from only.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan::collector {

/// SHA-256 as 64 hex digits.
std::string sha256_hex(std::string_view text);

/// `scope` names the list and its filters, `place` what the list goes on after.
std::string make_cursor(std::string_view scope, std::string_view place);

/// The place. Errors: malformed (no cursor of ours, or of another query).
Result<std::string> open_cursor(std::string_view scope, std::string_view cursor);

}  // namespace anlan::collector
