#include <chrono>
#include <thread>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "collector/cli/commands.hpp"
#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "common/base/backoff.hpp"
#include "common/io/random.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

/// One line for people.
std::string line_of(const Shell& shell, const SentEvent& event) {
  if (event.name == "snapshot") return "following changes after " + event.id;
  if (event.name == "reset") return "changes were missed: look at the lists anew (now at " + event.id + ")";
  boost::system::error_code broken;
  const json::value data = json::parse(event.data, broken);
  if (broken) return event.name + " (not readable)";
  const json::value* body = member(data, "body");
  const json::value none;
  const json::value& what = body == nullptr ? none : *body;
  std::string line = local_time(field(data, "at")) + "  " + printable(event.name) + "  ";
  const std::string level = field(what, "level");
  if (!level.empty() && level != "none") line += painted(level_text(level), level, shell.colour) + "  ";
  line += field(what, "state");
  const std::string name = field(what, "title").empty() ? field(what, "name") : field(what, "title");
  if (!name.empty()) line += "  " + name;
  if (const std::string source = field(what, "source"); !source.empty()) line += "  " + source;
  return line + "  " + field(data, "subject");
}

}  // namespace

int follow_events(Shell& shell, const std::string& since) {
  std::string seen = since;
  bool heard = false;
  Backoff backoff(Millis{500}, Millis{10'000}, random64());
  while (true) {
    const Error ended = shell.client.follow("/api/v1/events", seen, [&](const SentEvent& event) {
      heard = true;
      backoff.reset();
      seen = event.id;
      shell.out << (shell.json ? event.data : line_of(shell, event)) << std::endl;
    });
    if (!shell.out) return failed(shell, {Errc::storage_failed, "the output cannot be written"});
    if (!heard || !retryable(ended.code)) return failed(shell, ended);
    shell.err << "anlanctl: " << printable(ended.message) << "; trying again" << std::endl;
    std::this_thread::sleep_for(backoff.next());
  }
}

}  // namespace anlan::collector::cli
