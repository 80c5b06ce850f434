#include "collector/api/change.hpp"

#include "collector/alert/alert_reader.hpp"
#include "collector/api/cursor.hpp"
#include "collector/hazard/hazard_reader.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;

struct Outcome {
  std::expected<KeptAnswer, Problem> answer;
  bool replayed = false;
};

/// What makes two requests the same one.
std::string hash_of(const ApiRequest& request, const Actor& actor) {
  std::string text = request.http.method + '\n' + request.http.target + '\n';
  text += std::string(request.http.headers.get("If-Match")) + '\n' + actor.name + '\n' +
          std::string(to_string(actor.role)) + '\n';
  return sha256_hex(text + request.http.body);
}

HttpResponse to_response(const Outcome& outcome) {
  const KeptAnswer& answer = *outcome.answer;
  HttpResponse response;
  response.status = answer.status;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("ETag", answer.etag);
  if (!answer.location.empty()) response.headers.set("Location", answer.location);
  if (outcome.replayed) response.headers.set("Idempotency-Replayed", "true");
  response.body = answer.body;
  return response;
}

}  // namespace

asio::awaitable<Answer> change(ApiContext context, const ApiRequest& request, Actor actor,
                               std::function<Result<KeptAnswer>(Database&, WallTime now)> work,
                               std::function<Result<void>(Database&)> guard) {
  auto key = idempotency_key(request);
  if (!key) co_return refuse(key.error());
  if (request.subject != nullptr) *key = request.subject->id + ' ' + *key;  // nobody's key meets another's
  const WallTime now = context.parts.clock.wall();
  auto call = [key = *key, hash = hash_of(request, actor), now, work = std::move(work),
               guard = std::move(guard)](Database& database) -> Result<Outcome> {
    if (guard)
      if (auto seen = guard(database); !seen) return fail(seen.error());
    auto earlier = find_answer(database, key, hash);
    if (!earlier) return Outcome{std::unexpected(earlier.error())};
    if (*earlier) return Outcome{std::move(**earlier), true};
    auto answer = work(database, now);
    if (!answer) return fail(answer.error());
    keep_answer(database, key, hash, *answer, now);
    return Outcome{std::move(*answer)};
  };
  const auto outcome = co_await context.parts.records.transact(std::move(call));
  if (!outcome) co_return refuse(outcome.error());
  if (!outcome->answer) co_return refuse(outcome->answer.error());
  if (!outcome->replayed) {
    context.parts.commands.committed();
    context.feed.wake();
  }
  co_return to_response(*outcome);
}

std::function<Result<void>(Database&)> sees_alert(ApiContext context, const AlertId& id) {
  if (context.caller.reach.all()) return {};
  return [id, reach = context.caller.reach,
          places = context.parts.gate.shared_places()](Database& database) -> Result<void> {
    const auto details = AlertReader(database).get(id);
    if (!details) return fail(details.error());
    if (reach.sees_site(details->alert.origin.site, *places)) return {};
    return fail(Errc::not_found, "no alert " + id.hex());
  };
}

std::function<Result<void>(Database&)> sees_hazard(ApiContext context, const HazardId& id) {
  if (context.caller.reach.all()) return {};
  return [id, reach = context.caller.reach,
          places = context.parts.gate.shared_places()](Database& database) -> Result<void> {
    const auto details = HazardReader(database).get(id);
    if (!details) return fail(details.error());
    if (reach.sees_hazard(id.hex(), details->hazard.site, *places)) return {};
    return fail(Errc::not_found, "no hazard " + id.hex());
  };
}

}  // namespace anlan::collector::api
