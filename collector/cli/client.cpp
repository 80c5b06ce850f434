#include "collector/cli/client.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/io/http_target.hpp"
#include "common/io/random.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector::cli {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kTries = 3;
constexpr std::size_t kPage = 500;
constexpr Millis kStreamSilence{45'000};  // three heartbeats

template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context loop;
  auto result = asio::co_spawn(loop, std::move(work), asio::use_future);
  loop.run();
  return result.get();
}

Errc errc_of(int status) {
  if (status == 404) return Errc::not_found;
  if (status == 412 || status == 428) return Errc::conflict;
  if (status == 401 || status == 403 || status == 409 || status == 423 || status == 429) return Errc::refused;
  if (status == 503) return Errc::unavailable;
  return status >= 500 ? Errc::internal : Errc::invalid_argument;
}

/// The problem's own words, with what to do next where that is known.
Error to_error(const HttpResponse& response) {
  boost::system::error_code failed;
  const json::value body = json::parse(response.body, failed);
  std::string detail = "HTTP " + std::to_string(response.status);
  if (!failed && body.is_object())
    if (const json::value* text = body.get_object().if_contains("detail"); text != nullptr && text->is_string())
      detail = std::string(text->get_string());
  if (response.status == 401 && detail.find("log in") != detail.npos) detail += " (anlanctl login --name NAME)";
  if (response.status == 412) detail += "; somebody else was faster: look at it again (show), then repeat the command";
  return {errc_of(response.status), "the collector refused: " + detail};
}

Error unreachable(const Error& error, const std::string& url) {
  std::string advice;
  if (error.code == Errc::unavailable || error.code == Errc::timeout)
    advice = "; is anlan-collector running there? Give another address with --url or ANLAN_URL";
  return {error.code, "no answer from the collector at " + url + ": " + error.message + advice};
}

asio::awaitable<Error> follow_stream(HttpRequest request, std::string url,
                                     std::function<void(const SentEvent&)> on_event) {
  auto reader = co_await HttpStreamReader::open(std::move(request));
  if (!reader) co_return unreachable(reader.error(), url);
  HttpResponse refusal{.status = (*reader)->status()};
  EventReader events;
  while (true) {
    auto piece = co_await (*reader)->read(kStreamSilence);
    if (!piece) co_return Error(piece.error()).within("the stream has ended");
    if (!*piece) break;
    if (refusal.status >= 400) {
      refusal.body += **piece;
      continue;
    }
    const auto found = events.feed(**piece);
    if (!found) co_return found.error();
    for (const SentEvent& event : *found) on_event(event);
  }
  co_return refusal.status >= 400 ? to_error(refusal) : Error{Errc::unavailable, "the stream has ended"};
}

}  // namespace

std::string target_of(const std::string& path, const Query& query) {
  std::string target = path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += separator + name + '=' + percent_encode(value);
    separator = '&';
  }
  return target;
}

Result<HttpResponse> Client::ask(HttpRequest request) {
  request.url = url_;
  if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
  HttpClientOptions options;
  options.timeout = Millis{30'000};
  options.body_limit = 64 * 1024 * 1024;
  auto answer = run(http_request(std::move(request), std::move(options)));
  if (!answer) return fail(unreachable(answer.error(), url_));
  return answer;
}

Result<HttpResponse> Client::get(const std::string& target) {
  HttpRequest request;
  request.target = target;
  auto answer = ask(std::move(request));
  if (answer && answer->status >= 400) return fail(to_error(*answer));
  return answer;
}

Result<json::value> Client::get_json(const std::string& target) {
  const auto answer = get(target);
  if (!answer) return fail(answer.error());
  boost::system::error_code failed;
  json::value body = json::parse(answer->body, failed);
  if (failed) return fail(Errc::malformed, "what answers at " + url_ + " is no Anlan collector: " + failed.message());
  return body;
}

Result<Client::List> Client::whole_list(const std::string& path) {
  auto body = get_json(path);
  if (!body) return fail(body.error());
  const json::object* object = body->if_object();
  const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
  if (items == nullptr || !items->is_array())
    return fail(Errc::malformed, "what answers at " + url_ + " is no Anlan collector: no items");
  return List{items->get_array(), false};
}

Result<Client::List> Client::list(const std::string& path, Query query, std::size_t most) {
  List list;
  std::string cursor;
  do {
    Query page = query;
    page.emplace_back("limit", std::to_string(std::min(kPage, most - list.items.size())));
    page.emplace_back("cursor", cursor);
    auto body = get_json(target_of(path, page));
    if (!body) return fail(body.error());
    const json::object* object = body->if_object();
    const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
    if (items == nullptr || !items->is_array())
      return fail(Errc::malformed, "what answers at " + url_ + " is no Anlan collector: no items");
    for (const json::value& item : items->get_array()) list.items.push_back(item);
    const json::value* next = object->if_contains("next");
    cursor = next != nullptr && next->is_string() ? std::string(next->get_string()) : "";
  } while (!cursor.empty() && list.items.size() < most);
  list.more = !cursor.empty();
  return list;
}

Result<json::value> Client::post(const std::string& target, const json::value& body, const std::string& etag) {
  HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Idempotency-Key", random_id<Id<struct CommandTag>>().hex());
  if (!etag.empty()) request.headers.set("If-Match", etag);
  request.body = json::serialize(body);
  auto answer = ask(request);
  for (int tried = 1; !answer && retryable(answer.error().code) && tried < kTries; ++tried) answer = ask(request);
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(to_error(*answer));
  boost::system::error_code failed;
  json::value read = json::parse(answer->body, failed);
  if (failed) return fail(Errc::malformed, "what answers at " + url_ + " is no Anlan collector: " + failed.message());
  return read;
}

Result<void> Client::remove(const std::string& target) {
  HttpRequest request;
  request.method = "DELETE";
  request.target = target;
  const auto answer = ask(std::move(request));
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(to_error(*answer));
  return {};
}

Error Client::follow(const std::string& target, const std::string& seen,
                     const std::function<void(const SentEvent&)>& on_event) {
  HttpRequest request;
  request.url = url_;
  request.target = target;
  if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
  if (!seen.empty()) request.headers.set("Last-Event-ID", seen);
  return run(follow_stream(std::move(request), url_, on_event));
}

}  // namespace anlan::collector::cli
