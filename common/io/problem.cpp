#include "common/io/problem.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/log.hpp"

namespace anlan {
namespace {

namespace json = boost::json;

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

HttpResponse to_response(const Problem& problem) {
  json::object body{{"type", "urn:anlan:problem:" + problem.code},
                    {"title", title_of(problem.status)},
                    {"status", problem.status},
                    {"code", problem.code},
                    {"detail", problem.detail}};
  if (!problem.errors.empty()) body["errors"] = json::array(problem.errors.begin(), problem.errors.end());
  HttpResponse response;
  response.status = problem.status;
  response.headers.set("Content-Type", "application/problem+json");
  if (problem.status == 503 || problem.retry_after > 0)
    response.headers.set("Retry-After", std::to_string(std::max(1, problem.retry_after)));
  response.body = json::serialize(body);
  return response;
}

Problem to_problem(const Error& error) {
  switch (error.code) {
    case Errc::invalid_argument:
      return {422, "invalid", error.message};
    case Errc::malformed:
      return {400, "malformed", error.message};
    case Errc::not_found:
      return {404, "not-found", error.message};
    case Errc::conflict:
      return {412, "stale", error.message};
    case Errc::refused:
      return {409, "refused", error.message};
    case Errc::too_large:
      return {413, "too-large", error.message};
    case Errc::unsupported:
      return {422, "unsupported", error.message};
    case Errc::timeout:
    case Errc::unavailable:
    case Errc::closed:
      return {503, "unavailable", "the store does not answer just now; try again"};
    case Errc::storage_full:
    case Errc::cap_reached:
      return {503, "storage-full", "the store's disk is full"};
    case Errc::storage_corrupt:
    case Errc::storage_failed:
      log::error("http", "a request met a storage failure", {{"why", error.message}});
      return {503, "storage-failed", "the store cannot be read or written; the program's log says why"};
    case Errc::internal:
      break;
  }
  log::error("http", "a request met a fault in the program", {{"why", error.message}});
  return {500, "internal", "this request met a fault in the program; it is in its log"};
}

}  // namespace anlan
