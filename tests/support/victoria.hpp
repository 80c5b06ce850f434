// A real VictoriaMetrics on a free port of 127.0.0.1, for one test or one program of tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

class Victoria {
 public:
  /// Starts it and waits until it answers; `flags` are added to its command line. Throws std::runtime_error with its
  /// log where it does not start.
  explicit Victoria(std::vector<std::string> flags = {});

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }

  void kill() { process_->kill(); }
  void freeze();
  void thaw();
  /// Again at the same port, after kill(). With `empty`, on an empty disk.
  void start(bool empty = false);
  /// Its disk as it is now, and back again; it is stopped and started.
  void keep_copy();
  void restore_copy();

 private:
  TempDir folder_ = TempDir::in_memory();  // kill() does not test a disk anyway
  std::vector<std::string> flags_;
  std::uint16_t port_ = 0;
  int disks_ = 0;
  std::string disk() const { return folder_.file("data-" + std::to_string(disks_)); }
  std::unique_ptr<Process> process_;
};

}  // namespace anlan::test
