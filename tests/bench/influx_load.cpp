// bench_influx_load: the same data set into VictoriaMetrics by its fastest way in: influx lines of 50 fields, two
// connections. Values only (it has no quality), which is in its favour; a late sample is a line of its own.
//   --port N --edges N --seconds N
// Lines are made before the clock starts. Prints "samples seconds cpu_seconds line_bytes".
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/arguments.hpp"
#include "tests/bench/arrivals.hpp"
#include "tests/bench/workload.hpp"

namespace {

using namespace anlan;
using namespace anlan::bench;

constexpr std::size_t kSecondsPerPost = 60, kEdgesPerPost = 20;

void append(std::string& out, double value) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void line(std::string& out, std::size_t edge, const Sample* first, const Sample* last) {
  const std::int64_t at = to_ms(first->time);
  out += "m,edge=" + edge_name(edge);
  char before = ' ';
  for (const Sample* sample = first; sample != last; ++sample) {
    out += before, out += 'p', out += std::to_string(sample->point), out += '=';
    append(out, sample->value);
    before = ',';
  }
  out += ' ' + std::to_string(at) + '\n';
}

/// One second of an edge: one line of what is on time, and one for each late sample.
void lines(std::string& out, std::size_t edge, std::vector<Sample>& samples) {
  const WallTime now = std::ranges::max(samples, {}, &Sample::time).time;
  const auto late = std::partition(samples.begin(), samples.end(), [&](const Sample& s) { return s.time == now; });
  const auto at = [&](auto place) { return samples.data() + (place - samples.begin()); };
  if (late != samples.begin()) line(out, edge, samples.data(), at(late));
  for (auto one = late; one != samples.end(); ++one) line(out, edge, at(one), at(one) + 1);
}

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connecting");
  }
  ~Connection() { close(socket_); }

  void post(const std::string& body) {
    const std::string head =
        "POST /write?precision=ms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    send_all(head);
    send_all(body);
    std::string answer;
    char bytes[4096];
    while (answer.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) fail("no answer");
      answer.append(bytes, static_cast<std::size_t>(got));
    }
    if (!answer.starts_with("HTTP/1.1 204")) fail(answer.c_str());
  }

 private:
  [[noreturn]] static void fail(const char* what) {
    std::perror(what);
    std::exit(1);
  }
  void send_all(const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t now = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) fail("sending");
      sent += static_cast<std::size_t>(now);
    }
  }
  int socket_;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto port = static_cast<std::uint16_t>(arguments.number("port"));
  const auto edges = static_cast<std::size_t>(arguments.number("edges")),
             seconds = static_cast<std::size_t>(arguments.number("seconds"));
  arguments.end();
  std::vector<std::string> posts;
  std::vector<Walk> walks;
  for (std::size_t edge = 0; edge < edges; ++edge) walks.emplace_back(edge);
  std::size_t samples = 0, bytes = 0;
  for (std::size_t from = 0; from < seconds; from += kSecondsPerPost)
    for (std::size_t edge = 0; edge < edges; ++edge) {
      if (edge % kEdgesPerPost == 0) posts.emplace_back();
      for (std::size_t second = from; second < std::min(seconds, from + kSecondsPerPost); ++second) {
        std::vector<Sample> made;
        walks[edge].step(made);
        samples += made.size();
        lines(posts.back(), edge, made);
      }
    }
  for (const std::string& post : posts) bytes += post.size();

  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    Connection connection(port);
    for (std::size_t i = next++; i < posts.size(); i = next++) connection.post(posts[i]);
  };
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const auto start = Arrivals::now();
  std::thread other(work);
  work();
  other.join();
  const double took = static_cast<double>(Arrivals::now() - start) / 1e9;
  getrusage(RUSAGE_SELF, &after);
  const auto cpu = [](const rusage& u) {
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
  };
  std::printf("%zu %.4f %.3f %zu\n", samples, took, cpu(after) - cpu(before), bytes);
  return 0;
}
