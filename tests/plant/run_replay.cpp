#include "common/base/log.hpp"
#include "common/config/url.hpp"
#include "tests/plant/action.hpp"
#include "tests/plant/modbus_server.hpp"
#include "tests/plant/replay.hpp"
#include "tests/plant/run.hpp"
#include "tests/plant/shell.hpp"

namespace anlan::plant {
namespace {

constexpr std::size_t progress_rows = 100;

std::string counts(const Replay& replay) {
  return std::to_string(replay.served()) + "/" + std::to_string(replay.rows());
}

boost::asio::awaitable<void> tell_the_end(const Replay& replay, Clock& clock) {
  while (!replay.finished(clock.mono())) co_await clock.sleep_for(Millis{50});
  say("DONE " + counts(replay));
}

Shell::Perform performer(const Replay& replay, Shell& shell) {
  return [&](std::string_view line) -> Result<std::string> {
    const auto action = parse_action(line);
    if (!action) return fail(action.error());
    if (std::holds_alternative<Show>(*action)) return "rows read " + counts(replay) + "\n";
    if (!std::holds_alternative<Quit>(*action)) return fail(Errc::refused, "a replay understands show and quit only");
    shell.stop();
    return std::string();
  };
}

int failed(int code, const Error& error) {
  log::error("plant", error.message);
  return code;
}

}  // namespace

int run_replay(const ReplayOptions& options) {
  const auto listen = parse_listen(options.listen);
  if (!listen) return failed(2, listen.error());
  auto recording = load_recording(options.file);
  if (!recording) return failed(2, recording.error());
  Replay replay(*std::move(recording), options.unit, options.row_time);
  replay.on_served = [rows = replay.rows()](std::size_t served) {
    if (served % progress_rows == 0 && served < rows)
      say("PROGRESS " + std::to_string(served) + "/" + std::to_string(rows));
  };
  Shell shell;
  if (const auto opened = shell.open_control(options.control); !opened) return failed(1, opened.error());
  const auto server = ModbusServer::start(listen->address, listen->port, [&](const Request& request) {
    return replay.answer(request, shell.clock().mono());
  });
  if (!server) return failed(1, server.error());
  say("READY recording=" + listen->address + ":" + std::to_string((*server)->port()));
  shell.spawn(tell_the_end(replay, shell.clock()));
  shell.run(performer(replay, shell));
  return replay.served() == replay.rows() ? 0 : 1;
}

}  // namespace anlan::plant
