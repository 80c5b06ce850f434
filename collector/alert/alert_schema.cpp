// The tables of the alert book; docs/formats/records-db.md describes them. A step once released is never changed.
#include "collector/alert/alert_book.hpp"

namespace anlan::collector {

const std::vector<std::string>& alert_schema() {
  static const std::vector<std::string> steps{
      R"(CREATE TABLE alert (
        number BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, edge TEXT NOT NULL, site TEXT NOT NULL,
        technical BIGINT NOT NULL, source TEXT NOT NULL, asset TEXT NOT NULL, rule TEXT NOT NULL, name TEXT NOT NULL,
        state TEXT NOT NULL, is_open BIGINT NOT NULL, uncertain BIGINT NOT NULL, level BIGINT NOT NULL,
        peak BIGINT NOT NULL, rung BIGINT NOT NULL, step BIGINT NOT NULL, version BIGINT NOT NULL,
        value DOUBLE PRECISION, limit_value DOUBLE PRECISION, unit TEXT NOT NULL, since_ms BIGINT NOT NULL,
        quality BIGINT NOT NULL, score DOUBLE PRECISION, raised_at BIGINT NOT NULL, changed_at BIGINT NOT NULL,
        heard_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, reset_by TEXT NOT NULL, ack_name TEXT, ack_role TEXT,
        ack_note TEXT, ack_at BIGINT, ack_level BIGINT, revision BIGINT NOT NULL, lead TEXT NOT NULL))",
      "CREATE INDEX alert_by_edge ON alert (edge, is_open)",
      "CREATE INDEX alert_by_rule ON alert (source, rule, is_open)",
      "CREATE INDEX alert_by_state ON alert (state, number)",
      "CREATE INDEX alert_by_site ON alert (site, number)",
      "CREATE INDEX alert_by_lead ON alert (lead)",
      R"(CREATE TABLE alert_entry (
        alert TEXT NOT NULL, epoch TEXT NOT NULL, version BIGINT NOT NULL, state BIGINT NOT NULL,
        transition TEXT NOT NULL, PRIMARY KEY (alert, epoch)))",
      R"(CREATE TABLE alert_event (
        number BIGINT PRIMARY KEY, alert TEXT NOT NULL, what TEXT NOT NULL, via TEXT NOT NULL, level BIGINT NOT NULL,
        version BIGINT NOT NULL, epoch TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL,
        value DOUBLE PRECISION, limit_value DOUBLE PRECISION, unit TEXT NOT NULL, since_ms BIGINT NOT NULL,
        quality BIGINT NOT NULL, edge_time BIGINT NOT NULL, at BIGINT NOT NULL, late BIGINT NOT NULL))",
      "CREATE INDEX alert_event_by_alert ON alert_event (alert, number)",
      R"(CREATE TABLE edge_alert_state (
        edge TEXT PRIMARY KEY, site TEXT NOT NULL, hellos BIGINT NOT NULL, unclear BIGINT NOT NULL,
        listings TEXT NOT NULL))",
      "CREATE TABLE edge_contact (edge TEXT PRIMARY KEY, site TEXT NOT NULL, heard_at BIGINT NOT NULL)",
      "ALTER TABLE alert ADD COLUMN maintenance BIGINT",
      "ALTER TABLE alert_event ADD COLUMN maintenance BIGINT",
      R"(CREATE TABLE maintenance (
        number BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, edge TEXT NOT NULL, site TEXT NOT NULL,
        device TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL, since_ms BIGINT NOT NULL,
        until_ms BIGINT NOT NULL, ended_ms BIGINT, ended_by TEXT))",
      "CREATE INDEX maintenance_by_site ON maintenance (site, number)",
      "CREATE INDEX maintenance_open ON maintenance (ended_ms, until_ms)",
  };
  return steps;
}

}  // namespace anlan::collector
