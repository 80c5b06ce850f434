// bench_load_generator: simulated edges over real MQTT, each with a connection of its own (a real edge has two),
// speaking the receipt protocol: hello, confirmation, window, receipts, resending. Frames are made before the clock
// starts.
//   --port N            the broker, on loopback
//   --edges N           of 50 points each            --steps N        samples of each point
//   --step-ms 1000      between them                 --frame-steps 60 of each point in a frame
//   --lane backlog      flat out, --window 8 frames of each edge in flight
//   --lane live         one frame of each edge every frame-steps × step-ms, spread evenly
//   --limit-s N         ends by itself, whatever is still due
//   --expect FILE       10,000 random samples, "point milliseconds value quality", to be read back
// Prints "READY samples line_bytes", waits for a line on standard input, connects and greets ("GREETED"), then
// "PROGRESS seconds received_samples" each second, and at the end "DONE samples seconds cpu_seconds resent p50_ms
// p99_ms most_ms" (of receipts).
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <random>

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/wire/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/arrivals.hpp"
#include "tests/bench/simulated_edge.hpp"
#include "tests/bench/workload.hpp"

namespace {

using namespace anlan;
using namespace anlan::bench;

constexpr std::size_t kExpected = 10'000, kAtOnce = 50;

MonoTime mono() { return mono_from_ms(Arrivals::now() / 1'000'000); }
double seconds_now() { return static_cast<double>(Arrivals::now()) / 1e9; }

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void check(int code, const char* what) {
  if (code == MOSQ_ERR_SUCCESS) return;
  std::fprintf(stderr, "%s: %s\n", what, mosquitto_strerror(code));
  std::exit(1);
}

struct Load {
  std::size_t edges, steps, frame_steps;
  std::int64_t step_ms;
  SimulatedEdge::Settings settings;

  std::size_t frames() const { return steps / frame_steps; }
  std::size_t frame_samples() const { return frame_steps * kPointsPerEdge; }
};

struct Expected {
  std::string point;
  Sample sample;
};

/// The edge's frames; of its samples some are to be read back.
std::vector<Expected> make_frames(SimulatedEdge& edge, std::size_t number, const Load& load) {
  Walk walk(number, load.step_ms);
  std::mt19937_64 random(number);
  const std::size_t wanted = kExpected / load.edges + 1;
  std::vector<Expected> expected;
  for (std::size_t f = 0; f < load.frames(); ++f) {
    std::vector<Sample> samples;
    for (std::size_t s = 0; s < load.frame_steps; ++s) walk.step(samples);
    for (std::size_t i = 0; i < wanted / load.frames() + 1; ++i) {
      const Sample& sample = samples[random() % samples.size()];
      expected.push_back({edge.site() + "/device/p" + std::to_string(sample.point), sample});
    }
    edge.add_frame(std::move(samples));
  }
  std::ranges::shuffle(expected, random);
  expected.resize(std::min(expected.size(), wanted));
  return expected;
}

class Generator {
 public:
  explicit Generator(Load load) : load_(load), epoll_(epoll_create1(0)) {
    for (std::size_t i = 0; i < load.edges; ++i) links_.push_back(std::make_unique<Link>(*this, i));
  }

  void make(const std::string& expect_file) {
    std::vector<std::vector<Expected>> expected(load_.edges);
    const auto part = [&](std::size_t first) {
      for (std::size_t i = first; i < load_.edges; i += 2) expected[i] = make_frames(links_[i]->edge, i, load_);
    };
    auto other = std::async(std::launch::async, part, 1);
    part(0);
    other.get();
    std::size_t bytes = 0;
    for (const auto& link : links_) bytes += link->edge.bytes();
    if (!expect_file.empty()) {
      std::ofstream out(expect_file);
      out.precision(17);
      for (const auto& of_edge : expected)
        for (const Expected& e : of_edge)
          out << e.point << ' ' << to_ms(e.sample.time) << ' ' << e.sample.value << ' ' << to_string(e.sample.quality)
              << '\n';
    }
    std::printf("READY %zu %zu\n", load_.edges * load_.frames() * load_.frame_samples(), bytes);
    std::fflush(stdout);
  }

  /// Connects and greets, a few at a time: the queue of connections that a broker has still to accept is short, and
  /// what is measured is a centre that knows its edges.
  void connect(int port) {
    for (std::size_t first = 0; first < links_.size(); first += kAtOnce) {
      const std::size_t last = std::min(first + kAtOnce, links_.size());
      const auto each = [&](auto what) {
        for (std::size_t i = first; i < last; ++i) what(*links_[i]);
      };
      each([&](Link& link) { link.connect(port); });
      turn_until([&] { return all(first, last, [](const Link& link) { return link.subscribed; }); });
      each([](Link& link) { link.send(link.edge.hello()); });
      turn_until([&] { return all(first, last, [](const Link& link) { return link.edge.greeted(); }); });
    }
    std::printf("GREETED\n");
    std::fflush(stdout);
  }

  void run(double limit) {
    const bool live = load_.settings.lane == topics::Lane::live;
    const double cpu = cpu_seconds(), start = seconds_now();
    double said = start;
    if (!live)
      for (auto& link : links_) {
        link->edge.commit(load_.frames());
        link->send_due();
      }
    while (seconds_now() - start < limit && !all(0, links_.size(), [](const Link& link) { return link.edge.done(); })) {
      turn(live ? 5 : 100);
      if (live) pace(seconds_now() - start);
      if (seconds_now() - said >= 1) said += 1, tick(seconds_now() - start);
    }
    finish(seconds_now() - start, cpu_seconds() - cpu);
  }

 private:
  struct Link {
    Link(Generator& g, std::size_t number) : generator(g), edge(number, g.load_.settings) {
      client = mosquitto_new(edge.name().c_str(), true, this);
      if (client == nullptr) std::perror("mosquitto_new"), std::exit(1);
      mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
      mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
      mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, 65535);
      mosquitto_connect_v5_callback_set(client, [](mosquitto* c, void*, int code, int, const mosquitto_property*) {
        if (code != 0) std::fprintf(stderr, "refused by the broker: %d\n", code), std::exit(1);
        const auto& self = *static_cast<Link*>(mosquitto_userdata(c));
        const std::string topic = topics::down_receipt(self.edge.site(), self.edge.name());
        check(mosquitto_subscribe(c, nullptr, topic.c_str(), 1), "subscribing");
      });
      mosquitto_subscribe_callback_set(
          client, [](mosquitto*, void* self, int, int, const int*) { static_cast<Link*>(self)->subscribed = true; });
      mosquitto_message_callback_set(client, [](mosquitto*, void* self, const mosquitto_message* message) {
        static_cast<Link*>(self)->take(
            {static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen)});
      });
      up_urgent = topics::up(edge.site(), edge.name(), topics::Lane::urgent);
      up_samples = topics::up(edge.site(), edge.name(), g.load_.settings.lane);
    }
    ~Link() { mosquitto_destroy(client); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void connect(int port) {
      check(mosquitto_connect(client, "127.0.0.1", port, 600), "connecting");
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = this;
      epoll_ctl(generator.epoll_, EPOLL_CTL_ADD, mosquitto_socket(client), &event);
      write();
    }
    void write() {
      while (mosquitto_want_write(client)) check(mosquitto_loop_write(client, 1), "writing");
    }
    void send(const SimulatedEdge::Outgoing& out) {
      const std::string& topic = out.lane == topics::Lane::urgent ? up_urgent : up_samples;
      check(mosquitto_publish(client, nullptr, topic.c_str(), static_cast<int>(out.frame.size()), out.frame.data(), 1,
                              false),
            "publishing");
    }
    void send_due() {
      for (const auto& out : edge.due(mono())) send(out);
    }
    void take(std::string_view frame) {
      const auto message = decode(frame);
      if (!message) std::fprintf(stderr, "%s\n", message.error().message.c_str()), std::exit(1);
      for (const auto& out : edge.take(*message, mono())) send(out);
      for (const Millis delay : edge.take_delays()) generator.delays_.push_back(static_cast<double>(delay.count()));
    }

    Generator& generator;
    SimulatedEdge edge;
    mosquitto* client = nullptr;
    std::string up_urgent, up_samples;
    bool subscribed = false;
  };

  template <class Test>
  bool all(std::size_t first, std::size_t last, Test test) const {
    for (std::size_t i = first; i < last; ++i)
      if (!test(*links_[i])) return false;
    return true;
  }

  template <class Test>
  void turn_until(Test test) {
    const double end = seconds_now() + 20;
    while (!test()) {
      if (seconds_now() > end) std::fprintf(stderr, "no answer of broker or centre in 20 s\n"), std::exit(1);
      turn(50);
    }
  }

  void turn(int wait_ms) {
    epoll_event events[256];
    const int count = epoll_wait(epoll_, events, 256, wait_ms);
    for (int i = 0; i < count; ++i) {
      Link& link = *static_cast<Link*>(events[i].data.ptr);
      check(mosquitto_loop_read(link.client, 1), "reading");
      link.write();
    }
  }

  /// Edge i commits its frame k at (k + i / edges) periods: those whose time has come, one after the other.
  void pace(double seconds) {
    const double period = static_cast<double>(load_.frame_steps) * static_cast<double>(load_.step_ms) / 1e3;
    const auto due = static_cast<std::size_t>(seconds / period * static_cast<double>(links_.size()));
    for (; paced_ <= due && paced_ < load_.frames() * links_.size(); ++paced_) {
      Link& link = *links_[paced_ % links_.size()];
      link.edge.commit(paced_ / links_.size() + 1);
      link.send_due();
    }
  }

  void tick(double seconds) {
    for (auto& link : links_) {
      link->send_due();
      check(mosquitto_loop_misc(link->client), "keeping alive");
    }
    std::printf("PROGRESS %.3f %zu\n", seconds, received());
    std::fflush(stdout);
  }

  std::size_t received() const {
    std::size_t frames = 0;
    for (const auto& link : links_) frames += link->edge.received();
    return frames * load_.frame_samples();
  }

  void finish(double seconds, double cpu) {
    std::size_t resent = 0;
    for (const auto& link : links_) resent += link->edge.resent();
    std::ranges::sort(delays_);
    const auto rank = [&](double p) {
      return delays_.empty() ? 0 : delays_[static_cast<std::size_t>(p * static_cast<double>(delays_.size() - 1))];
    };
    std::printf("DONE %zu %.4f %.3f %zu %.0f %.0f %.0f\n", received(), seconds, cpu, resent, rank(0.5), rank(0.99),
                rank(1));
  }

  Load load_;
  int epoll_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<double> delays_;
  std::size_t paced_ = 0;  // frames committed so far, of all edges together
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto port = static_cast<int>(arguments.number("port"));
  Load load{static_cast<std::size_t>(arguments.number("edges")),
            static_cast<std::size_t>(arguments.number("steps")),
            static_cast<std::size_t>(arguments.number("frame-steps", 60)),
            arguments.number("step-ms", 1000),
            {}};
  load.settings.lane = arguments.text("lane", "backlog") == "live" ? topics::Lane::live : topics::Lane::backlog;
  load.settings.window = static_cast<std::size_t>(arguments.number("window", 8));
  const auto limit = static_cast<double>(arguments.number("limit-s", 300));
  const std::string expect = arguments.text("expect", "");
  arguments.end();
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  mosquitto_lib_init();
  Generator generator(load);
  generator.make(expect);
  if (std::getchar() == EOF) return 1;
  generator.connect(port);
  generator.run(limit);
  return 0;
}
