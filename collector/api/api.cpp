#include "collector/api/api.hpp"

#include <array>

#include "collector/api/api_metrics.hpp"
#include "collector/api/handlers.hpp"
#include "collector/api/idempotency.hpp"
#include "common/async/stopwatch.hpp"

namespace anlan::collector {
namespace {

namespace asio = boost::asio;

struct Route {
  RoutePattern pattern;
  Guarded guarded;
  api::Handler handler;
};

constexpr Guarded kEverybody = Guarded::by_nothing();

constexpr std::array kRoutes{
    Route{{"GET", "/api/v1/sites"}, Action("sites.read"), api::list_sites},
    Route{{"GET", "/api/v1/edges"}, Action("sites.read"), api::list_edges},
    Route{{"GET", "/api/v1/edges/{id}"}, Action("sites.read"), api::show_edge},
    Route{{"GET", "/api/v1/points"}, Action("sites.read"), api::list_points},
    Route{{"GET", "/api/v1/points/{site}/{device}/{point}"}, Action("sites.read"), api::show_point},
    Route{{"GET", "/api/v1/telemetry"}, Action("telemetry.read"), api::read_telemetry},
    Route{{"GET", "/api/v1/telemetry/trend"}, Action("telemetry.read"), api::read_trend},
    Route{{"GET", "/api/v1/alerts"}, Action("alerts.read"), api::list_alerts},
    Route{{"GET", "/api/v1/alerts/{id}"}, Action("alerts.read"), api::show_alert},
    Route{{"POST", "/api/v1/alerts/{id}/acknowledge"}, Action("alerts.acknowledge"), api::acknowledge_alert},
    Route{{"POST", "/api/v1/alerts/{id}/reset"}, Action("alerts.reset"), api::reset_alert},
    Route{{"GET", "/api/v1/maintenance"}, Action("sites.read"), api::list_maintenance},
    Route{{"GET", "/api/v1/hazards"}, Action("hazards.read"), api::list_hazards},
    Route{{"POST", "/api/v1/hazards"}, Action("hazards.report"), api::report_hazard},
    Route{{"GET", "/api/v1/hazards/{id}"}, Action("hazards.read"), api::show_hazard},
    Route{{"POST", "/api/v1/hazards/{id}/actions"}, Action("hazards.act"), api::act_on_hazard},
    Route{{"GET", "/api/v1/hazard-steps"}, Action("permissions.read"), api::list_hazard_steps},
    Route{{"GET", "/api/v1/notifications"}, Action("system.read"), api::list_notifications},
    Route{{"GET", "/api/v1/accounts"}, Action("sites.read"), api::list_accounts},
    Route{{"GET", "/api/v1/losses"}, Action("sites.read"), api::list_losses},
    Route{{"GET", "/api/v1/audit/entries"}, Action("audit.read"), api::list_audit_entries},
    Route{{"GET", "/api/v1/audit/head"}, Action("audit.read"), api::show_audit_head},
    Route{{"GET", "/api/v1/audit/proofs/inclusion"}, Action("audit.read"), api::prove_audit_entry},
    Route{{"GET", "/api/v1/audit/proofs/consistency"}, Action("audit.read"), api::prove_audit_growth},
    Route{{"GET", "/api/v1/events"}, Action("events.read"), api::follow_events},
    Route{{"GET", "/api/v1/openapi.json"}, kEverybody, api::show_document},
    Route{{"POST", "/api/v1/session"}, kEverybody, api::open_session},
    Route{{"GET", "/api/v1/session"}, Action("permissions.read"), api::show_session},
    Route{{"DELETE", "/api/v1/session"}, Action("self.use"), api::end_session},
    Route{{"POST", "/api/v1/session/invitation"}, kEverybody, api::accept_invitation},
    Route{{"POST", "/api/v1/session/password"}, Action("self.use"), api::change_password},
    Route{{"POST", "/api/v1/session/second-factor"}, Action("self.use"), api::begin_second_factor},
    Route{{"POST", "/api/v1/session/second-factor/confirm"}, Action("self.use"), api::confirm_second_factor},
    Route{{"GET", "/api/v1/permissions"}, Action("permissions.read"), api::show_permissions},
    Route{{"GET", "/api/v1/people"}, Action("people.manage"), api::list_people},
    Route{{"POST", "/api/v1/people"}, Action("people.manage"), api::create_person},
    Route{{"GET", "/api/v1/people/{id}"}, Action("people.manage"), api::show_person},
    Route{{"POST", "/api/v1/people/{id}"}, Action("people.manage"), api::change_person},
    Route{{"POST", "/api/v1/people/{id}/invitation"}, Action("people.manage"), api::invite_person},
    Route{{"POST", "/api/v1/oauth/token"}, kEverybody, api::give_client_token},
    Route{{"GET", "/api/v1/clients"}, Action("clients.manage"), api::list_clients},
    Route{{"POST", "/api/v1/clients"}, Action("clients.manage"), api::create_client},
    Route{{"POST", "/api/v1/clients/{id}"}, Action("clients.manage"), api::switch_client},
    Route{{"GET", "/api/v1/places"}, Action("places.read"), api::list_places},
    Route{{"GET", "/api/v1/places/{site}"}, Action("places.read"), api::show_place},
    Route{{"POST", "/api/v1/places/{site}"}, Action("places.manage"), api::place_site},
    Route{{"POST", "/api/v1/hazards/{id}/inspector"}, Action("hazards.appoint"), api::appoint_inspector},
    Route{{"GET", "/healthz"}, kEverybody, api::show_health},
    Route{{"GET", "/readyz"}, kEverybody, api::show_readiness},
    Route{{"GET", "/metrics"}, Action("system.read"), api::show_metrics},
};

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

HttpResponse refused(const Problem& problem) {
  HttpResponse response = to_response(problem);
  if (problem.status == 401) response.headers.set("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

struct Api::State {
  State(const asio::any_io_executor& executor, ApiParts p)
      : parts(std::move(p)), feed(executor, parts.records, parts.clock) {}
  ApiParts parts;
  ChangeFeed feed;
  RateLimit rates;
  std::vector<RoutePattern> patterns = Api::routes();

  asio::awaitable<HttpResponse> answer(HttpRequest request, std::string_view& route);
};

const std::vector<std::string>& api_schema() { return idempotency_schema(); }

Api::Api(const asio::any_io_executor& executor, ApiParts parts)
    : state_(std::make_unique<State>(executor, std::move(parts))) {
  Metrics& metrics = state_->parts.metrics;
  metrics.on_read([state = state_.get(), &streams = metrics.at(kEventStreams)] {
    streams.set(static_cast<double>(state->feed.streams()));
  });
}
Api::~Api() = default;

std::vector<RoutePattern> Api::routes() {
  std::vector<RoutePattern> patterns;
  for (const Route& route : kRoutes) {
    patterns.push_back(route.pattern);
    patterns.back().action = route.guarded.name();
  }
  return patterns;
}

asio::awaitable<void> Api::run() { co_await state_->feed.run(); }

void Api::changed() { state_->feed.wake(); }

asio::awaitable<HttpResponse> Api::State::answer(HttpRequest request, std::string_view& route) {
  auto target = parse_target(request.target);
  if (!target) co_return to_response({400, "malformed", target.error().message});
  auto found = find_route(patterns, request.method, target->path);
  if (found.kind == RouteResult::Kind::no_path)
    co_return to_response(
        {404, "no-such-path", "there is nothing at this path; GET /api/v1/openapi.json lists all there is"});
  if (found.kind == RouteResult::Kind::no_method) {
    HttpResponse refusal = to_response({405, "method-not-allowed", "this path takes: " + joined(found.allowed)});
    refusal.headers.set("Allow", joined(found.allowed));
    co_return refusal;
  }
  const Route& chosen = kRoutes[found.match.route];
  route = chosen.pattern.path;
  auto caller = co_await authorise(parts.gate, rates, parts.access, request, chosen.guarded, parts.clock.mono());
  if (!caller) co_return refused(caller.error());
  const api::ApiContext context{parts, feed, rates, *caller};
  ApiRequest read{std::move(request), std::move(*target), std::move(found.match.parameters),
                  caller->open()    ? nullptr
                  : caller->subject ? &*caller->subject
                                    : nullptr};
  auto answered = co_await chosen.handler(context, std::move(read));
  HttpResponse response = answered ? std::move(*answered) : to_response(answered.error());
  if (caller->new_token && !response.headers.has("Set-Cookie"))
    response.headers.set("Set-Cookie",
                         session_cookie(*caller->new_token, caller->secure, parts.gate.policy().session_lasts));
  co_return response;
}

asio::awaitable<HttpResponse> Api::handle(HttpRequest request) {
  std::string_view route = "none";
  const Stopwatch watch;
  const bool known = request.method == "POST" || request.method == "GET" || request.method == "DELETE";
  const std::string method = known ? request.method : "other";
  HttpResponse response = co_await state_->answer(std::move(request), route);
  response.headers.set("X-Content-Type-Options", "nosniff");
  Metrics& metrics = state_->parts.metrics;
  metrics.at(kHttpRequests, {method, route, std::to_string(response.status)}).add();
  metrics.histogram(kHttpSeconds, {route}).observe(watch.seconds());
  co_return response;
}

}  // namespace anlan::collector
