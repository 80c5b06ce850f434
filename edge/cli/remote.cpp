#include "edge/cli/remote.hpp"

#include <algorithm>
#include <ostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "common/io/http_client.hpp"
#include "common/io/json.hpp"

namespace anlan::edge {

namespace json = boost::json;

namespace {

constexpr Millis kAnswerWithin{10'000};
constexpr Millis kWrittenWithin{180'000};  // its turn on the line, then a few of the device's timeouts

Result<json::object> ask(const std::string& url, std::string method, std::string target, const json::object& body,
                         Millis within = kAnswerWithin) {
  boost::asio::io_context loop(1);
  Result<HttpResponse> answer = fail(Errc::internal, "no answer");
  HttpRequest request{std::move(method), url, std::move(target), {}, {}};
  if (!body.empty()) request.body = json::serialize(body);
  boost::asio::co_spawn(loop, http_request(std::move(request), {.timeout = within}),
                        [&](std::exception_ptr error, Result<HttpResponse> result) {
                          if (error) std::rethrow_exception(error);
                          answer = std::move(result);
                        });
  loop.run();
  if (!answer)
    return fail(std::move(answer.error())
                    .within("no daemon answers at " + url + " (is anlan-edge running with this configuration?)"));
  auto object = parse_json_object(answer->body);
  if (!object) return fail(std::move(object.error()).within("the daemon's answer"));
  if (answer->status == 200) return object;
  const auto* detail = object->if_contains("detail");
  return fail(Errc::refused, detail && detail->is_string() ? std::string(detail->as_string())
                                                           : "the daemon answered " + std::to_string(answer->status));
}

std::string text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value || value->is_null()) return "";
  if (value->is_string()) return std::string(value->as_string());
  if (!value->is_double()) return json::serialize(*value);
  char number[32];
  std::snprintf(number, sizeof number, "%.6g", value->as_double());
  return number;
}

void print_alert(const json::object& alert, std::ostream& out) {
  out << "  " << text(alert, "level") << " " << text(alert, "step") << "  " << text(alert, "source") << " "
      << text(alert, "rule");
  if (!text(alert, "value").empty())
    out << "  " << text(alert, "value") << " " << text(alert, "unit") << " (limit " << text(alert, "limit") << ")";
  out << "  since " << text(alert, "since") << "  " << text(alert, "name")
      << (alert.contains("maintenance") ? "  (under maintenance)" : "")
      << (alert.contains("orphaned") ? "  (no longer configured; it ends by alarm reset --by NAME --source)" : "")
      << "\n";
}

void print_window(const json::object& window, std::ostream& out) {
  out << "  " << text(window, "device") << "  by " << text(window, "by") << " until " << text(window, "until") << "  "
      << text(window, "reason") << "\n";
}

void print_status(const json::object& status, std::ostream& out) {
  const auto& uplink = status.at("uplink").as_object();
  const auto& buffer = status.at("buffer").as_object();
  const bool connected = uplink.at("connected").as_bool(), answered = uplink.at("answered").as_bool();
  out << "edge " << text(status, "edge") << " of site " << text(status, "site") << " at " << text(status, "time")
      << (status.at("clock_synced").as_bool() ? "" : " (clock not synchronised)") << "\n";
  out << "line    "
      << (answered    ? "the centre answers"
          : connected ? "broker connected, the centre has not answered yet"
                      : "down: " + text(uplink, "trouble"))
      << " (" << text(uplink, "broker") << ", since " << text(uplink, "since") << ")\n";
  out << "buffer  " << text(buffer, "samples_committed")
      << " samples committed; not yet received: " << text(buffer, "events_due") << " events, "
      << text(buffer, "telemetry_records_due") << " telemetry records; " << text(buffer, "bytes") << " bytes held\n";
  if (const json::value* log = status.if_contains("centre_log"); log && log->is_object()) {
    const auto& head = log->as_object();
    out << "log     the centre's log had " << text(head, "size") << " entries at " << text(head, "at")
        << "; signed heads held: " << text(head, "held")
        << (text(head, "contradictions") == "0" ? "" : "; IT CONTRADICTS WHAT WAS SIGNED BEFORE") << "\n";
  }
  if (const json::value* annunciator = status.if_contains("annunciator")) {
    const auto& shown = annunciator->as_object();
    out << "alarm   "
        << (!shown.at("reached").as_bool() ? "annunciator not reached"
            : shown.at("sound").as_bool()  ? "SOUNDING"
                                           : "quiet")
        << "\n";
  }
  const auto& alerts = status.at("alerts").as_array();
  out << "alerts  " << alerts.size() << " active, risk " << text(status, "risk") << "\n";
  for (const json::value& alert : alerts) print_alert(alert.as_object(), out);
  const auto& maintenance = status.at("maintenance").as_array();
  if (!maintenance.empty()) out << "under maintenance\n";
  for (const json::value& window : maintenance) print_window(window.as_object(), out);
}

}  // namespace

bool daemon_runs(const std::string& url) { return ask(url, "GET", "/status", {}).has_value(); }

Result<void> show_status(const std::string& url, bool as_json, std::ostream& out) {
  const auto status = ask(url, "GET", "/status", {});
  if (!status) return fail(status.error());
  if (as_json)
    out << *status << "\n";
  else
    print_status(*status, out);
  return {};
}

Result<void> silence_alarm(const std::string& url, const std::string& by, std::ostream& out) {
  const auto done = ask(url, "POST", "/alarm/silence", {{"by", by}});
  if (!done) return fail(done.error());
  out << "silenced by " << by << ":";
  for (const json::value& source : done->at("silenced").as_array()) out << "\n  " << source.as_string().c_str();
  out << "\n";
  return {};
}

Result<void> reload(const std::string& url, const std::string& by, std::ostream& out) {
  const auto done = ask(url, "POST", "/reload", {{"by", by}});
  if (!done) return fail(done.error());
  out << "in force: " << text(*done, "points") << " points of " << text(*done, "devices") << " devices\n";
  const auto& ended = done->at("ended").as_array();
  if (!ended.empty()) out << "ended by " << by << ":\n";
  for (const json::value& alert : ended) print_alert(alert.as_object(), out);
  const auto& waiting = done->at("at_next_start").as_array();
  if (!waiting.empty()) out << "changed, but taken at the next start only:\n";
  for (const json::value& key : waiting) out << "  " << key.as_string().c_str() << "\n";
  return {};
}

Result<void> write_point(const std::string& url, const std::string& point, const std::string& value,
                         const std::string& by, bool only_check, std::ostream& out) {
  json::object body{{"point", point}, {"value", value}, {"by", by}};
  if (only_check) body["only_check"] = "yes";
  const auto done = ask(url, "POST", "/write", body, kWrittenWithin);
  if (!done) return fail(done.error());
  const std::string outcome = text(*done, "outcome"), after = text(*done, "after");
  out << point << ": " << text(*done, "before") << " before, " << text(*done, "wanted") << " wanted";
  if (!only_check) out << ", " << (after.empty() ? "not read back" : after + " now");
  out << "\n";
  if (outcome != "written" && outcome != "checked") return fail(Errc::refused, text(*done, "says"));
  out << text(*done, "says") << "\n";
  return {};
}

Result<void> reset_alarm(const std::string& url, const std::string& by, const std::string& source,
                         const std::string& rule, std::ostream& out) {
  json::object body{{"by", by}};
  if (!source.empty()) body["source"] = source;
  if (!rule.empty()) body["rule"] = rule;
  const auto done = ask(url, "POST", "/alarm/reset", body);
  if (!done) return fail(done.error());
  out << "reset by " << by << ":\n";
  for (const json::value& alert : done->at("reset").as_array()) print_alert(alert.as_object(), out);
  return {};
}

Result<void> begin_maintenance(const std::string& url, const std::string& device, const std::string& time,
                               const std::string& by, const std::string& reason, std::ostream& out) {
  json::object body{{"device", device}, {"for", time}, {"by", by}};
  if (!reason.empty()) body["reason"] = reason;
  const auto done = ask(url, "POST", "/maintenance/begin", body);
  if (!done) return fail(done.error());
  out << "under maintenance; samples and alerts are recorded and ring nowhere until then:\n";
  for (const json::value& window : done->at("begun").as_array()) print_window(window.as_object(), out);
  out << "what was active before stays live. End it with --end: that resets a red that came and went meanwhile.\n"
         "Where its time runs out instead, whatever is still red or latched rings.\n";
  return {};
}

Result<void> list_maintenance(const std::string& url, std::ostream& out) {
  const auto status = ask(url, "GET", "/status", {});
  if (!status) return fail(status.error());
  const auto& windows = status->at("maintenance").as_array();
  if (windows.empty()) out << "no device is under maintenance\n";
  for (const json::value& window : windows) print_window(window.as_object(), out);
  return {};
}

Result<void> end_maintenance(const std::string& url, const std::string& device, const std::string& by, bool all,
                             std::ostream& out) {
  json::object body{{"device", device}, {"by", by}};
  if (all) body["all"] = "yes";
  const auto done = ask(url, "POST", "/maintenance/end", body);
  if (!done) return fail(done.error());
  out << "ended by " << by << ":\n";
  for (const json::value& window : done->at("ended").as_array()) print_window(window.as_object(), out);
  for (const json::value& alert : done->at("alerts").as_array()) {
    out << (alert.as_object().at("step") == "cleared" ? "reset" : "live again");
    print_alert(alert.as_object(), out);
  }
  for (const json::value& window : done->at("maintenance").as_array()) {
    if (!std::ranges::any_of(done->at("ended").as_array(),
                             [&](const json::value& ended) { return ended.at("device") == window.at("device"); }))
      continue;
    out << "still out of service:";
    print_window(window.as_object(), out);
  }
  return {};
}

}  // namespace anlan::edge
