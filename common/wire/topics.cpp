#include "common/wire/topics.hpp"

#include <vector>

#include "common/model/ids.hpp"

namespace anlan::topics {
namespace {

std::string of_edge(std::string_view site, std::string_view edge, std::string_view rest) {
  return "anlan/v1/" + std::string(site) + "/" + std::string(edge) + "/" + std::string(rest);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == text.npos || parts.size() > 8) return parts;
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
  const auto parts = split(topic);
  if (parts.size() < 5 || parts[0] != "anlan" || parts[1] != "v1") return std::nullopt;
  if (!valid_name(parts[2]) || !valid_name(parts[3])) return std::nullopt;
  Up result{std::string(parts[2]), std::string(parts[3]), std::nullopt};
  if (parts.size() == 5 && parts[4] == "state") return result;
  if (parts.size() != 6 || parts[4] != "up") return std::nullopt;
  for (const Lane lane : {Lane::urgent, Lane::live, Lane::backlog})
    if (parts[5] == to_string(lane)) {
      result.lane = lane;
      return result;
    }
  return std::nullopt;
}

}  // namespace anlan::topics
