// A child process of one test: never outlives it, and is ended by its own process id only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/time.hpp"

namespace anlan::test {

class Process {
 public:
  /// Starts argv[0] (looked up in PATH, /usr/sbin and /sbin); standard output and error are appended to `log`, or
  /// thrown away where it is empty. Throws std::system_error. The child is killed when the starting thread dies.
  explicit Process(const std::vector<std::string>& argv, const std::string& log = {});
  ~Process();  // SIGKILL, and waits
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  /// The exit code, or 128 + the signal that ended it; nullopt: still running after `timeout`.
  std::optional<int> wait(Millis timeout);
  /// SIGTERM, then wait(); SIGKILL where it does not end in time.
  std::optional<int> stop(Millis timeout = Millis{5'000});
  /// SIGKILL, and waits.
  void kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

/// True once 127.0.0.1:port accepts a connection; false after `timeout`.
bool wait_for_port(std::uint16_t port, Millis timeout = Millis{10'000});

}  // namespace anlan::test
