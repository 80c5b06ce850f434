// Lowering a grade takes more than a log-in (rows 150, 156): the right to it, and the staff number and a fresh one-time
// code of who acts. The closed loop's table asks for two persons, so each of them verifies their own step. Internal to
// collector/api.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "collector/api/handlers.hpp"
#include "collector/people/verification.hpp"

namespace anlan::collector::api {

/// Member `verification` {staff_number, code}; nullopt: there is none. What is wrong is noted in `members`.
std::optional<Verification> read_verification(JsonFields& members);

/// Whether a step of this name lowers a grade, or asks for it.
bool lowers_grade(std::string_view action);

/// One attempt at a second verification.
struct SecondVerification {
  /// Inside the transaction of the act and before it: a code is used up with the act or not at all. Errors: refused,
  /// not_found (a hazard that is not within the caller's right to lower grades).
  std::function<Result<void>(Database&, WallTime)> check;
  /// After the transaction: whether it failed counts against who guesses codes.
  std::function<void()> done;
};

/// Problems: 403 not-permitted (hazards.downgrade), 422 (no verification was given), 423 locked (too many were wrong).
std::expected<SecondVerification, Problem> second_verification(const ApiContext& context, const HazardId& id,
                                                               const std::optional<Verification>& given);

}  // namespace anlan::collector::api
