// The hazard desk's tables as values: reading and writing of rows, no decisions. Inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/hazard/hazard.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

class HazardRows {
 public:
  explicit HazardRows(Database& database) : database_(database) {}

  std::optional<Hazard> find(const HazardId& id) const;
  void insert(const Hazard& hazard);
  void update(const Hazard& hazard);
  /// When the watch over deadlines looks at it next; nullopt: not as it stands.
  void look_again(const HazardId& hazard, std::optional<WallTime> at);

  struct Numbered {
    std::int64_t number = 0;
    Hazard hazard;
  };
  /// Rows after the SQL in `rest` (WHERE …, ORDER BY …, LIMIT …).
  std::vector<Numbered> select(const std::string& rest, std::vector<SqlValue> parameters) const;

  /// The one open hazard that alerts of (asset, rule) belong to.
  std::optional<Hazard> open_for(const std::string& asset, const std::string& rule) const;
  void set_key(const std::string& asset, const std::string& rule, const HazardId& hazard);
  void drop_keys(const HazardId& hazard);
  /// The one closed last for (asset, rule).
  std::optional<Hazard> last_closed(const std::string& asset, const std::string& rule) const;

  /// The hazard that an alert was linked to last.
  std::optional<Hazard> linked_to(const AlertId& alert) const;
  void link(const HazardId& hazard, const AlertId& alert, bool active);
  void set_active(const AlertId& alert, bool active);

  void add_event(const HazardId& hazard, const HazardEvent& event);
  std::vector<HazardEvent> events(const HazardId& hazard) const;
  void add_evidence(const HazardId& hazard, const HazardEvidence& evidence);
  std::vector<HazardEvidence> evidence(const HazardId& hazard) const;

 private:
  std::optional<Hazard> one(const std::string& rest, std::vector<SqlValue> parameters) const;

  Database& database_;
};

}  // namespace anlan::collector
