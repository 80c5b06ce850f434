#include "edge/app/control.hpp"

#include <boost/json.hpp>

#include "common/base/duration.hpp"
#include "common/io/json.hpp"
#include "common/io/problem.hpp"

namespace anlan::edge {

namespace json = boost::json;

namespace {

HttpResponse answer_json(const json::value& value) {
  return {200, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(value) + "\n"};
}

HttpResponse refuse(const Error& error) { return to_response(to_problem(error)); }

json::object to_json(const AlertTransition& t) {
  json::object out{{"id", t.alert.hex()},
                   {"source", t.source},
                   {"rule", t.rule},
                   {"name", t.name},
                   {"level", to_string(t.level)},
                   {"step", to_string(t.step)},
                   {"score", t.score},
                   {"since", to_rfc3339(t.evidence.since)},
                   {"unit", t.evidence.unit}};
  if (!std::isnan(t.evidence.value)) out["value"] = t.evidence.value;
  if (!std::isnan(t.evidence.limit)) out["limit"] = t.evidence.limit;
  if (t.maintenance) out["maintenance"] = to_string(*t.maintenance);
  return out;
}

json::array to_json(const std::vector<OpenWindow>& windows) {
  json::array out;
  for (const OpenWindow& open : windows)
    out.push_back(json::object{{"device", open.device},
                               {"by", open.window.by},
                               {"reason", open.window.reason},
                               {"since", to_rfc3339(open.window.since)},
                               {"until", to_rfc3339(open.window.until)}});
  return out;
}

json::object to_json(const Ledger& ledger) {
  std::uint64_t due_events = 0, due_telemetry = 0, samples = 0;
  for (const auto& [place, state] : ledger.places) {
    (place.stream == Stream::event ? due_events : due_telemetry) += state.due().count();
    samples += state.samples;
  }
  return {{"bytes", ledger.bytes()},
          {"epochs", ledger.epochs.size()},
          {"samples_committed", samples},
          {"events_due", due_events},
          {"telemetry_records_due", due_telemetry}};
}

json::value to_json(const HeadShelf& shelf) {
  const HeldHead* newest = shelf.keeper().newest();
  if (!newest) return nullptr;
  const TreeHead& head = newest->head.head;
  return json::object{{"size", head.size},
                      {"at", to_rfc3339(head.at)},
                      {"received", to_rfc3339(newest->received)},
                      {"root", head.root},
                      {"held", shelf.keeper().held().size()},
                      {"contradictions", shelf.keeper().contradictions().size()},
                      {"durable", shelf.durable()}};
}

}  // namespace

std::string control_url(const std::string& data_dir) { return "unix://" + data_dir + "/control.sock"; }

boost::asio::awaitable<HttpResponse> Control::answer(HttpRequest request) {
  const bool get = request.method == "GET", post = request.method == "POST";
  if (get && request.target == "/status") co_return status();
  if (get && request.target == "/metrics")
    co_return HttpResponse{200, {{"Content-Type", "text/plain; version=0.0.4"}}, view_.metrics.text()};
  if (post && request.target == "/alarm/silence") co_return silence(request.body);
  if (post && request.target == "/alarm/reset") co_return reset(request.body);
  if (post && request.target == "/reload") co_return reload(request.body);
  if (post && request.target == "/write") co_return co_await write(std::move(request.body));
  if (post && request.target == "/maintenance/begin") co_return begin_maintenance(request.body);
  if (post && request.target == "/maintenance/end") co_return end_maintenance(request.body);
  co_return refuse({Errc::not_found, "no such path: " + request.target.substr(0, 100)});
}

HttpResponse Control::status() const {
  const auto& uplink = view_.uplink.status();
  json::array alerts;
  const Scorer& scorer = view_.pipeline.scorer();
  for (const AlertTransition& t : scorer.active()) {
    json::object alert = to_json(t);
    if (scorer.orphans().has(t.source, t.rule)) alert["orphaned"] = true;
    alerts.push_back(std::move(alert));
  }
  json::object out{{"edge", view_.config.id},
                   {"site", view_.config.site},
                   {"time", to_rfc3339(view_.clock.wall())},
                   {"clock_synced", view_.clock.synced()},
                   {"risk", view_.pipeline.scorer().risk()},
                   {"uplink", json::object{{"broker", view_.config.uplink.broker},
                                           {"connected", uplink.connected},
                                           {"answered", uplink.answered},
                                           {"since", to_rfc3339(uplink.since)},
                                           {"trouble", uplink.trouble}}},
                   {"buffer", to_json(*view_.buffer.ledger())},
                   {"centre_log", to_json(view_.heads)},
                   {"alerts", std::move(alerts)},
                   {"maintenance", to_json(view_.pipeline.scorer().maintenance())}};
  if (view_.annunciator) {
    json::object shown{{"reached", view_.annunciator->shown().has_value()}};
    if (const auto& output = view_.annunciator->shown()) {
      shown["sound"] = output->sound;
      shown["level"] = to_string(output->level);
      shown["beat"] = output->beat;
    }
    out["annunciator"] = std::move(shown);
  }
  return answer_json(out);
}

HttpResponse Control::silence(const std::string& body) {
  const auto object = parse_json_object(body);
  if (!object) return refuse(object.error());
  JsonFields fields(*object);
  const std::string by = fields.text("by", 1, 100);
  if (const auto checked = fields.check(); !checked) return refuse(checked.error());
  if (!view_.annunciator)
    return refuse({Errc::conflict, "this edge has no [annunciator]: there is nothing to silence"});
  const auto silenced = view_.annunciator->silence(by);
  if (!silenced) return refuse(silenced.error());
  json::array sources;
  std::string list;
  for (const std::string& source : silenced->sources) {
    sources.push_back(json::string(source));
    list += (list.empty() ? "" : ", ") + source;
  }
  view_.pipeline.on_event(Kind::edge_event, {view_.config.id, "silenced", list, by});
  return answer_json(json::object{{"silenced", std::move(sources)}, {"by", by}});
}

HttpResponse Control::reload(const std::string& body) {
  const auto object = parse_json_object(body);
  if (!object) return refuse(object.error());
  JsonFields fields(*object);
  const std::string by = fields.text("by", 1, 100);
  if (const auto checked = fields.check(); !checked) return refuse(checked.error());
  const auto done = view_.reload(by);
  if (!done) return refuse(done.error());
  json::array ended, waiting;
  for (const AlertTransition& t : done->ended) ended.push_back(to_json(t));
  for (const std::string& key : done->waiting) waiting.push_back(json::string(key));
  return answer_json(json::object{{"devices", done->devices},
                                  {"points", done->points},
                                  {"ended", std::move(ended)},
                                  {"at_next_start", std::move(waiting)},
                                  {"by", by}});
}

boost::asio::awaitable<HttpResponse> Control::write(std::string body) {
  const auto object = parse_json_object(body);
  if (!object) co_return refuse(object.error());
  JsonFields fields(*object);
  WriteWish wish{
      .point = fields.text("point", 1, 200), .value = fields.text("value", 1, 64), .by = fields.text("by", 1, 100)};
  const std::string only_check = fields.optional_text("only_check", 3);
  if (!only_check.empty() && only_check != "yes") fields.wrong("only_check", "is not yes");
  if (const auto checked = fields.check(); !checked) co_return refuse(checked.error());
  wish.only_check = !only_check.empty();
  const auto written = co_await view_.writes.write(std::move(wish));
  if (!written && retryable(written.error().code))  // the device, not a store
    co_return to_response(Problem{.status = 503, .code = "unavailable", .detail = written.error().message});
  if (!written) co_return refuse(written.error());
  co_return answer_json(json::object{{"outcome", to_string(written->outcome)},
                                     {"before", written->before},
                                     {"wanted", written->wanted},
                                     {"after", written->after},
                                     {"says", written->says}});
}

/// Without a source: every alert that waits for a reset; none is an error that says so.
HttpResponse Control::reset(const std::string& body) {
  const auto object = parse_json_object(body);
  if (!object) return refuse(object.error());
  JsonFields fields(*object);
  const std::string by = fields.text("by", 1, 100), source = fields.optional_text("source", 200),
                    rule = fields.optional_text("rule", 40);
  if (const auto checked = fields.check(); !checked) return refuse(checked.error());
  std::vector<std::pair<std::string, std::string>> wanted;
  for (const AlertTransition& t : view_.pipeline.scorer().active()) {
    const bool named = source == t.source && (rule.empty() || rule == t.rule);
    if (source.empty() ? t.step == AlertStep::latched : named) wanted.emplace_back(t.source, t.rule);
  }
  if (wanted.empty())
    return refuse({Errc::not_found, source.empty()
                                        ? "no alert waits for a reset; one that is still in danger cannot be reset"
                                        : "no active alert of " + source + (rule.empty() ? "" : ", rule " + rule)});
  json::array done;
  for (const auto& [where, which] : wanted) {
    const auto transition = view_.pipeline.reset(where, which, by);
    if (!transition) return refuse(transition.error());
    done.push_back(to_json(*transition));
  }
  return answer_json(json::object{{"reset", std::move(done)}, {"by", by}});
}

/// People may leave the site out: it is this one.
std::string Control::with_site(const std::string& device) const {
  return device.contains('/') ? device : view_.config.site + "/" + device;
}

HttpResponse Control::begin_maintenance(const std::string& body) {
  const auto object = parse_json_object(body);
  if (!object) return refuse(object.error());
  JsonFields fields(*object);
  const std::string device = fields.text("device", 1, 200), by = fields.text("by", 1, 100),
                    time = fields.text("for", 1, 40), reason = fields.optional_text("reason", 500);
  const auto duration = parse_duration(time);
  if (!time.empty() && !duration) fields.wrong("for", duration.error().message);
  if (const auto checked = fields.check(); !checked) return refuse(checked.error());
  const auto change = view_.pipeline.begin_maintenance(with_site(device), by, reason, *duration);
  return change ? changed(*change) : refuse(change.error());
}

HttpResponse Control::end_maintenance(const std::string& body) {
  const auto object = parse_json_object(body);
  if (!object) return refuse(object.error());
  JsonFields fields(*object);
  const std::string device = fields.text("device", 1, 200), by = fields.text("by", 1, 100),
                    all = fields.optional_text("all", 3);
  if (!all.empty() && all != "yes") fields.wrong("all", "is not yes");
  if (const auto checked = fields.check(); !checked) return refuse(checked.error());
  const auto change = view_.pipeline.end_maintenance(with_site(device), by, !all.empty());
  return change ? changed(*change) : refuse(change.error());
}

HttpResponse Control::changed(const MaintenanceChange& change) const {
  json::array alerts;
  for (const AlertTransition& t : change.transitions) alerts.push_back(to_json(t));
  return answer_json(json::object{{"begun", to_json(change.begun)},
                                  {"ended", to_json(change.ended)},
                                  {"alerts", std::move(alerts)},
                                  {"maintenance", to_json(view_.pipeline.scorer().maintenance())}});
}

}  // namespace anlan::edge
