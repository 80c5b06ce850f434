// bench_bare_master: what libmodbus alone takes to read registers over TCP, in one thread: the reference of the edge's
// figures. Values are read and thrown away.
//   --ports 1502,1503  one connection to each (loopback)   --count 125   registers of each request
//   --period-ms 0      0: flat out; else each connection is read once a period      --seconds 5
// Prints "registers seconds cpu_seconds".
#include <chrono>
#include <cstdio>
#include <sstream>
#include <thread>
#include <vector>

#include <modbus/modbus.h>
#include <sys/resource.h>

#include "tests/bench/arguments.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

modbus_t* connected(int port) {
  modbus_t* link = modbus_new_tcp("127.0.0.1", port);
  if (link == nullptr || modbus_set_slave(link, 1) != 0 || modbus_connect(link) != 0) {
    std::fprintf(stderr, "port %d: %s\n", port, modbus_strerror(errno));
    std::exit(1);
  }
  return link;
}

void read(modbus_t* link, int count) {
  std::uint16_t registers[MODBUS_MAX_READ_REGISTERS];
  if (modbus_read_registers(link, 0, count, registers) == count) return;
  std::fprintf(stderr, "reading: %s\n", modbus_strerror(errno));
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  anlan::bench::Arguments arguments(argc, argv);
  std::istringstream ports(arguments.text("ports"));
  const auto count = static_cast<int>(arguments.number("count", MODBUS_MAX_READ_REGISTERS));
  const std::chrono::milliseconds period(arguments.number("period-ms", 0));
  const std::chrono::seconds duration(arguments.number("seconds", 5));
  arguments.end();
  std::vector<modbus_t*> links;
  for (std::string port; std::getline(ports, port, ',');) links.push_back(connected(std::stoi(port)));

  const double cpu = cpu_seconds();
  const auto start = Clock::now();
  long long registers = 0;
  for (auto due = start; Clock::now() < start + duration; due += period) {
    std::this_thread::sleep_until(due);
    for (modbus_t* link : links) read(link, count), registers += count;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("%lld %.6f %.6f\n", registers, seconds, cpu_seconds() - cpu);
  for (modbus_t* link : links) modbus_close(link), modbus_free(link);
  return 0;
}
