// Refusals and failures as RFC 9457 problems: application/problem+json with a code that never changes, which programs
// and the console go by, and a sentence for people who read the answer itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/io/http.hpp"

namespace anlan {

struct Problem {
  int status = 500;
  std::string code = "internal";         // stable: [a-z0-9-]+
  std::string detail = {};               // what happened and what to do
  std::vector<std::string> errors = {};  // each thing that is wrong, where there are several
  int retry_after = 0;                   // seconds, for Retry-After; 0: not said (503 says 1)
};

/// {"type": "urn:anlan:problem:CODE", "title", "status", "code", "detail", "errors"?}
HttpResponse to_response(const Problem& problem);

/// The problem that an expected failure is, seen from HTTP. What a disk or a bug says of itself stays in the log:
/// `error` is then answered with a sentence of its own.
Problem to_problem(const Error& error);

}  // namespace anlan
