#include "collector/api/authorise.hpp"

#include <algorithm>

#include "collector/people/secrets.hpp"

namespace anlan::collector {
namespace {

namespace asio = boost::asio;

/// `__Host-`: only this host can set it, over TLS, so that no neighbour's page plants a session of its own.
constexpr std::string_view kCookie = "anlan_session", kSecureCookie = "__Host-anlan_session";

/// A page of another origin whose name was made to point at this machine sends its own name here: it is refused, so
/// that a browser cannot be used to reach a loopback API.
bool loopback_host(std::string_view host) {
  if (host.starts_with("[::1]")) return host.size() == 5 || host[5] == ':';
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" || name == "127.0.0.1";
}

bool changes_something(std::string_view method) { return method != "GET"; }  // HEAD has become GET

/// `lower` is in lower case.
bool same_letters(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Behind the proxy every peer is the proxy, which says in the last entry whom it speaks for; what stands before it, in
/// the same field or in an earlier one, is the client's own word.
std::string address_of(const HttpRequest& request, bool proxied) {
  std::string_view list;
  if (proxied)
    for (const auto& [name, value] : request.headers.all())
      if (same_letters(name, "x-forwarded-for")) list = value;
  if (!list.empty()) return std::string(trimmed(list.substr(list.rfind(',') + 1)).substr(0, 64));
  return request.peer.empty() ? "local" : request.peer;
}

std::string cookie_of(const HttpRequest& request, std::string_view name) {
  std::string_view rest = request.headers.get("Cookie");
  while (!rest.empty()) {
    const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
    rest.remove_prefix(std::min(rest.size(), rest.find(';') == rest.npos ? rest.size() : rest.find(';') + 1));
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
  }
  return {};
}

std::string bearer_of(const HttpRequest& request) {
  const std::string_view value = request.headers.get("Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size()) return {};
  const bool same = same_letters(value.substr(0, kScheme.size()), kScheme);
  return same ? std::string(trimmed(value.substr(kScheme.size()))) : std::string();
}

/// A browser tells where the page came from that makes it ask.
bool foreign_origin(const HttpRequest& request) {
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == origin.npos || origin.substr(scheme + 3) != request.headers.get("Host");
}

Rate rate_of(const Recognised& who, const PeoplePolicy& policy) {
  if (who.per_minute <= 0) return policy.requests;
  return {who.per_minute / 60.0, std::max(1.0, who.per_minute / 6.0)};
}

Subject anybody() {
  Subject subject;
  subject.kind = Subject::Kind::open;
  subject.id = "open";
  return subject;
}

}  // namespace

Problem too_many(Millis wait) {
  Problem problem{429, "too-many-requests", "more requests than are allowed; come back later"};
  problem.retry_after = static_cast<int>((wait.count() + 999) / 1000);
  return problem;
}

std::string session_cookie(const std::string& token, bool secure, Millis lasts) {
  const auto seconds = token.empty() ? 0 : std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  std::string cookie(secure ? kSecureCookie : kCookie);
  cookie += "=" + token + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  return secure ? cookie + "; Secure" : cookie;
}

asio::awaitable<std::expected<Caller, Problem>> authorise(Gate& gate, RateLimit& rates, const Access& access,
                                                          const HttpRequest& request, Guarded guarded, MonoTime now) {
  using Refused = std::unexpected<Problem>;
  const std::string_view host = request.headers.get("Host");
  const bool proxied = !access.public_host.empty() && host == access.public_host;
  if (!proxied && !loopback_host(host))
    co_return Refused(
        Problem{421, "host-not-allowed", "this API does not answer to this host name (http.public_host)"});
  if (changes_something(request.method) && foreign_origin(request))
    co_return Refused(Problem{403, "foreign-origin", "a page of another origin may not change anything here"});

  Caller caller;
  caller.address = address_of(request, proxied);
  caller.secure = proxied;
  const std::string bearer = bearer_of(request), cookie = cookie_of(request, proxied ? kSecureCookie : kCookie);
  if (!bearer.empty() && !cookie.empty())
    co_return Refused(Problem{400, "two-credentials", "send a cookie or a bearer token, not both"});
  std::optional<Recognised> who;
  if (!bearer.empty() || !cookie.empty()) {
    auto found = co_await gate.recognise(bearer.empty() ? cookie : bearer, !bearer.empty());
    if (!found) co_return Refused(to_problem(found.error()));
    who = std::move(*found);
  }
  if (!who) {
    const bool opened = access.open && bearer.empty() && cookie.empty();
    if (!opened)
      if (const auto wait = rates.take("address " + caller.address, gate.policy().anonymous, now))
        co_return Refused(too_many(*wait));
    if (opened) caller.subject = anybody();
    if (opened && guarded.action()) caller.reach = Reach::everything();
    if (opened || !guarded.action()) co_return caller;
    const bool had = !bearer.empty() || !cookie.empty();
    co_return Refused(had ? Problem{401, "session-ended", "this session or token is not valid (any more); log in again"}
                          : Problem{401, "log-in-needed", "log in first: POST /api/v1/session, or a bearer token"});
  }
  if (const auto wait = rates.take("subject " + who->subject.id, rate_of(*who, gate.policy()), now))
    co_return Refused(too_many(*wait));
  if (!cookie.empty() && guarded.action() && changes_something(request.method) &&
      !same_secret(request.headers.get("X-Anlan-CSRF"), who->session.csrf))
    co_return Refused(Problem{403, "csrf", "X-Anlan-CSRF is not that of this session; GET /api/v1/session tells it"});
  if (guarded.action()) {
    caller.reach = who->subject.reach(*guarded.action());
    if (caller.reach.none())
      co_return Refused(Problem{403, "not-permitted",
                                "this is not for " + std::string(to_string(who->subject.capacity)) + ": " +
                                    std::string(guarded.name()) + " (GET /api/v1/permissions)"});
  }
  caller.subject = std::move(who->subject);
  caller.session = std::move(who->session);
  caller.new_token = std::move(who->new_token);
  co_return caller;
}

}  // namespace anlan::collector
