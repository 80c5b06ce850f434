// docs/openapi.json as it was when this program was built.
#pragma once

#include <string>

namespace anlan::collector::api {

std::string openapi_document();

}  // namespace anlan::collector::api
