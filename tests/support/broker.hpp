// A real Mosquitto on a free port of 127.0.0.1, for one test.
#pragma once

#include <memory>
#include <string>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

class Broker {
 public:
  /// Starts it and waits until every listener answers; `settings` are further lines of mosquitto.conf. Throws
  /// std::runtime_error with the broker's log where it does not start.
  explicit Broker(std::string settings = {});

  std::uint16_t port() const { return port_; }
  std::string uri() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  std::string log() const { return read_file(folder_.file("mosquitto.log")); }
  Process& process() { return *process_; }

  void kill() { process_->kill(); }
  /// Answers nobody, but its port stays open (SIGSTOP), until thaw().
  void freeze();
  void thaw();
  /// Again at the same port and with the same settings, after kill() or a stop.
  void start();

 private:
  bool all_listen() const;

  TempDir folder_;
  std::string settings_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace anlan::test
