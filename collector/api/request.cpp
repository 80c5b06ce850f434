#include "collector/api/request.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/api/cursor.hpp"

namespace anlan::collector {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestName = 100;

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : "; ") + part;
  return all;
}

/// The path and every parameter but the page's own, in a fixed order.
std::string scope_of(const ApiRequest& request) {
  auto parameters = request.target.query;
  std::erase_if(parameters, [](const auto& p) { return p.first == "limit" || p.first == "cursor"; });
  std::ranges::sort(parameters);
  std::string scope;
  for (const std::string& segment : request.target.path) scope += "/" + segment;
  for (const auto& [key, value] : parameters) scope += '\n' + key + '=' + value;
  return scope;
}

/// Adds what is wrong with an actor's parts to `fields`.
Actor checked_actor(const std::string& name, const std::string& role, JsonFields& fields) {
  const std::string trimmed = name.substr(std::min(name.find_first_not_of(' '), name.size()));
  if (person_key(name).empty())
    fields.wrong("actor", "has no name: say who acts");
  else if (name.size() > kLongestName || !plain_text(name))
    fields.wrong("actor", "has a name that is longer than 100 bytes or no UTF-8 text");
  const auto found = role_from(role);
  if (!found || *found == Role::SYS) fields.wrong("actor", "has no role; right would be one of SA, CR, DA, EP, EM");
  return {trimmed.substr(0, trimmed.find_last_not_of(' ') + 1), found.value_or(Role::EM)};
}

}  // namespace

HttpResponse json_response(const json::value& body, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  response.body = json::serialize(body);
  return response;
}

std::string etag_of(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

std::expected<void, Problem> check(const QueryFields& query) {
  auto faults = query.faults();
  if (faults.empty()) return {};
  const std::string detail = joined(faults);
  return refuse(Problem{400, "bad-query", detail, std::move(faults)});
}

std::expected<void, Problem> check(const JsonFields& fields) {
  auto faults = fields.faults();
  if (faults.empty()) return {};
  const std::string detail = joined(faults);
  return refuse(Problem{422, "invalid", detail, std::move(faults)});
}

std::expected<PageWish, Problem> read_page(const ApiRequest& request, QueryFields& query, int most) {
  PageWish wish;
  wish.scope = scope_of(request);
  wish.limit = static_cast<int>(query.integer("limit", 1, most).value_or(std::min(100, most)));
  const std::string cursor = query.text("cursor", 4096);
  if (auto good = check(query); !good) return refuse(good.error());
  if (cursor.empty()) return wish;
  auto place = open_cursor(wish.scope, cursor);
  if (!place) return refuse(Problem{400, "bad-cursor", place.error().message});
  wish.place = std::move(*place);
  return wish;
}

HttpResponse page_response(const PageWish& wish, json::array items, const std::optional<std::string>& next_place) {
  json::object body;
  body["items"] = std::move(items);
  body["next"] = next_place ? json::value(make_cursor(wish.scope, *next_place)) : json::value(nullptr);
  return json_response(body);
}

std::expected<json::object, Problem> read_body(const ApiRequest& request) {
  std::string_view type = request.http.headers.get("Content-Type");
  type = type.substr(0, type.find_first_of("; "));
  if (type != "application/json") return refuse(Problem{415, "not-json", "Content-Type is not application/json"});
  auto object = parse_json_object(request.http.body);
  if (!object) return refuse(object.error());
  return std::move(*object);
}

std::expected<std::int64_t, Problem> expected_version(const ApiRequest& request) {
  const std::string_view tag = request.http.headers.get("If-Match");
  if (tag.empty())
    return refuse(Problem{428, "if-match-missing", "say which state you saw: send its ETag as If-Match"});
  std::int64_t version = 0;
  const char* end = tag.data() + tag.size() - 1;
  const bool quoted = tag.size() >= 3 && tag.front() == '"' && tag.back() == '"';
  const auto read = quoted ? std::from_chars(tag.data() + 1, end, version)
                           : std::from_chars_result{nullptr, std::errc::invalid_argument};
  if (request.http.headers.count("If-Match") != 1 || read.ec != std::errc{} || read.ptr != end || version < 0)
    return refuse(
        Problem{400, "if-match-malformed", "If-Match is no ETag of this resource: one number in quotes (\"7\")"});
  return version;
}

std::expected<std::string, Problem> idempotency_key(const ApiRequest& request) {
  const std::string_view key = request.http.headers.get("Idempotency-Key");
  if (key.empty())
    return refuse(
        Problem{400, "idempotency-key-missing",
                "send an Idempotency-Key (a fresh random one for each act, the same one when it is tried again)"});
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (request.http.headers.count("Idempotency-Key") != 1 || key.size() > 200 || !visible)
    return refuse(
        Problem{400, "idempotency-key-malformed", "Idempotency-Key is not 1 to 200 visible ASCII characters"});
  return std::string(key);
}

namespace {

Actor said_actor(const ApiRequest& request, JsonFields& fields, bool needed) {
  const std::string name(request.http.headers.get("X-Anlan-Actor")), role(request.http.headers.get("X-Anlan-Role"));
  const bool by_header = !name.empty() || !role.empty();
  const json::object* object = fields.optional_object("actor");
  if (object == nullptr) {
    if (!by_header && needed)
      fields.wrong("actor",
                   "is missing: say who acts, {\"name\": …, \"role\": …}, or in X-Anlan-Actor and X-Anlan-Role");
    return by_header ? checked_actor(name, role, fields) : Actor{};
  }
  JsonFields inner(*object, "actor.");
  const std::string own_name = inner.text("name", 1, kLongestName), own_role = inner.text("role", 1, 10);
  fields.include(inner);
  if (!inner.faults().empty()) return {};
  if (by_header && (name != own_name || role != own_role))
    fields.wrong("actor", "is another one in the headers than in the body");
  return checked_actor(own_name, own_role, fields);
}

}  // namespace

Actor read_actor(const ApiRequest& request, JsonFields& fields) {
  const Actor said = said_actor(request, fields, request.subject == nullptr);
  if (request.subject == nullptr) return said;
  const Actor actor = request.subject->actor();
  if (!said.name.empty() && said != actor) fields.wrong("actor", "is somebody else than who has logged in");
  return actor;
}

}  // namespace anlan::collector
