// One's own account: log in and out, password, one-time codes.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "collector/cli/people_commands.hpp"
#include "collector/cli/table.hpp"
#include "collector/cli/token_file.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

constexpr const char* kSession = "/api/v1/session";

/// The token of an answer is kept, and who it is for is said.
int keep(Shell& shell, const Result<json::value>& answer) {
  if (!answer) return failed(shell, answer.error());
  if (const auto kept = write_token(field(*answer, "token")); !kept) return failed(shell, kept.error());
  shell.out << "you are " << field(*answer, "name") << " (" << field(*answer, "capacity") << ") until "
            << local_time(field(*answer, "expires")) << "; the token is in " << token_file() << '\n';
  return 0;
}

}  // namespace

int log_in(Shell& shell, const std::string& name) {
  const auto password = read_secret_line("password");
  if (!password) return failed(shell, password.error());
  json::object body{{"name", name}, {"password", *password}, {"for", "program"}};
  auto answer = shell.client.post(kSession, body, "");
  if (!answer && answer.error().message.find("one-time code") != std::string::npos) {
    const auto code = read_secret_line("one-time code");
    if (!code) return failed(shell, code.error());
    body["code"] = *code;
    answer = shell.client.post(kSession, body, "");
  }
  return keep(shell, answer);
}

int join(Shell& shell, const std::string& name) {
  const auto invitation = read_secret_line("invitation");
  if (!invitation) return failed(shell, invitation.error());
  const auto password = read_secret_line("new password");
  if (!password) return failed(shell, password.error());
  return keep(
      shell,
      shell.client.post(
          "/api/v1/session/invitation",
          json::object{{"invitation", *invitation}, {"name", name}, {"password", *password}, {"for", "program"}}, ""));
}

int log_out(Shell& shell) {
  const auto ended = shell.client.remove(kSession);
  if (!ended) return failed(shell, ended.error());
  forget_token();
  shell.out << "logged out\n";
  return 0;
}

int change_password(Shell& shell) {
  const auto before = read_secret_line("password");
  if (!before) return failed(shell, before.error());
  const auto after = read_secret_line("new password");
  if (!after) return failed(shell, after.error());
  return keep(shell, shell.client.post("/api/v1/session/password",
                                       json::object{{"password", *before}, {"new_password", *after}}, ""));
}

int second_factor(Shell& shell) {
  const auto password = read_secret_line("password");
  if (!password) return failed(shell, password.error());
  const auto seed = shell.client.post("/api/v1/session/second-factor", json::object{{"password", *password}}, "");
  if (!seed) return failed(shell, seed.error());
  shell.out << "give this to your authenticator app:\n  " << field(*seed, "uri") << "\n" << std::flush;
  const auto code = read_secret_line("a code that it shows");
  if (!code) return failed(shell, code.error());
  const auto made = shell.client.post("/api/v1/session/second-factor/confirm", json::object{{"code", *code}}, "");
  if (!made) return failed(shell, made.error());
  shell.out << "recovery codes, each for once; keep them on paper:\n";
  for (const json::value& one : elements(*made, "recovery_codes")) shell.out << "  " << text_of(one) << '\n';
  return 0;
}

int who_am_i(Shell& shell) {
  const auto me = shell.client.get_json(kSession);
  if (!me) return failed(shell, me.error());
  if (shell.json) {
    shell.out << json::serialize(*me) << '\n';
    return 0;
  }
  if (field(*me, "kind") == "open")
    shell.out << "nobody has logged in: this collector is open\n";
  else
    shell.out << field(*me, "name") << " (" << field(*me, "capacity") << "), until "
              << local_time(field(*me, "expires")) << '\n';
  Table table({"MAY", "OF"});
  for (const json::value& one : elements(*me, "may")) table.add({field(one, "action"), field(one, "scope")});
  shell.out << table.text();
  return 0;
}

}  // namespace anlan::collector::cli
