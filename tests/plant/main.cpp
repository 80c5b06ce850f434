// anlan-plant: a simulated plant for demonstrations, tests and drills. It imitates instruments; it is none.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "tests/plant/recording.hpp"
#include "tests/plant/run.hpp"

namespace {

using namespace anlan::plant;

int print_profile(const std::string& file) {
  const auto recording = load_recording(file);
  if (!recording) {
    std::cerr << recording.error().message << '\n';
    return 2;
  }
  std::cout << profile_toml(*recording, "recording " + std::filesystem::path(file).filename().string());
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app(
      "anlan-plant: a SIMULATED plant. Modbus TCP slaves and MQTT sensors that follow a scenario, or one Modbus slave "
      "that replays a recording. Commands while it runs: one per line on standard input or the control socket "
      "(set, ramp, sine, steps, noise, fault, show, quit).",
      "anlan-plant");
  ScenarioOptions scenario;
  ReplayOptions replay;
  std::string control;
  double speed = 0;
  bool profile = false;
  auto* scenario_option = app.add_option("--scenario,--config", scenario.file, "scenario file (TOML)");
  auto* replay_option = app.add_option("--replay", replay.file, "CSV recording: columns become float64 registers");
  scenario_option->excludes(replay_option);
  app.add_option("--listen", replay.listen, "replay: address:port; port 0 takes a free one")
      ->needs(replay_option)
      ->capture_default_str();
  app.add_option("--unit", replay.unit, "replay: Modbus unit")
      ->needs(replay_option)
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  auto* speed_option = app.add_option("--speed", speed,
                                      "replay: rows a second by time; without it a row stands until all of it was read")
                           ->needs(replay_option)
                           ->check(CLI::Range(0.001, 1000.0));
  app.add_flag("--print-profile", profile, "replay: print a firmware profile that fits the recording, and end")
      ->needs(replay_option);
  app.add_option("--control", control, "path of a Unix socket that takes commands");
  try {
    app.parse(argc, argv);
    if (scenario.file.empty() && replay.file.empty()) throw CLI::RequiredError("--scenario FILE or --replay FILE");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  scenario.control = replay.control = control;
  if (*speed_option) replay.row_time = anlan::Millis{std::llround(1000 / speed)};
  if (profile) return print_profile(replay.file);
  return replay.file.empty() ? run_scenario(scenario) : run_replay(replay);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "anlan-plant: %s\n", bug.what());
    return 1;
  }
}
