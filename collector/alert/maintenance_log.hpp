// Which devices are or were out of service, by whose word and until when, as the edges' events tell. Events arrive in
// any order and late: a window is known by its id, and its end wins. Functions run inside the caller's transaction (or
// read) and throw DatabaseError. Table: docs/formats/records-db.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "collector/alert/alert.hpp"
#include "collector/alert/page.hpp"
#include "common/io/sql_rows.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

struct MaintenanceRow {
  EdgeRef origin;
  std::string device;  // site/device
  MaintenanceWindow window;
  std::string ended_by;  // empty: its time, or not yet
  /// Whether the device is out of service by it, as far as the centre knows: an end that has not arrived, or never
  /// will, does not outlive `until`.
  bool open(WallTime now) const { return !window.ended && now < window.until; }
};

boost::json::object to_json(const MaintenanceRow& row, WallTime now);

/// An edge event that carries a window; others are no business of this. Writes the change feed ("maintenance"). An
/// event about a device of another site is ignored: returns false.
bool note_maintenance(Database& database, const EdgeRef& edge, const EdgeEvent& event, WallTime now);

struct MaintenanceFilter {
  std::string site{}, edge{}, device{};  // empty: all; device: site/device
  std::optional<bool> open{};            // nullopt: both
  int limit = 100;                       // 1 to kMaxPage
  std::string cursor{};                  // from the page before
  SqlCondition only{};                   // for those who may not see all
};

/// Newest first. Errors: invalid_argument (limit, cursor).
Result<Page<MaintenanceRow>> list_maintenance(Database& database, const MaintenanceFilter& filter, WallTime now);

}  // namespace anlan::collector
