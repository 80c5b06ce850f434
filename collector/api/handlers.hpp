// Every handler of the API, by the resource it serves. Internal to collector/api.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "collector/api/api.hpp"
#include "collector/api/change_feed.hpp"
#include "collector/api/request.hpp"

namespace anlan::collector::api {

struct ApiContext {
  ApiParts& parts;
  ChangeFeed& feed;
};

using Handler = boost::asio::awaitable<Answer> (*)(ApiContext, ApiRequest);

// registry_handlers.cpp
boost::asio::awaitable<Answer> list_sites(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> list_edges(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_edge(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> list_accounts(ApiContext context, ApiRequest request);
// point_handlers.cpp
boost::asio::awaitable<Answer> list_points(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_point(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> read_telemetry(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> read_trend(ApiContext context, ApiRequest request);
// alert_handlers.cpp
boost::asio::awaitable<Answer> list_alerts(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_alert(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> acknowledge_alert(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> reset_alert(ApiContext context, ApiRequest request);
// audit_handlers.cpp
boost::asio::awaitable<Answer> list_audit_entries(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_audit_head(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> prove_audit_entry(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> prove_audit_growth(ApiContext context, ApiRequest request);
// loss_handlers.cpp
boost::asio::awaitable<Answer> list_losses(ApiContext context, ApiRequest request);
// maintenance_handlers.cpp
boost::asio::awaitable<Answer> list_maintenance(ApiContext context, ApiRequest request);
// hazard_handlers.cpp
boost::asio::awaitable<Answer> list_hazards(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_hazard(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> report_hazard(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> act_on_hazard(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> list_hazard_steps(ApiContext context, ApiRequest request);
// system_handlers.cpp
boost::asio::awaitable<Answer> list_notifications(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> follow_events(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_health(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_readiness(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_metrics(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_document(ApiContext context, ApiRequest request);

}  // namespace anlan::collector::api
