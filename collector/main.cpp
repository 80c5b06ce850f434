// anlan-collector: arguments → configuration → daemon → exit code (0 fine, 1 failed, 2 unusable arguments or
// configuration).
#include <exception>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "collector/app/audit_command.hpp"
#include "collector/app/backup.hpp"
#include "collector/app/daemon.hpp"
#include "collector/app/init_admin.hpp"
#include "collector/app/precautions.hpp"
#include "collector/app/restore.hpp"
#include "collector/app/store_command.hpp"
#include "collector/app/stores.hpp"
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

/// What went wrong on standard error; its exit code.
int failed(const Error& error) {
  std::cerr << "anlan-collector: " << error.message << "\n";
  return error.code == Errc::invalid_argument ? 2 : 1;
}

int back_up(const collector::Config& config, const std::string& into, int keep) {
  const auto made = collector::make_backup({config.data_dir, config.file, std::filesystem::absolute(into), keep,
                                            collector::telemetry_file(config.telemetry)},
                                           SystemClock().wall(), std::cerr);
  if (!made) return failed(made.error());
  std::cout << made->string() << "\n";
  return 0;
}

int restore(const collector::Config& config, const std::string& from, bool yes) {
  if (!yes) {
    std::cerr << "anlan-collector: this puts " << from << " in the place of the data in " << config.data_dir
              << ", which are kept beside it. What people did since that backup has to be done again. Say --yes.\n";
    return 2;
  }
  const auto restored = collector::restore_backup({config.data_dir, std::filesystem::absolute(from), config.telemetry},
                                                  SystemClock().wall(), std::cerr);
  if (!restored) return failed(restored.error());
  std::cout << config.data_dir << " holds the data of " << to_rfc3339(restored->made) << " as generation "
            << restored->generation << "\n";
  if (!restored->before.empty())
    std::cout << "what was there before is in " << restored->before.string() << ": delete it when nobody needs it\n";
  std::cout << "start the collector: each edge sends again what it still holds; `anlanctl accounts` tells what nobody "
               "has any more\n";
  return 0;
}

int give_up_engine(const collector::Config& config, bool yes) {
  if (!yes) {
    std::cerr << "anlan-collector: this gives up the telemetry engine that was there, with all that it held. The edges "
                 "send again what they still hold. Say --yes.\n";
    return 2;
  }
  if (auto given_up = collector::give_up_engine(config.data_dir, config.telemetry); !given_up)
    return failed(given_up.error());
  std::cout << "only what the journal holds counts as received now; start the collector: it begins a new generation\n";
  return 0;
}

int make_administrator(const collector::Config& config, const std::string& name, const std::string& staff_number) {
  auto password = collector::read_password(std::cin, std::cerr);
  if (!password) return failed(password.error());
  const auto made =
      collector::init_admin(config.data_dir, name, staff_number, std::move(*password), SystemClock().wall());
  if (!made) return failed(made.error());
  std::cout << name << " is the first administrator; everybody else gets an account through the API (anlanctl login, "
            << "anlanctl users create)\n";
  return 0;
}

struct StoreOptions {
  bool json = false, yes = false;
  collector::DumpWish wish;
  std::string stream;
};

CLI::App* add_store(CLI::App& app, std::string& file, StoreOptions& options) {
  const auto command = [&](CLI::App& parent, const char* name, const char* help) {
    auto* sub = parent.add_subcommand(name, help);
    sub->add_option("--config", file, "Configuration file")->capture_default_str();
    return sub;
  };
  auto* store = command(app, "store", "What is received, stored, void, missing; works while the collector runs");
  store->add_flag("--json", options.json, "As JSON, with all ranges");
  auto* dump = command(*store, "dump", "Records and samples as lines of JSON");
  dump->add_option("--edge", options.wish.edge, "Only of this edge");
  dump->add_option("--epoch", options.wish.epoch, "Only of this epoch (32 hexadecimal digits)");
  dump->add_option("--sequences", options.wish.sequences, "Only these records: 0-99,200-");
  dump->add_option("--stream", options.stream, "Only event or telemetry")->check(CLI::IsMember({"event", "telemetry"}));
  dump->add_option("--most", options.wish.most, "Lines of each stream")->capture_default_str();
  command(*store, "verify", "Read every row of both databases and hold it against what it promises");
  auto* lost = command(*store, "engine-lost",
                       "The telemetry engine is gone with its data: begin a new generation from the journal; the "
                       "collector must be stopped");
  lost->add_flag("--yes", options.yes, "Do it");
  return store;
}

struct AuditOptions {
  collector::AuditFiles files;
  std::string output = "-";
};

CLI::App* add_audit(CLI::App& app, std::string& file, AuditOptions& options) {
  auto* audit =
      app.add_subcommand("audit", "The log of who did what: as a file, and whether a file is what was written");
  audit->require_subcommand(1);
  auto* out = audit->add_subcommand("export", "Write the log with its signed heads; works while the collector runs");
  out->add_option("--config", file, "Configuration file")->capture_default_str();
  out->add_option("--output", options.output, "File that gets it; -: standard output")->capture_default_str();
  auto* verify = audit->add_subcommand(
      "verify", "Hold an exported log against its hashes, its signatures and heads from outside; needs nothing else");
  verify->add_option("FILE", options.files.log, "What audit export wrote; -: standard input")->required();
  verify->add_option("--key", options.files.keys,
                     "Public key (PEM) that may have signed; without it those that the log names");
  verify->add_option("--heads", options.files.heads,
                     "File of signed heads kept elsewhere: what `anlan-edge audit` prints, a copy of heads_file");
  return audit;
}

Result<void> look_into_store(const CLI::App& command, const collector::Config& config, StoreOptions options) {
  if (config.telemetry.engine != collector::TelemetryConfig::Engine::sqlite)
    return fail(Errc::unsupported,
                "this looks into telemetry.db; here telemetry lies in an engine, which has its own tools. `anlanctl "
                "accounts` tells what is received");
  if (command.got_subcommand("verify")) return collector::verify_store(config.data_dir, std::cout, std::cerr);
  if (!command.got_subcommand("dump")) return collector::show_store(config.data_dir, options.json, std::cout);
  if (!options.stream.empty()) options.wish.stream = options.stream == "event" ? Stream::event : Stream::telemetry;
  return collector::dump_store(config.data_dir, options.wish, std::cout);
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
  std::string folder;
  int keep = 0;
  bool yes = false;
  auto* backup = app.add_subcommand("backup", "Copy both databases, as of one moment, while the collector runs");
  backup->add_option("--config", file, "Configuration file")->capture_default_str();
  backup->add_option("--into", folder, "Gets a folder for this backup, named by its time")->required();
  backup->add_option("--keep", keep, "Remove older backups but so many; 0: remove none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  auto* back = app.add_subcommand("restore", "Put a backup in the place of the data; the collector must be stopped");
  back->add_option("--config", file, "Configuration file")->capture_default_str();
  back->add_option("BACKUP", folder, "Folder of one backup")->required();
  back->add_flag("--yes", yes, "Do it");
  std::string name, staff_number;
  auto* admin =
      app.add_subcommand("init-admin", "Make the first account, once; its password is read from standard input");
  admin->add_option("--config", file, "Configuration file")->capture_default_str();
  admin->add_option("--name", name, "The administrator's name, as it will stand in the history")->required();
  admin->add_option("--staff-number", staff_number, "Their staff number");
  StoreOptions store_options;
  auto* store = add_store(app, file, store_options);
  AuditOptions audit_options;
  auto* audit = add_audit(app, file, audit_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (audit->got_subcommand("verify")) {
    const auto held = collector::verify_audit(audit_options.files, std::cout);
    return held ? 0 : failed(held.error());
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
  if (app.got_subcommand("backup")) return back_up(*config, folder, keep);
  if (app.got_subcommand("restore")) return restore(*config, folder, yes);
  if (store->got_subcommand("engine-lost")) return give_up_engine(*config, store_options.yes);
  if (audit->parsed()) {
    const auto written = collector::export_audit(config->data_dir, audit_options.output, std::cout, std::cerr);
    return written ? 0 : failed(written.error());
  }
  if (admin->parsed()) return make_administrator(*config, name, staff_number);
  if (store->parsed()) {
    const auto looked = look_into_store(*store, *config, store_options);
    return looked ? 0 : failed(looked.error());
  }
  return serve(std::move(*config));
} catch (const std::exception& error) {
  anlan::log::error("collector", "ended by a fault of the program", {{"reason", error.what()}});
  return 1;
}
