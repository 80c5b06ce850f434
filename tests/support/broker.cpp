#include "tests/support/broker.hpp"

#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <signal.h>

#include "tests/support/free_port.hpp"

namespace anlan::test {

Broker::Broker(std::string settings) : settings_(std::move(settings)), port_(free_port()) { start(); }

void Broker::start() {
  write_file(folder_.file("mosquitto.conf"), "user root\nlistener " + std::to_string(port_) +
                                                 " 127.0.0.1\nallow_anonymous true\npersistence false\n"
                                                 "log_dest stderr\nset_tcp_nodelay true\n" +
                                                 settings_ + "\n");
  process_ = std::make_unique<Process>(std::vector<std::string>{"mosquitto", "-c", folder_.file("mosquitto.conf")},
                                       folder_.file("mosquitto.log"));
  if (!all_listen() || !process_->running()) throw std::runtime_error("mosquitto does not start:\n" + log());
}

/// It opens one listener after the other, so one that answers says nothing of those that `settings` add.
bool Broker::all_listen() const {
  constexpr std::string_view kListener = "listener ";
  std::istringstream lines("listener " + std::to_string(port_) + "\n" + settings_);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(kListener) &&
        !wait_for_port(static_cast<std::uint16_t>(std::stoul(line.substr(kListener.size())))))
      return false;
  return true;
}

void Broker::freeze() { process_->signal(SIGSTOP); }

void Broker::thaw() { process_->signal(SIGCONT); }

}  // namespace anlan::test
