#include "tests/support/victoria.hpp"

#include <filesystem>
#include <stdexcept>
#include <utility>

#include <signal.h>

#include "tests/support/free_port.hpp"

namespace anlan::test {

Victoria::Victoria(std::vector<std::string> flags) : flags_(std::move(flags)), port_(free_port()) { start(true); }

void Victoria::start(bool empty) {
  if (empty) ++disks_;
  std::vector<std::string> argv{
      "victoria-metrics",      "-storageDataPath=" + disk(), "-httpListenAddr=127.0.0.1:" + std::to_string(port_),
      "-retentionPeriod=100y", "-loggerLevel=WARN",          "-memory.allowedBytes=256MB"};
  argv.insert(argv.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<Process>(argv, folder_.file("log"));
  // It opens its storage first and its port afterwards.
  if (!wait_for_port(port_, Millis{30'000}) || !process_->running())
    throw std::runtime_error("victoria-metrics does not start:\n" + read_file(folder_.file("log")));
}

void Victoria::keep_copy() {
  process_->stop(Millis{30'000});
  std::filesystem::copy(disk(), disk() + ".copy", std::filesystem::copy_options::recursive);
  start();
}

void Victoria::restore_copy() {
  process_->stop(Millis{30'000});
  std::filesystem::remove_all(disk());
  std::filesystem::rename(disk() + ".copy", disk());
  start();
}

void Victoria::freeze() { process_->signal(SIGSTOP); }

void Victoria::thaw() { process_->signal(SIGCONT); }

}  // namespace anlan::test
