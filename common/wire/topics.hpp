// MQTT topics (DESIGN.md §3.5):
//   anlan/v1/{site}/{edge}/up/{urgent|live|backlog}   edge → collector
//   anlan/v1/{site}/{edge}/down/{receipt|bundle|command}   collector → edge; answers travel on `receipt`
//   anlan/v1/{site}/{edge}/state   birth and Will
//   anlan/v1/collector/state       retained
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace anlan::topics {

enum class Lane { urgent, live, backlog };  // a priority of sending, no part of a record's identity
std::string_view to_string(Lane lane);

std::string up(std::string_view site, std::string_view edge, Lane lane);
std::string down_receipt(std::string_view site, std::string_view edge);
std::string down_command(std::string_view site, std::string_view edge);
std::string edge_state(std::string_view site, std::string_view edge);
inline constexpr std::string_view kCollectorState = "anlan/v1/collector/state";

/// What the collector subscribes to: urgent on one connection, the rest on another (PROTOCOL.md rule 14).
inline constexpr std::string_view kAllUrgent = "anlan/v1/+/+/up/urgent";
inline constexpr std::string_view kAllLive = "anlan/v1/+/+/up/live";
inline constexpr std::string_view kAllBacklog = "anlan/v1/+/+/up/backlog";
inline constexpr std::string_view kAllStates = "anlan/v1/+/+/state";

struct Up {
  std::string site, edge;
  std::optional<Lane> lane;  // nullopt: the edge's state topic
};

/// nullopt for any other topic or a name that breaks the grammar of model/ids.hpp.
std::optional<Up> parse_up(std::string_view topic);

}  // namespace anlan::topics
