#include "tests/scenario/scoring_scenario.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include "common/base/duration.hpp"

namespace anlan::scenario {
namespace {

constexpr const char* kSite = "site";

/// One line's words, taken from the front. Throws Fault; parse() catches it.
struct Fault {
  std::string message;
};

class Words {
 public:
  explicit Words(const std::string& line) {
    std::istringstream in(line.substr(0, line.find(" #")));
    for (std::string word; in >> word;) words_.push_back(word);
  }

  bool empty() const { return next_ == words_.size(); }
  std::string take(const char* what) {
    if (empty()) throw Fault{std::string("a ") + what + " is missing at the end"};
    return words_[next_++];
  }
  bool take_if(std::string_view word) {
    if (empty() || words_[next_] != word) return false;
    ++next_;
    return true;
  }
  void expect(const char* word) {
    if (!take_if(word))
      throw Fault{"'" + std::string(word) + "' is expected" +
                  (empty() ? " at the end" : " where '" + words_[next_] + "' stands")};
  }
  double number(const char* what) {
    const std::string word = take(what);
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) throw Fault{"'" + word + "' is no number"};
    return value;
  }
  Millis time(const char* what) {
    const std::string word = take(what);
    const auto time = time_from(word);
    if (!time) throw Fault{"'" + word + "' is no time: write 250ms, 20s, 1m30s or 2h"};
    return *time;
  }
  Level level() {
    const std::string word = take("level");
    const auto level = level_from(word);
    if (!level || *level == Level::none) throw Fault{"'" + word + "' is no level: blue, yellow, orange or red"};
    return *level;
  }
  std::string rest() {
    std::string text;
    for (; !empty(); ++next_) text += (text.empty() ? "" : " ") + words_[next_];
    return text;
  }
  void end() const {
    if (!empty()) throw Fault{"'" + words_[next_] + "' does not belong here"};
  }

 private:
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

class Parser {
 public:
  Result<Scenario> run(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
      ++line_;
      try {
        Words words(line);
        if (!words.empty() && line.front() != '#') statement(words);
      } catch (const Fault& fault) {
        return fail(Errc::malformed, "line " + std::to_string(line_) + ": " + fault.message);
      }
    }
    if (scenario_.title.empty()) return fail(Errc::malformed, "there is no 'scenario' line with a title");
    if (scenario_.events.empty()) return fail(Errc::malformed, "nothing happens: there is no 'at' or 'from' line");
    std::ranges::sort(scenario_.events, {}, [](const Event& event) { return std::pair(event.at, event.line); });
    return std::move(scenario_);
  }

 private:
  void statement(Words& words) {
    const std::string verb = words.take("word");
    if (verb == "scenario")
      scenario_.title = words.rest();
    else if (verb == "point")
      point(words);
    else if (verb == "high")
      levels(words, last_point().limits.high);
    else if (verb == "low")
      levels(words, last_point().limits.low);
    else if (verb == "deadband" || verb == "on-delay" || verb == "off-delay")
      margins(verb, words);
    else if (verb == "horn")
      scenario_.horn = words.level();
    else if (verb == "at")
      at(words);
    else if (verb == "from")
      from(words);
    else if (verb == "=>")
      scenario_.expected.push_back(words.rest());
    else
      throw Fault{"'" + verb +
                  "' begins no line: scenario, point, high, low, deadband, on-delay, off-delay, horn, at, from or =>"};
    words.end();
  }

  Definition& definition() {
    if (configure_) return std::get<Configure>(scenario_.events[*configure_].action).definition;
    return scenario_.definition;
  }
  PointDefinition& last_point() {
    if (definition().points.empty()) throw Fault{"there is no 'point' line before"};
    return definition().points.back();
  }

  void point(Words& words) {
    PointDefinition point;
    const std::string name = words.take("point");
    const auto path = PointPath::parse(std::string(kSite) + "/" + name);
    if (!path) throw Fault{"'" + name + "' is no device/point"};
    point.path = *path;
    while (!words.empty()) {
      if (words.take_if("unit"))
        point.unit = words.take("unit");
      else if (words.take_if("every"))
        point.period = words.time("time");
      else
        point.name = words.take("name");
    }
    definition().points.push_back(std::move(point));
  }

  static void levels(Words& words, LevelLimits& limits) {
    while (!words.empty()) {
      const Level level = words.level();
      limits.of(level) = words.number("limit");
    }
  }

  void margins(std::string verb, Words& words) {
    Limits& limits = last_point().limits;
    for (;; verb = words.take("word")) {
      if (verb == "deadband")
        limits.deadband = words.number("deadband");
      else if (verb == "on-delay")
        limits.on_delay = words.time("time");
      else if (verb == "off-delay")
        limits.off_delay = words.time("time");
      else
        throw Fault{"'" + verb + "' is none of deadband, on-delay and off-delay"};
      if (words.empty()) return;
    }
  }

  void add(Millis at, Action action) { scenario_.events.push_back({at, line_, std::move(action)}); }

  void at(Words& words) {
    const Millis time = words.time("time");
    configure_.reset();
    if (words.take_if("restart"))
      add(time, Restart{});
    else if (words.take_if("reboot"))
      add(time, reboot(words));
    else if (words.take_if("clock"))
      add(time, SetClock{by_how_much(words)});
    else if (words.take_if("silence"))
      add(time, Silence{by(words)});
    else if (words.take_if("maintenance")) {
      Maintain maintain{words.take("device"), {}, std::nullopt};
      if (!words.take_if("end")) {
        words.expect("for");
        maintain.time = words.time("time");
      }
      maintain.by = by(words);
      add(time, std::move(maintain));
    } else if (words.take_if("reset")) {
      Reset reset{words.take("point"), words.take("rule"), {}};
      reset.by = by(words);
      add(time, std::move(reset));
    } else if (words.take_if("configure")) {
      add(time, Configure{});
      configure_ = scenario_.events.size() - 1;
    } else {
      Reading reading = what(words);
      if (reading.quality == Quality::good && std::isnan(reading.value)) throw Fault{"a value is missing"};
      add(time, std::move(reading));
    }
  }

  static Reboot reboot(Words& words) {
    Reboot reboot{words.time("time")};
    if (words.take_if("without")) {
      words.expect("clock");
      reboot.has_clock = false;
    }
    return reboot;
  }

  static std::optional<Millis> by_how_much(Words& words) {
    if (words.take_if("right")) return std::nullopt;
    if (words.take_if("forward")) return words.time("time");
    words.expect("back");
    return -words.time("time");
  }

  static std::string by(Words& words) {
    words.expect("by");
    return words.rest();
  }

  static Reading what(Words& words) {
    Reading reading{words.take("point")};
    if (words.take_if("missing"))
      reading.quality = Quality::comm_failure;
    else if (words.take_if("fault"))
      reading.quality = Quality::device_fault;
    else if (words.take_if("stale"))
      reading = {reading.point, words.number("value"), Quality::stale};
    else if (words.take_if("out-of-range"))
      reading = {reading.point, words.number("value"), Quality::out_of_range};
    else
      reading.value = words.number("value");
    return reading;
  }

  void from(Words& words) {
    const Millis first = words.time("time");
    words.expect("until");
    const Millis last = words.time("time");
    words.expect("every");
    const Millis step = words.time("time");
    if (step <= Millis{0} || last < first) throw Fault{"this span holds no sample"};
    configure_.reset();
    Reading reading = what(words);
    const double start = reading.value;
    const double end = words.take_if("to") ? words.number("value") : start;
    const auto steps = (last - first) / step;
    for (Millis::rep i = 0; i <= steps; ++i) {
      reading.value = steps == 0 ? start : start + (end - start) * static_cast<double>(i) / static_cast<double>(steps);
      add(first + i * step, reading);
    }
  }

  Scenario scenario_;
  std::optional<std::size_t> configure_;  // the event whose points are being read
  int line_ = 0;
};

}  // namespace

Result<Scenario> parse(std::string_view text) { return Parser().run(text); }

std::string to_text(Millis time) {
  const auto ms = time.count();
  if (ms % 1000 != 0) return std::to_string(ms) + "ms";
  const auto s = ms / 1000;
  std::string text;
  if (s >= 3600) text += std::to_string(s / 3600) + "h";
  if (s / 60 % 60 != 0) text += std::to_string(s / 60 % 60) + "m";
  if (s % 60 != 0 || text.empty()) text += std::to_string(s % 60) + "s";
  return text;
}

std::optional<Millis> time_from(std::string_view text) {
  const auto time = parse_duration(text);
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace anlan::scenario
