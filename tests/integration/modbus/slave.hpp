// A slave in a process of its own, over any transport, and the endpoint that reaches it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "edge/sensor/device.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

inline std::string beside_this(const std::string& script) {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  return std::string(source != nullptr ? source : ".") + "/tests/integration/modbus/" + script;
}

/// kind: tcp, rtutcp, tls or rtu.
class Slave {
 public:
  using Scheme = edge::Endpoint::Scheme;

  explicit Slave(std::string script = "pymodbus_slave.py", std::string kind = "tcp")
      : script_(std::move(script)), kind_(std::move(kind)), link_(folder_.file("tty")) {
    start();
  }

  void start() {
    std::filesystem::remove(link_);
    const std::string where = kind_ == "rtu" ? link_ : std::to_string(port_);
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"/usr/bin/python3", "-B", beside_this(script_), kind_, where, folder_.path().string()},
        folder_.file("slave.log"));
    if (!is_there()) throw std::runtime_error("the slave does not start:\n" + read_file(folder_.file("slave.log")));
  }
  void kill() { process_->kill(); }

  edge::Endpoint endpoint() const {
    if (kind_ == "rtu")
      return {.scheme = Scheme::modbus_rtu, .host = "", .device = link_, .line = {.baud = 115200, .parity = 'N'}};
    edge::Endpoint to{.scheme = kind_ == "tcp"   ? Scheme::modbus_tcp
                                : kind_ == "tls" ? Scheme::modbus_tls
                                                 : Scheme::modbus_rtutcp,
                      .host = "127.0.0.1",
                      .port = port_};
    if (kind_ == "tls") to.tls = {folder_.file("ca.pem"), folder_.file("client.pem"), folder_.file("client.key")};
    return to;
  }
  std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  bool is_there() {
    if (kind_ != "rtu") return wait_for_port(port_, Millis{20'000});
    for (int i = 0; i < 2'000 && process_->running(); ++i) {
      if (std::filesystem::exists(link_)) return true;
      process_->wait(Millis{10});
    }
    return false;
  }

  TempDir folder_;
  std::string script_, kind_, link_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<Process> process_;
};

}  // namespace anlan::test
