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
  api::Handler handler;
};

constexpr std::array kRoutes{
    Route{{"GET", "/api/v1/sites"}, api::list_sites},
    Route{{"GET", "/api/v1/edges"}, api::list_edges},
    Route{{"GET", "/api/v1/edges/{id}"}, api::show_edge},
    Route{{"GET", "/api/v1/points"}, api::list_points},
    Route{{"GET", "/api/v1/points/{site}/{device}/{point}"}, api::show_point},
    Route{{"GET", "/api/v1/telemetry"}, api::read_telemetry},
    Route{{"GET", "/api/v1/telemetry/trend"}, api::read_trend},
    Route{{"GET", "/api/v1/alerts"}, api::list_alerts},
    Route{{"GET", "/api/v1/alerts/{id}"}, api::show_alert},
    Route{{"POST", "/api/v1/alerts/{id}/acknowledge"}, api::acknowledge_alert},
    Route{{"POST", "/api/v1/alerts/{id}/reset"}, api::reset_alert},
    Route{{"GET", "/api/v1/maintenance"}, api::list_maintenance},
    Route{{"GET", "/api/v1/hazards"}, api::list_hazards},
    Route{{"POST", "/api/v1/hazards"}, api::report_hazard},
    Route{{"GET", "/api/v1/hazards/{id}"}, api::show_hazard},
    Route{{"POST", "/api/v1/hazards/{id}/actions"}, api::act_on_hazard},
    Route{{"GET", "/api/v1/hazard-steps"}, api::list_hazard_steps},
    Route{{"GET", "/api/v1/notifications"}, api::list_notifications},
    Route{{"GET", "/api/v1/accounts"}, api::list_accounts},
    Route{{"GET", "/api/v1/losses"}, api::list_losses},
    Route{{"GET", "/api/v1/audit/entries"}, api::list_audit_entries},
    Route{{"GET", "/api/v1/audit/head"}, api::show_audit_head},
    Route{{"GET", "/api/v1/audit/proofs/inclusion"}, api::prove_audit_entry},
    Route{{"GET", "/api/v1/audit/proofs/consistency"}, api::prove_audit_growth},
    Route{{"GET", "/api/v1/events"}, api::follow_events},
    Route{{"GET", "/api/v1/openapi.json"}, api::show_document},
    Route{{"GET", "/healthz"}, api::show_health},
    Route{{"GET", "/readyz"}, api::show_readiness},
    Route{{"GET", "/metrics"}, api::show_metrics},
};

/// A page of another origin whose name was made to point at this machine sends its own name here: it is refused, so
/// that a browser cannot be used to reach a loopback API without rights of its own.
bool loopback_host(std::string_view host) {
  if (host.starts_with("[::1]")) return host.size() == 5 || host[5] == ':';
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" || name == "127.0.0.1";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

}  // namespace

struct Api::State {
  State(const asio::any_io_executor& executor, ApiParts p)
      : parts(std::move(p)), feed(executor, parts.records, parts.clock) {}
  ApiParts parts;
  ChangeFeed feed;
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
  for (const Route& route : kRoutes) patterns.push_back(route.pattern);
  return patterns;
}

asio::awaitable<void> Api::run() { co_await state_->feed.run(); }

void Api::changed() { state_->feed.wake(); }

asio::awaitable<HttpResponse> Api::State::answer(HttpRequest request, std::string_view& route) {
  if (!loopback_host(request.headers.get("Host")))
    co_return to_response({421, "host-not-allowed", "this API answers to localhost, 127.0.0.1 and [::1] only"});
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
  const api::ApiContext context{parts, feed};
  ApiRequest read{std::move(request), std::move(*target), std::move(found.match.parameters)};
  auto answered = co_await chosen.handler(context, std::move(read));
  co_return answered ? std::move(*answered) : to_response(answered.error());
}

asio::awaitable<HttpResponse> Api::handle(HttpRequest request) {
  std::string_view route = "none";
  const Stopwatch watch;
  const std::string method = request.method == "POST" ? "POST" : request.method == "GET" ? "GET" : "other";
  HttpResponse response = co_await state_->answer(std::move(request), route);
  response.headers.set("X-Content-Type-Options", "nosniff");
  Metrics& metrics = state_->parts.metrics;
  metrics.at(kHttpRequests, {method, route, std::to_string(response.status)}).add();
  metrics.histogram(kHttpSeconds, {route}).observe(watch.seconds());
  co_return response;
}

}  // namespace anlan::collector
