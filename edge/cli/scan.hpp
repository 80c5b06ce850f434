// anlan-edge scan: who answers on a line, and what they are.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "edge/sensor/bus.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

struct ScanWish {
  std::vector<int> units;  // in this order
  Millis timeout{300};     // for one answer
};

/// A profile held against a unit: its points that gave a value, and a good one.
struct ScanMatch {
  std::string profile;
  std::size_t points = 0, answered = 0, good = 0;
};

struct ScanFound {
  int unit = 0;
  std::string answer{};                            // to the first question: words, or the exception's name
  std::optional<Identification> identification{};  // function 43/14
  std::vector<ScanMatch> matches{};                // those of which all points answer, best first
};

/// Asks each unit for one holding register (whoever is there answers, if only with an exception), then who it is
/// (43/14), then for the points of each profile. `progress` is told before each unit; `found` each that is there.
/// Bounded: units × timeout where nobody answers, and some requests more for each one that does. Errors: unavailable
/// (the endpoint is not reached: nobody can be there).
boost::asio::awaitable<Result<void>> scan(Bus& bus, ScanWish wish, std::vector<Profile> profiles,
                                          std::function<void(int unit)> progress, std::function<void(ScanFound)> found);

/// "1-247", "3", "1,5,10-20". Errors: invalid_argument (also for units outside 0 to 255).
Result<std::vector<int>> parse_units(std::string_view text);

/// For people: one paragraph.
std::string to_text(const ScanFound& found);

}  // namespace anlan::edge
