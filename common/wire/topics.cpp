#include "common/wire/topics.hpp"

#include <array>

#include "common/model/ids.hpp"

namespace anlan::topics {
namespace {

std::string of_edge(std::string_view site, std::string_view edge, std::string_view rest) {
  return "anlan/v1/" + std::string(site) + "/" + std::string(edge) + "/" + std::string(rest);
}

/// The first seven parts: no topic of an edge has more than six.
struct Parts {
  std::array<std::string_view, 7> part;
  std::size_t size = 0;
};

Parts split(std::string_view text) {
  Parts parts;
  while (true) {
    const auto slash = text.find('/');
    parts.part[parts.size++] = text.substr(0, slash);
    if (slash == text.npos || parts.size == parts.part.size()) return parts;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string_view to_string(Lane lane) {
  return lane == Lane::urgent ? "urgent" : lane == Lane::live ? "live" : "backlog";
}

std::string up(std::string_view site, std::string_view edge, Lane lane) {
  return of_edge(site, edge, "up/" + std::string(to_string(lane)));
}

std::string down_receipt(std::string_view site, std::string_view edge) { return of_edge(site, edge, "down/receipt"); }

std::string down_command(std::string_view site, std::string_view edge) { return of_edge(site, edge, "down/command"); }

std::string edge_state(std::string_view site, std::string_view edge) { return of_edge(site, edge, "state"); }

std::optional<Up> parse_up(std::string_view topic) {
  const auto [parts, size] = split(topic);
  if (size < 5 || parts[0] != "anlan" || parts[1] != "v1") return std::nullopt;
  if (!valid_name(parts[2]) || !valid_name(parts[3])) return std::nullopt;
  Up result{std::string(parts[2]), std::string(parts[3]), std::nullopt};
  if (size == 5 && parts[4] == "state") return result;
  if (size != 6 || parts[4] != "up") return std::nullopt;
  for (const Lane lane : {Lane::urgent, Lane::live, Lane::backlog})
    if (parts[5] == to_string(lane)) {
      result.lane = lane;
      return result;
    }
  return std::nullopt;
}

}  // namespace anlan::topics
