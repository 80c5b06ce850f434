#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/commands.hpp"
#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "collector/cli/table.hpp"
#include "collector/cli/token_file.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

std::string alert_target(const std::string& id) { return "/api/v1/alerts/" + percent_encode(id); }
std::string hazard_target(const std::string& id) { return "/api/v1/hazards/" + percent_encode(id); }

/// Who has logged in is the author; only an open collector has to be told.
json::object body_of(const By& by) {
  if (by.name.empty()) return {};
  return {{"actor", json::object{{"name", by.name}, {"role", by.role}}}};
}

/// The ETag to act on: of `if_version`, or of what stands there now.
Result<std::string> etag(Shell& shell, const std::string& target, const std::string& if_version) {
  if (!if_version.empty()) return '"' + if_version + '"';
  const auto answer = shell.client.get(target);
  if (!answer) return fail(answer.error());
  return std::string(answer->headers.get("ETag"));
}

/// "label   value" lines; lines without a value are left out.
void lines(Shell& shell, const std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const auto& [label, value] : pairs)
    if (!value.empty() && value != "-")
      shell.out << label << std::string(label.size() < 14 ? 14 - label.size() : 1, ' ') << value << '\n';
}

void history(Shell& shell, const json::value& body) {
  Table table({"TIME", "WHAT", "LEVEL / STATE", "BY", "REASON"});
  for (const json::value& event : elements(body, "history")) {
    const std::string step =
        field(event, "to").empty() ? field(event, "level") : field(event, "from") + " -> " + field(event, "to");
    const std::string mark = field(event, "maintenance") == "yes" ? " (maintenance)" : "";
    table.add({local_time(field(event, "at")), field(event, "what") + mark, step,
               field(event, "actor") + " (" + field(event, "role") + ")", field(event, "reason")});
  }
  shell.out << "\nhistory\n" << table.text();
}

void print_alert(Shell& shell, const json::value& alert) {
  const std::string level = field(alert, "level");
  lines(shell,
        {{"alert", field(alert, "id")},
         {"level", painted(level_text(level), level, shell.colour) + " (highest: " + field(alert, "peak") + ")"},
         {"maintenance",
          field(alert, "maintenance") == "yes" ? "recorded under it; counts as " + field(alert, "live_level") : ""},
         {"state", field(alert, "state") +
                       (field(alert, "uncertain") == "yes" ? ", uncertain: its clearing may have been lost" : "")},
         {"source", field(alert, "source")},
         {"name", field(alert, "name")},
         {"in danger", field(alert, "asset")},
         {"rule", field(alert, "rule")},
         {"value", measured(alert, "evidence.value", "evidence.unit") + ", limit " +
                       measured(alert, "evidence.limit", "evidence.unit")},
         {"score", field(alert, "score")},
         {"raised", local_time(field(alert, "raised_at"))},
         {"heard here", local_time(field(alert, "heard_at"))},
         {"acknowledged",
          field(alert, "acknowledged.by") +
              (field(alert, "acknowledged.note").empty() ? "" : ": " + field(alert, "acknowledged.note"))},
         {"reset by", field(alert, "reset_by")},
         {"version", field(alert, "revision")}});
  history(shell, alert);
}

void print_hazard(Shell& shell, const json::value& hazard) {
  std::string actions;
  for (const json::value& action : elements(hazard, "actions"))
    actions += (actions.empty() ? "" : ", ") + text_of(action);
  lines(shell, {{"hazard", field(hazard, "id")},
                {"title", field(hazard, "title")},
                {"state", field(hazard, "state") + (field(hazard, "overdue") == "yes" ? ", overdue" : "")},
                {"grade",
                 field(hazard, "grade") +
                     (field(hazard, "needs_grading_review") == "yes" ? " (graded by the system, to be reviewed)" : "")},
                {"site", field(hazard, "site")},
                {"in danger", field(hazard, "asset")},
                {"location", field(hazard, "location")},
                {"description", field(hazard, "description")},
                {"responsible", field(hazard, "responsible")},
                {"deadline", local_time(field(hazard, "deadline"))},
                {"due", local_time(field(hazard, "due_at"))},
                {"alerts", field(hazard, "alerts") + ", " + field(hazard, "active_alerts") + " active"},
                {"can be done", actions},
                {"version", field(hazard, "version")}});
  history(shell, hazard);
}

/// Lowering a grade asks for more than a log-in; from standard input, as every secret.
Result<void> add_verification(json::object& body) {
  const auto number = read_secret_line("staff number");
  if (!number) return fail(number.error());
  const auto code = read_secret_line("one-time code");
  if (!code) return fail(code.error());
  body["verification"] = json::object{{"staff_number", *number}, {"code", *code}};
  return {};
}

int print(Shell& shell, const Result<json::value>& body, void (*people)(Shell&, const json::value&)) {
  if (!body) return failed(shell, body.error());
  if (shell.json)
    shell.out << json::serialize(*body) << '\n';
  else
    people(shell, *body);
  return 0;
}

}  // namespace

int show_alert(Shell& shell, const std::string& id) {
  return print(shell, shell.client.get_json(alert_target(id)), print_alert);
}

int acknowledge_alert(Shell& shell, const std::string& id, const By& by, const std::string& note,
                      const std::string& if_version) {
  const auto tag = etag(shell, alert_target(id), if_version);
  if (!tag) return failed(shell, tag.error());
  json::object body = body_of(by);
  if (!note.empty()) body["note"] = note;
  return print(shell, shell.client.post(alert_target(id) + "/acknowledge", body, *tag), print_alert);
}

int reset_alert(Shell& shell, const std::string& id, const By& by, const std::string& reason,
                const std::string& if_version) {
  const auto tag = etag(shell, alert_target(id), if_version);
  if (!tag) return failed(shell, tag.error());
  json::object body = body_of(by);
  body["reason"] = reason;
  return print(
      shell, shell.client.post(alert_target(id) + "/reset", body, *tag), [](Shell& s, const json::value& order) {
        s.out << "the order is on its way to edge " << field(order, "edge") << ", valid until "
              << local_time(field(order, "expires"))
              << "; the alert changes when the edge says so (anlanctl alerts show " << field(order, "alert") << ")\n";
      });
}

int show_hazard(Shell& shell, const std::string& id) {
  return print(shell, shell.client.get_json(hazard_target(id)), print_hazard);
}

int report_hazard(Shell& shell, const By& by, const Query& members) {
  json::object body = body_of(by);
  for (const auto& [name, value] : members)
    if (!value.empty()) body[name] = value;
  return print(shell, shell.client.post("/api/v1/hazards", body, ""), print_hazard);
}

int act_on_hazard(Shell& shell, const std::string& id, const std::string& action, const By& by,
                  const std::string& reason, const Query& fields, const std::string& if_version) {
  const auto tag = etag(shell, hazard_target(id), if_version);
  if (!tag) return failed(shell, tag.error());
  std::string step = action;
  std::ranges::replace(step, '-', '_');  // self-check, as people write it
  json::object body = body_of(by);
  body["action"] = step;
  if (!reason.empty()) body["reason"] = reason;
  json::object& given = body["fields"].emplace_object();
  for (const auto& [name, value] : fields) given[name] = value;
  auto answer = shell.client.post(hazard_target(id) + "/actions", body, *tag);
  if (!answer && answer.error().message.find("verification is missing") != std::string::npos) {
    if (const auto verified = add_verification(body); !verified) return failed(shell, verified.error());
    answer = shell.client.post(hazard_target(id) + "/actions", body, *tag);
  }
  return print(shell, answer, print_hazard);
}

}  // namespace anlan::collector::cli
