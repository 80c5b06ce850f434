#include "tests/plant/action.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/plant/number.hpp"

namespace anlan::plant {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view line) {
  constexpr std::string_view blank = " \t\r";
  Words words;
  while (true) {
    const auto begin = line.find_first_not_of(blank);
    if (begin == line.npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(blank), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::unexpected<Error> usage(std::string_view right) {
  return fail(Errc::invalid_argument, "right would be: " + std::string(right));
}

Result<Action> parse_set(const Words& w) {
  if (w.size() != 3) return usage("set DEVICE/POINT VALUE");
  const auto value = parse_number(w[2]);
  if (!value) return fail(value.error());
  return Move{std::string(w[1]), Constant{*value}};
}

Result<Action> parse_ramp(const Words& w) {
  if (w.size() != 4) return usage("ramp DEVICE/POINT VALUE DURATION");
  const auto to = parse_number(w[2]);
  if (!to) return fail(to.error());
  const auto duration = parse_duration(w[3]);
  if (!duration) return fail(duration.error());
  return Move{std::string(w[1]), Ramp{.to = *to, .duration = *duration}};
}

Result<Action> parse_sine(const Words& w) {
  if (w.size() != 5) return usage("sine DEVICE/POINT MEAN AMPLITUDE PERIOD");
  const auto mean = parse_number(w[2]), amplitude = parse_number(w[3]);
  if (!mean) return fail(mean.error());
  if (!amplitude) return fail(amplitude.error());
  const auto period = parse_duration(w[4]);
  if (!period) return fail(period.error());
  return Move{std::string(w[1]), Sine{.mean = *mean, .amplitude = *amplitude, .period = *period}};
}

Result<Action> parse_steps(const Words& w) {
  if (w.size() < 4) return usage("steps DEVICE/POINT EACH VALUE VALUE …");
  const auto each = parse_duration(w[2]);
  if (!each) return fail(each.error());
  Steps steps{.each = *each};
  for (std::size_t i = 3; i < w.size(); ++i) {
    const auto value = parse_number(w[i]);
    if (!value) return fail(value.error());
    steps.values.push_back(*value);
  }
  return Move{std::string(w[1]), std::move(steps)};
}

Result<Action> parse_noise(const Words& w) {
  if (w.size() != 3) return usage("noise DEVICE/POINT HALF-WIDTH");
  const auto width = parse_number(w[2]);
  if (!width) return fail(width.error());
  if (*width < 0) return usage("a half width of 0 or more");
  return MakeNoise{std::string(w[1]), *width};
}

Result<Misbehaviour> parse_misbehaviour(const Words& w) {
  using Kind = Misbehaviour::Kind;
  if (w.size() == 3 && w[2] == "none") return Misbehaviour{};
  if (w.size() == 3 && w[2] == "hang") return Misbehaviour{.kind = Kind::hang};
  if (w.size() == 3 && w[2] == "wrong-unit") return Misbehaviour{.kind = Kind::wrong_unit};
  if (w.size() == 3 && w[2] == "gone") return Misbehaviour{.kind = Kind::gone};
  if (w.size() == 4 && w[2] == "late") {
    const auto late = parse_duration(w[3]);
    if (!late) return fail(late.error());
    return Misbehaviour{.kind = Kind::late, .late = *late};
  }
  if (w.size() == 4 && w[2] == "exception") {
    const auto code = parse_number(w[3]);
    if (!code || *code != std::floor(*code) || *code < 1 || *code > 255) return usage("an exception code, 1 to 255");
    return Misbehaviour{.kind = Kind::exception, .exception = static_cast<std::uint8_t>(*code)};
  }
  return usage("fault DEVICE|ENDPOINT none|hang|late DURATION|exception CODE|wrong-unit|gone");
}

Result<Action> parse_fault(const Words& w) {
  const auto how = parse_misbehaviour(w);
  if (!how) return fail(how.error());
  return Misbehave{std::string(w[1]), *how};
}

}  // namespace

std::string Misbehaviour::str() const {
  switch (kind) {
    case Kind::none:
      return "none";
    case Kind::hang:
      return "hang";
    case Kind::late:
      return "late " + std::to_string(late.count()) + "ms";
    case Kind::exception:
      return "exception " + std::to_string(exception);
    case Kind::wrong_unit:
      return "wrong-unit";
    case Kind::gone:
      return "gone";
  }
  return "unknown";
}

Result<Action> parse_action(std::string_view line) {
  const Words w = split(line);
  const std::string_view verb = w.empty() ? std::string_view{} : w.front();
  if (verb == "set") return parse_set(w);
  if (verb == "ramp") return parse_ramp(w);
  if (verb == "sine") return parse_sine(w);
  if (verb == "steps") return parse_steps(w);
  if (verb == "noise") return parse_noise(w);
  if (verb == "fault") return parse_fault(w);
  if (verb == "show" && w.size() <= 2) return Show{w.size() == 2 ? std::string(w[1]) : std::string()};
  if (verb == "quit" && w.size() == 1) return Quit{};
  return usage("set, ramp, sine, steps, noise, fault, show [WHAT] or quit");
}

}  // namespace anlan::plant
