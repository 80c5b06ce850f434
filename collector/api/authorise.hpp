// Who makes a request, and whether its route's action is theirs: decided before any handler runs. Internal to
// collector/api.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "collector/people/gate.hpp"
#include "common/io/http.hpp"
#include "common/io/problem.hpp"

namespace anlan::collector {

/// What a route asks for. Without one a route does not compile.
class Guarded {
 public:
  constexpr Guarded(Action action) : action_(action) {}
  /// No log-in at all: health, the document, the log-in itself.
  static constexpr Guarded by_nothing() { return Guarded(); }
  constexpr const std::optional<Action>& action() const { return action_; }
  constexpr std::string_view name() const { return action_ ? action_->name() : "everybody"; }

 private:
  constexpr Guarded() = default;
  std::optional<Action> action_;
};

/// How the API lets people in; the same for its whole life.
struct Access {
  bool open = false;        // whoever reaches this machine's loopback does everything, under the name they give
  std::string public_host;  // behind a proxy of this machine: what browsers write into Host; empty: loopback only
};

/// Who makes the request, as far as the route may know it.
struct Caller {
  std::optional<Subject> subject;  // nullopt: nobody has logged in, and the route does not mind
  Reach reach = Reach::nothing();  // of the route's action
  std::optional<SessionRow> session;
  std::string address;
  bool secure = false;                   // not on the loopback: cookies go over TLS only
  std::optional<std::string> new_token;  // the session was rotated: a new cookie goes with the answer

  bool open() const { return subject && subject->kind == Subject::Kind::open; }
};

/// Problems: 400 (two credentials), 401 log-in-needed or session-ended, 403 not-permitted, csrf or foreign-origin, 421
/// host-not-allowed, 429 too-many-requests, 503.
boost::asio::awaitable<std::expected<Caller, Problem>> authorise(Gate& gate, RateLimit& rates, const Access& access,
                                                                 const HttpRequest& request, Guarded guarded,
                                                                 MonoTime now);

/// Set-Cookie for a browser's session; an empty token takes it away.
std::string session_cookie(const std::string& token, bool secure, Millis lasts);

Problem too_many(Millis wait);

}  // namespace anlan::collector
