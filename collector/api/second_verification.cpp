#include "collector/api/second_verification.hpp"

#include "collector/hazard/hazard_reader.hpp"
#include "collector/hazard/transition_table.hpp"

namespace anlan::collector::api {
namespace {

constexpr Action kDowngrade("hazards.downgrade");

Problem locked(Millis wait) {
  Problem problem{423, "locked", "too many second verifications failed; try again later"};
  problem.retry_after = static_cast<int>((wait.count() + 999) / 1000);
  return problem;
}

}  // namespace

std::optional<Verification> read_verification(JsonFields& members) {
  const auto* object = members.optional_object("verification");
  if (object == nullptr) return std::nullopt;
  JsonFields inner(*object, "verification.");
  Verification given{inner.text("staff_number", 1, 50), inner.text("code", 1, 20)};
  members.include(inner);
  return given;
}

bool lowers_grade(std::string_view action) {
  return std::ranges::any_of(hazard_arrows(), [&](const Arrow& arrow) {
    return arrow.action == action && (arrow.effect == Effect::ask_downgrade || arrow.effect == Effect::downgrade);
  });
}

std::expected<SecondVerification, Problem> second_verification(const ApiContext& context, const HazardId& id,
                                                               const std::optional<Verification>& given) {
  const Subject& who = *context.caller.subject;
  const Reach reach = who.reach(kDowngrade);
  if (reach.none())
    return refuse(Problem{403, "not-permitted",
                          "this is not for " + std::string(to_string(who.capacity)) + ": " +
                              std::string(kDowngrade.name()) + " (GET /api/v1/permissions)"});
  if (!given)
    return refuse(Problem{422,
                          "invalid",
                          "verification is missing: your staff number and a fresh one-time code",
                          {"verification is missing"}});
  LoginGuard& guard = context.parts.gate.guard();
  const std::string key = "downgrade " + who.id, address = context.caller.address;
  if (const auto wait = guard.begin(key, address, true, context.parts.clock.mono())) return refuse(locked(*wait));
  const auto right = std::make_shared<bool>(false);  // written on the records' worker, read once that has answered
  SecondVerification verification;
  verification.check = [id, who, reach, right, own = *given, places = context.parts.gate.shared_places()](
                           Database& database, WallTime now) -> Result<void> {
    const auto details = HazardReader(database).get(id);
    if (!details) return fail(details.error());
    if (!reach.sees_hazard(id.hex(), details->hazard.site, *places))
      return fail(Errc::not_found, "no hazard " + id.hex());
    const auto verified = verify_downgrade(database, who, own, std::nullopt, false, details->hazard.site, *places, now);
    if (!verified) return fail(verified.error());
    *right = true;
    return {};
  };
  verification.done = [&guard, right, key, address] {
    if (*right) guard.succeeded(key, address);
  };
  return verification;
}

}  // namespace anlan::collector::api
