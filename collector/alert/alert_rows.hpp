// The alert book's tables as values: reading and writing of rows, no decisions. Inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/alert/alert.hpp"
#include "collector/alert/episode.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// What an edge's stored alerts are loaded for.
enum class Scope {
  named,  // the alerts named
  open,   // and every alert of the edge that is not over
};

class AlertRows {
 public:
  explicit AlertRows(Database& database) : database_(database) {}

  // ---- episode.hpp's value, in part -------------------------------------------------------------------------------
  EdgeAlerts load(const std::string& edge, const std::vector<AlertId>& named, Scope scope) const;
  /// One alert without an edge's listings: technical alerts.
  EdgeAlerts load_one(const AlertId& id) const;
  /// Entries that `after` has and `before` has not, or not so.
  void save_entries(const EdgeAlerts& before, const EdgeAlerts& after);
  void save_state(const EdgeRef& edge, const EdgeAlerts& alerts);

  // ---- alerts for people ------------------------------------------------------------------------------------------
  std::optional<Alert> find(const AlertId& id) const;
  void insert(const Alert& alert, std::uint8_t rung);
  void update(const Alert& alert, std::uint8_t rung);
  void set_lead(const AlertId& id, const AlertId& lead, std::int64_t revision, WallTime now);
  /// Every alert that is not over with this source and rule, the leading one first (docs/alerts-and-hazards.md).
  std::vector<Alert> group(const std::string& source, const std::string& rule) const;
  std::vector<AlertId> shown_under(const AlertId& lead) const;
  /// The technical alert (source, rule) that is active.
  std::optional<AlertId> active_technical(const std::string& source, std::string_view rule) const;

  void add_event(const AlertId& alert, const AlertEvent& event);
  std::vector<AlertEvent> events(const AlertId& alert) const;

  /// Rows of `alert` after the SQL in `rest` (WHERE …, ORDER BY …, LIMIT …), with their numbers.
  struct Numbered {
    std::int64_t number = 0;
    Alert alert;
  };
  std::vector<Numbered> select(const std::string& rest, std::vector<SqlValue> parameters) const;

  // ---- contacts ---------------------------------------------------------------------------------------------------
  void save_contact(const EdgeRef& edge, WallTime heard);
  std::vector<EdgeRef> contacts() const;
  std::vector<EdgeRef> silent() const;

 private:
  void load_episode(const AlertId& id, EdgeAlerts& alerts) const;

  Database& database_;
};

}  // namespace anlan::collector
