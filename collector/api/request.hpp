// One request as the handlers see it, and the answers they give.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "collector/api/query.hpp"
#include "collector/people/subject.hpp"
#include "common/io/http.hpp"
#include "common/io/http_target.hpp"
#include "common/io/json.hpp"
#include "common/io/problem.hpp"

namespace anlan::collector {

struct ApiRequest {
  HttpRequest http;
  HttpTarget target;
  std::vector<std::string> parameters;  // what stood in the places of the route's braces
  const Subject* subject = nullptr;     // who has logged in; nullptr: nobody, and the API is open
};

using Answer = std::expected<HttpResponse, Problem>;

inline std::unexpected<Problem> refuse(Problem problem) { return std::unexpected(std::move(problem)); }
inline std::unexpected<Problem> refuse(const Error& error) { return std::unexpected(to_problem(error)); }

HttpResponse json_response(const boost::json::value& body, int status = 200);

/// A strong entity tag: "7" in quotes.
std::string etag_of(std::int64_t version);

/// 400 bad-query where anything is wrong.
std::expected<void, Problem> check(const QueryFields& query);
/// 422 invalid where anything is wrong.
std::expected<void, Problem> check(const JsonFields& fields);

/// limit and cursor, as every list takes them. `scope` becomes the query without the two.
struct PageWish {
  int limit = 100;
  std::string place;  // after which the page begins; empty: from the start
  std::string scope;  // for make_cursor()
};
std::expected<PageWish, Problem> read_page(const ApiRequest& request, QueryFields& query, int most);

/// {"items": …, "next": cursor or null}
HttpResponse page_response(const PageWish& wish, boost::json::array items,
                           const std::optional<std::string>& next_place);

/// The JSON object of a changing call. Errors: 415 (not application/json), 400.
std::expected<boost::json::object, Problem> read_body(const ApiRequest& request);

/// If-Match: exactly one strong tag that this API has given. Errors: 428 (missing), 400 (malformed).
std::expected<std::int64_t, Problem> expected_version(const ApiRequest& request);

/// The id in the route's first braces. Errors: 404 (not 32 hexadecimal digits).
template <class AnyId>
std::expected<AnyId, Problem> route_id(const ApiRequest& request, std::string_view what) {
  if (const auto id = AnyId::from_hex(request.parameters.at(0))) return *id;
  return refuse(
      Problem{404, "not-found", "there is no " + std::string(what) + " of this id: an id is 32 hexadecimal digits"});
}

/// What every change of one thing says: of which, in which version it was seen, and the members of its body.
template <class AnyId>
struct Edit {
  AnyId id;
  std::int64_t version = 0;
  boost::json::object body;
};

/// Errors: 400 (query parameters, of which a change takes none) and those of its parts.
template <class AnyId>
std::expected<Edit<AnyId>, Problem> read_edit(const ApiRequest& request, std::string_view what) {
  if (const auto good = check(QueryFields(request.target.query)); !good) return refuse(good.error());
  const auto id = route_id<AnyId>(request, what);
  if (!id) return refuse(id.error());
  const auto version = expected_version(request);
  if (!version) return refuse(version.error());
  auto body = read_body(request);
  if (!body) return refuse(body.error());
  return Edit<AnyId>{*id, *version, std::move(*body)};
}

/// Errors: 400 (missing, or not 1 to 200 visible characters).
std::expected<std::string, Problem> idempotency_key(const ApiRequest& request);

/// Who acts: who has logged in. Where the API is open, member `actor` {name, role} of the body, or the headers
/// X-Anlan-Actor and X-Anlan-Role; both only where they say the same. Somebody who has logged in may say so too, and
/// nobody else. What is wrong is noted in `fields`; SYS is nobody.
Actor read_actor(const ApiRequest& request, JsonFields& fields);

}  // namespace anlan::collector
