#include "edge/cli/scan.hpp"

#include <algorithm>
#include <charconv>

#include "edge/cli/traced_bus.hpp"
#include "edge/sample/decoder.hpp"
#include "edge/sensor/planner.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

bool is_modbus(const Profile& profile) {
  return std::ranges::any_of(profile.points,
                             [](const ProfilePoint& p) { return std::holds_alternative<ModbusSource>(p.source); });
}

/// The points of one block that answered, each weighed by what it means.
void weigh(const Profile& profile, const Block& block, const Words& words, ScanMatch& match) {
  for (const Block::Place& place : block.places) {
    const auto first = words.begin() + place.offset;
    ++match.answered;
    const Words own(first, first + place.count);
    match.good += Decoder(profile.points[place.point])(own).quality == Quality::good;
  }
}

/// Stops at the first block that the unit refuses or does not answer: then it is another instrument.
awaitable<ScanMatch> hold_against(Bus& bus, int unit, Millis timeout, const Profile& profile) {
  ScanMatch match{.profile = profile.id, .points = profile.points.size()};
  for (const PollClass& poll_class : plan(profile))
    for (const Block& block : poll_class.blocks) {
      const ReadRequest request{
          .unit = unit, .table = block.table, .address = block.address, .count = block.count, .timeout = timeout};
      const auto words = co_await bus.read(request);
      if (!words || words->size() < static_cast<std::size_t>(block.count)) co_return match;
      weigh(profile, block, *words, match);
    }
  co_return match;
}

awaitable<ScanFound> look_at(Bus& bus, int unit, Millis timeout, const std::vector<Profile>& profiles) {
  ScanFound found{.unit = unit};
  const IdentifyRequest who{.unit = unit, .timeout = timeout};
  auto identification = co_await bus.identify(who);
  if (identification) found.identification = std::move(*identification);
  for (const Profile& profile : profiles) {
    if (!is_modbus(profile)) continue;
    auto match = co_await hold_against(bus, unit, timeout, profile);
    if (match.answered == match.points) found.matches.push_back(std::move(match));
  }
  // The greater share of plausible values first; then the one that explains more, then by name.
  std::ranges::sort(found.matches, [](const ScanMatch& a, const ScanMatch& b) {
    const auto left = a.good * b.points, right = b.good * a.points;
    return left != right ? left > right : a.points != b.points ? a.points > b.points : a.profile < b.profile;
  });
  co_return found;
}

std::optional<int> unit_from(std::string_view text) {
  int unit = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unit);
  if (error != std::errc{} || end != text.data() + text.size() || unit < 0 || unit > 255) return std::nullopt;
  return unit;
}

}  // namespace

awaitable<Result<void>> scan(Bus& bus, ScanWish wish, std::vector<Profile> profiles, std::function<void(int)> progress,
                             std::function<void(ScanFound)> found) {
  for (const int unit : wish.units) {
    progress(unit);
    const ReadRequest first{.unit = unit, .timeout = wish.timeout};
    const auto words = co_await bus.read(first);
    if (!words && words.error().kind == BusError::Kind::no_connection)
      co_return fail(Errc::unavailable, words.error().message);
    if (!words && words.error().kind != BusError::Kind::exception) continue;
    auto who = co_await look_at(bus, unit, wish.timeout, profiles);
    who.answer = words ? register_name(Table::holding_registers, 0) + " is " + words_text(*words, 1)
                       : "it refuses " + register_name(Table::holding_registers, 0) + " (" +
                             std::string(exception_name(words.error().exception_code)) + ")";
    found(std::move(who));
  }
  co_return Result<void>{};
}

Result<std::vector<int>> parse_units(std::string_view text) {
  std::vector<int> units;
  const auto wrong = [whole = text] {
    return fail(Errc::invalid_argument,
                "'" + std::string(whole) + "' are no units: write 1-247, or 1,5,10-20 (0 to 255)");
  };
  while (true) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const auto dash = part.find('-');
    const auto first = unit_from(part.substr(0, dash));
    const auto last = dash == part.npos ? first : unit_from(part.substr(dash + 1));
    if (!first || !last || *last < *first) return wrong();
    for (int unit = *first; unit <= *last; ++unit)
      if (std::ranges::find(units, unit) == units.end()) units.push_back(unit);
    if (comma == text.npos) return units;
    text.remove_prefix(comma + 1);
  }
}

std::string to_text(const ScanFound& found) {
  std::string text = "unit " + std::to_string(found.unit) + ": " + found.answer + "\n";
  if (found.identification) {
    std::string objects;
    for (const auto& [number, object] : found.identification->objects)
      if (!object.empty()) objects += (objects.empty() ? "" : ", ") + object;
    text += "    says that it is: " + (objects.empty() ? "nothing" : objects) + "\n";
  } else {
    text += "    does not say what it is (no function 43/14)\n";
  }
  for (const ScanMatch& match : found.matches)
    text += "    profile " + match.profile + ": " + std::to_string(match.good) + " of " + std::to_string(match.points) +
            " points have a plausible value\n";
  if (found.matches.empty()) text += "    no profile here describes it: not one of them was answered whole\n";
  return text;
}

}  // namespace anlan::edge
