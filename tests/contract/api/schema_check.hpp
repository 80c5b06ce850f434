// Holds JSON values against the schemas of docs/openapi.json: as much of JSON Schema as the document uses. A keyword
// that is not known here is a fault of its own, so that nothing passes unchecked.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace anlan::test {

/// What is wrong with `value`; empty where it fits. `document` resolves references.
std::vector<std::string> check_schema(const boost::json::value& value, const boost::json::value& schema,
                                      const boost::json::value& document, const std::string& place = "$");

}  // namespace anlan::test
