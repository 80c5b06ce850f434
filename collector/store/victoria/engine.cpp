#include "collector/store/victoria/engine.hpp"

#include <charconv>
#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/log.hpp"
#include "common/io/http_client.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector::victoria {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kLineLimit = 8 << 20;
constexpr std::size_t kAnswerLimit = 16 << 20;

/// The engine is asked from threads that may wait.
template <class T>
T wait_for(awaitable<T> call, const std::stop_token& stop) {
  std::optional<T> result;
  boost::asio::io_context io(1);
  boost::asio::co_spawn(io, std::move(call), [&](std::exception_ptr failed, T value) {
    if (failed) std::rethrow_exception(failed);
    result.emplace(std::move(value));
  });
  const std::stop_callback ended(stop, [&] { io.stop(); });
  io.run();
  if (!result) return fail(Errc::closed, "the telemetry store is being closed");
  return std::move(*result);
}

std::unexpected<Error> refusal(int status, std::string_view body) {
  std::string said(body.substr(0, 200));
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return fail(status == 401 || status == 403 ? Errc::refused : Errc::storage_failed,
              "the telemetry engine answers " + std::to_string(status) + ": " + said);
}

using Take = std::function<bool(ExportLine)>;

Result<bool> hand_over(std::string_view line, const Take& take) {
  if (line.empty()) return true;
  auto parsed = parse_export_line(line);
  if (!parsed) return fail(std::move(parsed.error()));
  return take(std::move(*parsed));
}

/// Lines as they come; the connection is dropped where `take` wants no more.
awaitable<Result<void>> read_lines(HttpRequest request, HttpClientOptions options, const Take& take) {
  const Millis patience = options.timeout;
  auto opened = co_await HttpStreamReader::open(std::move(request), std::move(options));
  if (!opened) co_return fail(std::move(opened.error()));
  std::string rest;
  while (true) {
    auto piece = co_await (*opened)->read(patience);
    if (!piece) co_return fail(std::move(piece.error()));
    if ((*opened)->status() != 200) co_return refusal((*opened)->status(), piece->value_or(""));
    if (!*piece) break;
    rest += **piece;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1) {
      auto more = hand_over(std::string_view(rest).substr(begin, end - begin), take);
      if (!more) co_return fail(std::move(more.error()));
      if (!*more) co_return Result<void>{};
    }
    rest.erase(0, begin);
    if (rest.size() > kLineLimit) co_return fail(Errc::malformed, "the telemetry engine sends a line without end");
  }
  auto last = hand_over(rest, take);
  if (!last) co_return fail(std::move(last.error()));
  co_return Result<void>{};
}

/// The value of a metric without labels in the text of /metrics.
std::optional<double> metric(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos; at += name.size()) {
    if ((at != 0 && text[at - 1] != '\n') || text.substr(at + name.size(), 1) != " ") continue;
    const char* const begin = text.data() + at + name.size() + 1;
    double value = 0;
    if (std::from_chars(begin, text.data() + text.size(), value).ec == std::errc{}) return value;
  }
  return std::nullopt;
}

}  // namespace

HttpRequest Engine::request(const std::string& method, const std::string& url, std::string body) const {
  HttpRequest request{.method = method, .url = url, .body = std::move(body)};
  if (!options_.authorization.empty()) request.headers.set("Authorization", options_.authorization);
  return request;
}

Result<std::string> Engine::ask(const std::string& method, const std::string& url, std::string body) const {
  auto answer =
      wait_for(http_request(request(method, url, std::move(body)),
                            {.timeout = options_.timeout, .ca_file = options_.ca_file, .body_limit = kAnswerLimit}),
               stop_.get_token());
  if (!answer) return fail(std::move(answer.error()).within("telemetry engine"));
  if (answer->status / 100 != 2) return refusal(answer->status, answer->body);
  return std::move(answer->body);
}

std::string Engine::with_key(const std::string& url) const {
  if (options_.auth_key.empty()) return url;
  const char sign = url.find('?') == std::string::npos ? '?' : '&';
  return url + sign + "authKey=" + percent_encode(options_.auth_key);
}

Result<void> Engine::write(std::string lines) const {
  auto done = ask("POST", options_.write_url + "/api/v1/import", std::move(lines));
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<void> Engine::make_visible() const {
  for (const std::string& url : options_.storage_urls)
    if (auto done = ask("GET", with_key(url + "/internal/force_flush"), ""); !done)
      return fail(std::move(done.error()));
  return {};
}

Result<void> Engine::make_durable() const {
  for (const std::string& url : options_.storage_urls)
    if (auto done = snapshot(url); !done) return done;
  return {};
}

Result<void> Engine::snapshot(const std::string& url) const {
  const auto made = ask("GET", with_key(url + "/snapshot/create"), "");
  if (!made) return fail(made.error());
  constexpr std::string_view kKey = R"("snapshot":")";
  const auto at = made->find(kKey);
  const auto end = at == std::string::npos ? at : made->find('"', at + kKey.size());
  if (end == std::string::npos) return fail(Errc::storage_failed, "the telemetry engine makes no snapshot: " + *made);
  const std::string name = made->substr(at + kKey.size(), end - at - kKey.size());
  const auto removed = ask("GET", with_key(url + "/snapshot/delete?snapshot=" + percent_encode(name)), "");
  if (!removed)
    log::warning("store", "a snapshot that made telemetry durable stays in the engine; it holds room on its disk",
                 {{"snapshot", name}, {"reason", removed.error().message}});
  return {};
}

Result<std::vector<Engine::Life>> Engine::lives() const {
  std::vector<Life> lives;
  for (const std::string& url : options_.storage_urls) {
    const auto text = ask("GET", url + "/metrics", "");
    if (!text) return fail(text.error());
    const auto started = metric(*text, "process_start_time_seconds"), ran = metric(*text, "vm_app_uptime_seconds");
    if (!started || !ran) return fail(Errc::malformed, "the telemetry engine does not say when it started");
    lives.push_back({*started, *ran});
  }
  return lives;
}

Result<void> Engine::read(const std::string& selector, std::int64_t from, std::int64_t to, const Take& take) const {
  // Times with milliseconds are written as seconds with a fraction; whole numbers mean seconds or milliseconds by size.
  const auto seconds = [](std::int64_t ms) {
    const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    return std::to_string(ms / 1000) + "." + fraction;
  };
  const std::string url = options_.read_url + "/api/v1/export?match%5B%5D=" + percent_encode(selector) +
                          "&start=" + seconds(from) + "&end=" + seconds(to) +
                          "&max_rows_per_line=10000&reduce_mem_usage=1";
  auto read = wait_for(read_lines(request("GET", url, ""),
                                  {.timeout = options_.timeout, .ca_file = options_.ca_file, .body_limit = 0}, take),
                       stop_.get_token());
  if (!read) return fail(std::move(read.error()).within("reading from the telemetry engine"));
  return {};
}

}  // namespace anlan::collector::victoria
