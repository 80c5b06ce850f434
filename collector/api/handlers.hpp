// Every handler of the API, by the resource it serves. Internal to collector/api.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "collector/api/api.hpp"
#include "collector/api/authorise.hpp"
#include "collector/api/change_feed.hpp"
#include "collector/api/request.hpp"

namespace anlan::collector::api {

struct ApiContext {
  ApiParts& parts;
  ChangeFeed& feed;
  RateLimit& rates;
  const Caller& caller;

  bool sees_site(std::string_view site) const { return caller.reach.sees_site(site, parts.gate.places()); }
  bool sees_hazard(const std::string& id, std::string_view site) const {
    return caller.reach.sees_hazard(id, site, parts.gate.places());
  }
  /// For lists, of a table with a column of this name.
  SqlCondition of_site(std::string_view column = "site") const { return caller.reach.of_site(column); }
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

// session_handlers.cpp
boost::asio::awaitable<Answer> open_session(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_session(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> end_session(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> accept_invitation(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> change_password(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> begin_second_factor(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> confirm_second_factor(ApiContext context, ApiRequest request);
// token_handlers.cpp
boost::asio::awaitable<Answer> give_client_token(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> list_clients(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> create_client(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> switch_client(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> appoint_inspector(ApiContext context, ApiRequest request);
// people_handlers.cpp
boost::asio::awaitable<Answer> show_permissions(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> list_people(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_person(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> create_person(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> change_person(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> invite_person(ApiContext context, ApiRequest request);
// place_handlers.cpp
boost::asio::awaitable<Answer> list_places(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> show_place(ApiContext context, ApiRequest request);
boost::asio::awaitable<Answer> place_site(ApiContext context, ApiRequest request);

}  // namespace anlan::collector::api
