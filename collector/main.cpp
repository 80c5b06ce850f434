// anlan-collector: arguments → configuration → daemon → exit code (0 fine, 1 failed, 2 unusable arguments or
// configuration).
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "collector/app/daemon.hpp"
#include "collector/app/precautions.hpp"
#include "common/async/clock.hpp"
#include "common/base/log.hpp"
#include "common/io/journal.hpp"

namespace {

using namespace anlan;

int serve(collector::Config config) {
  log_to_journal();
  boost::asio::io_context loop(1);
  auto daemon = collector::Daemon::open(loop, std::move(config));
  if (!daemon) {
    log::error("collector", "cannot start", {{"reason", daemon.error().message}});
    return 1;
  }
  int code = 1;
  boost::asio::co_spawn(loop, (*daemon)->run(), [&](std::exception_ptr error, int result) {
    if (error) std::rethrow_exception(error);
    code = result;
    loop.stop();
  });
  loop.run();
  return code;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"The centre of Anlan: stores what the edges send, raises alerts, runs the closed loop of hazards.",
               "anlan-collector"};
  app.require_subcommand(1);
  app.set_version_flag("--version", ANLAN_VERSION);
  std::string file = "/etc/anlan/collector.toml";
  for (auto* command : {app.add_subcommand("run", "Serve until SIGTERM; SIGHUP reads the configuration again"),
                        app.add_subcommand("check", "Validate the configuration and print every fault")})
    command->add_option("--config", file, "Configuration file")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto config = collector::load_config(file);
  if (!config) {
    std::cerr << to_text(config.error());
    return 2;
  }
  if (app.got_subcommand("check")) {
    for (const std::string& words : collector::precautions(*config, SystemClock().wall()))
      std::cerr << "warning: " << words << "\n";
    std::cout << file << ": no faults\n";
    return 0;
  }
  return serve(std::move(*config));
} catch (const std::exception& error) {
  anlan::log::error("collector", "ended by a fault of the program", {{"reason", error.what()}});
  return 1;
}
