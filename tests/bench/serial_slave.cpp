// bench_serial_slave: Modbus RTU units on one serial line, a pseudo-terminal that is paced like 9600 baud, 8E1: a
// request and its answer take their time on the wire, and units answer after 5 ms.
//   --units N       1 … N                        --dead M   the last M of them never answer
//   --arrivals FILE when each request began, written at the end (endpoint 0)
// Prints "READY device"; SIGTERM ends it.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "tests/bench/arguments.hpp"
#include "tests/bench/arrivals.hpp"
#include "tests/bench/instrument.hpp"

namespace {

using namespace anlan::bench;

constexpr std::int64_t kCharacter = 11 * 1'000'000'000LL / 9600, kTurnaround = 5'000'000;  // nanoseconds
constexpr std::size_t kRequest = 8;  // unit, function, address, count, CRC: reading is all that is asked here

volatile std::sig_atomic_t g_ended = 0;

/// CRC-16 of Modbus over serial line (V1.02 §6.2.2), low byte first on the wire.
std::uint16_t crc(const std::uint8_t* bytes, std::size_t size) {
  std::uint16_t sum = 0xFFFF;
  for (std::size_t i = 0; i < size; ++i) {
    sum ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) sum = static_cast<std::uint16_t>(sum & 1 ? sum >> 1 ^ 0xA001 : sum >> 1);
  }
  return sum;
}

bool whole(const std::uint8_t* frame) {
  const std::uint16_t sum = crc(frame, kRequest - 2);
  return frame[6] == (sum & 0xFF) && frame[7] == sum >> 8;
}

void wait_until(std::int64_t when) {
  for (std::int64_t left = when - Arrivals::now(); left > 0; left = when - Arrivals::now()) {
    const timespec rest{left / 1'000'000'000, left % 1'000'000'000};
    nanosleep(&rest, nullptr);
  }
}

class Line {
 public:
  Line(int units, int dead, std::string arrivals)
      : line_(posix_openpt(O_RDWR | O_NOCTTY)), answering_(units - dead), arrivals_(std::move(arrivals)) {
    if (line_ < 0 || grantpt(line_) != 0 || unlockpt(line_) != 0) std::perror("a pseudo-terminal"), std::exit(1);
    const char* name = ptsname(line_);
    far_end_ = open(name, O_RDWR | O_NOCTTY);  // so that a master that closes does not end the line
    std::printf("READY %s\n", name);
    std::fflush(stdout);
  }

  void run() {
    while (g_ended == 0) {
      pollfd wait{line_, POLLIN, 0};
      if (poll(&wait, 1, -1) <= 0) continue;
      const std::int64_t began = Arrivals::now();
      const ssize_t got = read(line_, held_ + size_, sizeof held_ - size_);
      if (got > 0) take(static_cast<std::size_t>(got), began);
    }
  }

 private:
  void take(std::size_t got, std::int64_t began) {
    size_ += got;
    std::size_t at = 0;
    while (size_ - at >= kRequest) {
      if (!whole(held_ + at)) {
        ++at;  // noise: the next byte may begin a request
        continue;
      }
      arrivals_.note(0, held_[at]);
      if (held_[at] <= answering_) answer(held_ + at, began);
      at += kRequest;
    }
    size_ -= at;
    std::memmove(held_, held_ + at, size_);
  }

  void answer(const std::uint8_t* request, std::int64_t began) {
    std::uint8_t out[256];
    out[0] = request[0];
    const std::size_t size = 1 + instrument_.answer({request + 1, kRequest - 3}, out + 1);
    const std::uint16_t sum = crc(out, size);
    out[size] = static_cast<std::uint8_t>(sum & 0xFF);
    out[size + 1] = static_cast<std::uint8_t>(sum >> 8);
    wait_until(began + static_cast<std::int64_t>(kRequest + size + 2) * kCharacter + kTurnaround);
    if (write(line_, out, size + 2) < 0) std::perror("writing to the line");
  }

  int line_, far_end_ = -1, answering_;
  Arrivals arrivals_;
  Instrument instrument_;
  std::uint8_t held_[512];
  std::size_t size_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto units = static_cast<int>(arguments.number("units")), dead = static_cast<int>(arguments.number("dead", 0));
  const std::string arrivals = arguments.text("arrivals", "");
  arguments.end();
  struct sigaction end{};
  end.sa_handler = [](int) { g_ended = 1; };
  sigaction(SIGTERM, &end, nullptr);
  Line(units, dead, arrivals).run();
  return 0;
}
