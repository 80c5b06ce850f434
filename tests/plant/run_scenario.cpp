#include <iostream>

#include "common/base/log.hpp"
#include "common/io/paho_client.hpp"
#include "tests/plant/modbus_server.hpp"
#include "tests/plant/plant.hpp"
#include "tests/plant/run.hpp"
#include "tests/plant/sensors.hpp"
#include "tests/plant/shell.hpp"

namespace anlan::plant {
namespace {

/// A plant and the listeners through which it is reached.
class Running {
 public:
  Running(const Scenario& scenario, Shell& shell)
      : scenario_(scenario), shell_(shell), start_(shell.clock().mono()), plant_(scenario, start_) {
    plant_.on_written = [](const std::string& point, double before, double after) {
      log::info("plant", "written", {{"point", point}, {"before", before}, {"after", after}});
    };
  }

  Result<void> listen() {
    std::string ready = "READY";
    for (const Endpoint& endpoint : scenario_.endpoints) {
      const auto answer = [this, name = endpoint.name](const Request& request) {
        return plant_.answer(name, request, shell_.clock().mono());
      };
      const Listen& at = endpoint.listen;
      auto server = endpoint.serial.empty() ? ModbusServer::start(at.address, at.port, answer, endpoint.rtu)
                                            : ModbusServer::start(endpoint.serial, answer);
      if (!server) return fail(std::move(server.error()).within("endpoint " + endpoint.name));
      ready +=
          " " + endpoint.name + "=" +
          (endpoint.serial.empty() ? at.address + ":" + std::to_string((*server)->port()) : endpoint.serial.path());
      servers_.push_back(*std::move(server));
    }
    say(ready);
    return {};
  }

  Result<std::string> perform(const Action& action) {
    if (std::holds_alternative<Quit>(action)) shell_.stop();
    auto done = plant_.apply(action, shell_.clock().mono());
    if (!done) return done;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      const auto& name = scenario_.endpoints[i].name;
      const auto opened = servers_[i]->set_open(plant_.listening(name));
      if (!opened) return fail(Error(opened.error()).within("endpoint " + name));
    }
    return done;
  }

  boost::asio::awaitable<void> play() {
    for (const auto& step : scenario_.steps) {
      co_await shell_.clock().sleep_until(start_ + step.at);
      const auto done = perform(step.action);
      say("STEP " + std::to_string(step.at.count()) + " ms: " + step.text + (done ? "" : ": " + done.error().message));
    }
  }

  const Plant& plant() const { return plant_; }

 private:
  const Scenario& scenario_;
  Shell& shell_;
  const MonoTime start_;
  Plant plant_;
  std::vector<std::unique_ptr<ModbusServer>> servers_;  // last: their threads ask the plant
};

int failed(const Error& error) {
  log::error("plant", error.message);
  return 1;
}

}  // namespace

int run_scenario(const ScenarioOptions& options) {
  const auto scenario = load_scenario(options.file);
  if (!scenario) {
    std::cerr << to_text(scenario.error());
    return 2;
  }
  Shell shell;
  if (const auto opened = shell.open_control(options.control); !opened) return failed(opened.error());
  Running running(*scenario, shell);
  if (const auto listening = running.listen(); !listening) return failed(listening.error());
  const auto connect = paho_factory(shell.loop().get_executor());
  shell.spawn(running.play());
  shell.spawn(publish_sensors(*scenario, running.plant(), connect, shell.clock()));
  shell.run([&](std::string_view line) -> Result<std::string> {
    const auto action = parse_action(line);
    if (!action) return fail(action.error());
    return running.perform(*action);
  });
  return 0;
}

}  // namespace anlan::plant
