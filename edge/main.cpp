// anlan-edge: arguments → configuration → daemon or one question → exit code (0 fine, 1 failed, 2 unusable arguments or
// configuration).
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/async/clock.hpp"
#include "common/base/log.hpp"
#include "common/io/journal.hpp"
#include "edge/app/buffer_file.hpp"
#include "edge/app/control.hpp"
#include "edge/app/daemon.hpp"
#include "edge/app/head_shelf.hpp"
#include "edge/app/precautions.hpp"
#include "edge/cli/buffer.hpp"
#include "edge/cli/read.hpp"
#include "edge/cli/remote.hpp"
#include "edge/cli/scan_command.hpp"

namespace {

using namespace anlan;

int serve(edge::Config config) {
  log_to_journal();
  boost::asio::io_context loop(1);
  int code = 1;
  boost::asio::co_spawn(loop, edge::serve(loop, std::move(config)), [&](std::exception_ptr error, int result) {
    if (error) std::rethrow_exception(error);
    code = result;
    loop.stop();
  });
  loop.run();
  return code;
}

int said(const Result<void>& result) {
  if (result) return 0;
  std::cerr << "anlan-edge: " << result.error().message << "\n";
  return 1;
}

struct Options {
  std::string file = "/etc/anlan/edge.toml";
  bool json = false;
  std::size_t most = 100;
  std::string by, source, rule;
  std::string point, value;
  bool only_check = false;
  std::string device, time, reason;
  bool end = false, all = false, list = false;
  edge::ScanOrder scan;
};

void add_scan(CLI::App& sub, Options& options) {
  sub.add_option("ENDPOINT", options.scan.target,
                 "Its address (modbus+tcp://10.1.2.3:502), or a configured device: its address")
      ->required();
  sub.add_option("--units", options.scan.units, "Which: 1-247, or 1,5,10-20")->capture_default_str();
  sub.add_option("--timeout", options.scan.timeout, "How long one answer may take")->capture_default_str();
  sub.add_option("--profiles", options.scan.profiles, "Folder of firmware profiles to hold against what answers");
}

void add_write(CLI::App& sub, Options& options) {
  sub.add_option("DEVICE/POINT", options.point, "Which point, with or without the site")->required();
  sub.add_option("VALUE", options.value, "A number in the point's unit, or one of its meanings")->required();
  sub.add_option("--by", options.by, "Who does it (kept in the history)")->required();
  sub.add_flag("--check", options.only_check,
               "Everything but the write: may it, does the device answer, what is it now");
}

/// An address needs no configuration; where there is one, its daemon's lines are left alone.
int scan(const Options& options) {
  auto config = edge::load_config(options.file);
  const bool needed = !options.scan.target.contains("://");
  if (!config && needed) {
    std::cerr << to_text(config.error());
    return 2;
  }
  const bool runs = config && edge::daemon_runs(edge::control_url(config->data_dir));
  return edge::run_scan(options.scan, config ? std::optional(std::move(*config)) : std::nullopt, runs, std::cout,
                        std::cerr);
}

void add_maintenance(CLI::App& sub, Options& options) {
  auto* device = sub.add_option("DEVICE", options.device, "Its name, with or without the site");
  auto* by = sub.add_option("--by", options.by, "Who does it (kept in the history)");
  auto* action = sub.add_option_group("action")->require_option(1);
  auto* time = action->add_option("--for", options.time, "How long: 90s, 30m, 1h30m; 24h at most");
  auto* end = action->add_flag("--end", options.end, "End it early; resets a red that came and went meanwhile");
  auto* list = action->add_flag("--list", options.list, "What is under maintenance, by whose word and until when");
  time->needs(device, by);
  end->needs(device, by);
  sub.add_option("--reason", options.reason, "Why (kept in the history)")->needs(time);
  sub.add_flag("--all", options.all, "With --end: end that of every other person too")->needs(end);
  device->excludes(list);
  by->excludes(list);
}

Result<void> maintain(const Options& options, const std::string& socket) {
  if (options.list) return edge::list_maintenance(socket, std::cout);
  if (options.end) return edge::end_maintenance(socket, options.device, options.by, options.all, std::cout);
  return edge::begin_maintenance(socket, options.device, options.time, options.by, options.reason, std::cout);
}

Result<void> look_into_buffer(const CLI::App& command, const edge::Config& config, const Options& options) {
  auto keys = edge::load_keys(config.buffer);
  if (!keys) return fail(std::move(keys.error()));
  const edge::BufferAt buffer{edge::buffer_file(config), std::move(*keys)};
  if (command.got_subcommand("dump")) return edge::dump_buffer(buffer, options.most, std::cout);
  if (command.got_subcommand("verify")) return edge::verify_buffer(buffer, std::cout);
  return edge::show_buffer(buffer, options.json, std::cout);
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"The edge of Anlan: reads sensors, scores risk on the spot, keeps everything until the centre has it.",
               "anlan-edge"};
  app.require_subcommand(1);
  app.set_version_flag("--version", ANLAN_VERSION);
  Options options;
  const auto command = [&](CLI::App& parent, const char* name, const char* help) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->add_option("--config", options.file, "Configuration file")->capture_default_str();
    return sub;
  };
  command(app, "run", "Serve until SIGTERM; SIGHUP reads the configuration again (see reload)");
  command(app, "check", "Validate configuration and profiles and print every fault");
  command(app, "read", "Poll every device once and print a table");
  CLI::App* buffer =
      command(app, "buffer", "What is stored, received and still to be sent; works while the daemon runs");
  buffer->add_flag("--json", options.json, "As JSON");
  command(*buffer, "dump", "Decode the records that are held")
      ->add_option("--most", options.most, "Records to decode")
      ->capture_default_str();
  command(*buffer, "verify", "Hold every record against its checksum");
  command(app, "status", "Line, buffer and alerts of the running daemon")->add_flag("--json", options.json, "As JSON");
  CLI::App* audit =
      command(app, "audit",
              "The signed heads of the centre's log that this edge holds, for anlan-collector audit verify "
              "--heads; works without the daemon");
  command(app, "reload",
          "Have the running daemon read its configuration again; by name, so it may end alerts of points that are gone")
      ->add_option("--by", options.by, "Who does it (kept in the history)")
      ->required();
  add_write(
      *command(app, "write", "Have the running daemon write a point that is switched on for it, and read it back"),
      options);
  CLI::App* alarm = app.add_subcommand("alarm", "The local alarm of the running daemon");
  alarm->require_subcommand(1);
  for (auto [name, help] :
       {std::pair{"silence", "Stop the noise of what sounds now; a new or higher alert sounds again"},
        std::pair{"reset", "End latched red alerts whose values are back"}}) {
    CLI::App* sub = command(*alarm, name, help);
    sub->add_option("--by", options.by, "Who does it (kept in the history)")->required();
    if (std::string_view(name) == "reset") {
      sub->add_option("--source", options.source, "site/device/point; without it every latched alert");
      sub->add_option("--rule", options.rule, "high or low");
    }
  }
  add_scan(*command(app, "scan", "Which units answer on a line, and what they are"), options);
  CLI::App* maintenance =
      command(app, "maintenance", "Take a device out of service for a while: its alerts are recorded and ring nowhere");
  add_maintenance(*maintenance, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.got_subcommand("scan")) return scan(options);
  auto config = edge::load_config(options.file);
  if (!config) {
    std::cerr << to_text(config.error());
    return 2;
  }
  if (app.got_subcommand("check")) {
    for (const std::string& words : edge::precautions(*config, SystemClock().wall()))
      std::cerr << "warning: " << words << "\n";
    if (const auto keys = edge::check_keys(*config); !keys) {
      std::cerr << options.file << ": " << keys.error().message << "\n";
      return 2;
    }
    std::cout << options.file << ": no faults; devices: " << config->devices.size()
              << ", points: " << config->definition->points.size() << "\n";
    return 0;
  }
  const std::string socket = edge::control_url(config->data_dir);
  if (app.got_subcommand("read")) return edge::run_read(*config, edge::daemon_runs(socket), std::cout);
  if (buffer->parsed()) return said(look_into_buffer(*buffer, *config, options));
  if (app.got_subcommand("status")) return said(edge::show_status(socket, options.json, std::cout));
  if (audit->parsed()) return said(edge::print_heads(config->data_dir, std::cout));
  if (app.got_subcommand("write"))
    return said(edge::write_point(socket, options.point, options.value, options.by, options.only_check, std::cout));
  if (app.got_subcommand("reload")) return said(edge::reload(socket, options.by, std::cout));
  if (alarm->parsed())
    return said(alarm->got_subcommand("silence")
                    ? edge::silence_alarm(socket, options.by, std::cout)
                    : edge::reset_alarm(socket, options.by, options.source, options.rule, std::cout));
  if (maintenance->parsed()) return said(maintain(options, socket));
  return serve(std::move(*config));
} catch (const std::exception& error) {
  anlan::log::error("edge", "ended by a fault of the program", {{"reason", error.what()}});
  return 1;
}
