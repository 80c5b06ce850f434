// How somebody gets in, who they are then, and their own account.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "collector/api/handlers.hpp"
#include "collector/api/people_json.hpp"
#include "collector/people/secrets.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kLongestSecret = 1024;

/// Guessing is slowed down by address, whatever is guessed at.
std::expected<void, Problem> not_too_often(ApiContext context) {
  const auto wait = context.rates.take("log-in " + context.caller.address, context.parts.gate.policy().log_ins,
                                       context.parts.clock.mono());
  if (wait) return refuse(too_many(*wait));
  return {};
}

Subject subject_of(const OpenedSession& opened) {
  Subject subject;
  subject.id = opened.person.id.hex();
  subject.name = opened.person.is.name;
  subject.role = opened.person.is.role;
  subject.capacity = capacity_of(opened.person.is.role, opened.person.is.duty);
  subject.territory = opened.person.is.territory;
  return subject;
}

/// A browser gets its token in a cookie that no script reads; a program in the body.
HttpResponse opened_response(ApiContext context, const OpenedSession& opened, int status) {
  json::object body = me_json(subject_of(opened), opened.row);
  const bool browser = opened.row.kind == SessionKind::browser;
  body["token"] = browser ? json::value(nullptr) : json::value(opened.token);
  HttpResponse response = json_response(body, status);
  if (browser)
    response.headers.set(
        "Set-Cookie", session_cookie(opened.token, context.caller.secure, context.parts.gate.policy().session_lasts));
  return response;
}

std::expected<LogIn, Problem> read_log_in(ApiContext context, JsonFields& fields) {
  LogIn wish;
  wish.name = fields.text("name", 1, 100);
  wish.password = fields.verbatim("password", kLongestSecret);
  wish.address = context.caller.address;
  const std::string kind = fields.optional_text("for", 20);
  if (!kind.empty() && kind != "browser" && kind != "program") fields.wrong("for", "is neither browser nor program");
  wish.kind = kind == "program" ? SessionKind::program : SessionKind::browser;
  return wish;
}

/// Only somebody who has logged in has an account of their own.
std::expected<Subject, Problem> oneself(ApiContext context) {
  const auto& subject = context.caller.subject;
  if (subject && subject->kind == Subject::Kind::person) return *subject;
  return refuse(Problem{409, "refused", "nobody has logged in: there is no account to change"});
}

}  // namespace

asio::awaitable<Answer> open_session(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  if (const auto may = not_too_often(context); !may) co_return refuse(may.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  auto wish = read_log_in(context, fields);
  wish->code = fields.optional_text("code", 40);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto opened = co_await context.parts.gate.log_in(std::move(*wish));
  if (!opened) co_return refuse(opened.error());
  // Whatever session this browser had before ends: the new one has nothing of it.
  if (context.caller.session && context.caller.session->kind == SessionKind::browser)
    if (const auto ended = co_await context.parts.gate.log_out(*context.caller.subject); !ended)
      co_return refuse(ended.error());
  co_return opened_response(context, *opened, 201);
}

asio::awaitable<Answer> show_session(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  co_return json_response(me_json(*context.caller.subject, context.caller.session));
}

asio::awaitable<Answer> end_session(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto who = oneself(context);
  if (!who) co_return refuse(who.error());
  const auto ended = co_await context.parts.gate.log_out(*who);
  if (!ended) co_return refuse(ended.error());
  HttpResponse response{.status = 204};
  if (context.caller.session->kind == SessionKind::browser)
    response.headers.set("Set-Cookie", session_cookie("", context.caller.secure, Millis{0}));
  co_return response;
}

asio::awaitable<Answer> accept_invitation(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  if (const auto may = not_too_often(context); !may) co_return refuse(may.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const std::string invitation = fields.text("invitation", 1, 100);
  auto wish = read_log_in(context, fields);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto opened = co_await context.parts.gate.accept_invitation(invitation, std::move(*wish));
  if (!opened) co_return refuse(opened.error());
  co_return opened_response(context, *opened, 201);
}

asio::awaitable<Answer> change_password(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto who = oneself(context);
  if (!who) co_return refuse(who.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  std::string before = fields.verbatim("password", kLongestSecret),
              after = fields.verbatim("new_password", kLongestSecret);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto opened =
      co_await context.parts.gate.change_password(*who, context.caller.address, std::move(before), std::move(after));
  if (!opened) co_return refuse(opened.error());
  co_return opened_response(context, *opened, 200);
}

asio::awaitable<Answer> begin_second_factor(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto who = oneself(context);
  if (!who) co_return refuse(who.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  std::string password = fields.verbatim("password", kLongestSecret);
  const std::string code = fields.optional_text("code", 40);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  const auto seed =
      co_await context.parts.gate.begin_second_factor(*who, context.caller.address, std::move(password), code);
  if (!seed) co_return refuse(seed.error());
  co_return json_response(json::object{{"seed", seed->seed}, {"uri", seed->uri}});
}

asio::awaitable<Answer> confirm_second_factor(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto who = oneself(context);
  if (!who) co_return refuse(who.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const std::string code = fields.text("code", 1, 40);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  const auto codes = co_await context.parts.gate.confirm_second_factor(*who, context.caller.address, code);
  if (!codes) co_return refuse(codes.error());
  json::object answer;
  answer["recovery_codes"] = json::array(codes->begin(), codes->end());
  co_return json_response(answer);
}

}  // namespace anlan::collector::api
