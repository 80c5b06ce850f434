// The tables of the hazard desk; docs/formats/records-db.md describes them. A step once released is never changed.
#include "collector/hazard/hazard_desk.hpp"

namespace anlan::collector {

const std::vector<std::string>& hazard_schema() {
  static const std::vector<std::string> steps{
      R"(CREATE TABLE hazard (
        number BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, version BIGINT NOT NULL, state TEXT NOT NULL,
        site TEXT NOT NULL, asset TEXT NOT NULL, rule TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
        category TEXT NOT NULL, location TEXT NOT NULL, from_alert BIGINT NOT NULL, level BIGINT NOT NULL,
        grade TEXT NOT NULL, needs_grading_review BIGINT NOT NULL, responsible TEXT NOT NULL, rectifiers TEXT NOT NULL,
        measures TEXT NOT NULL, responsible_person TEXT NOT NULL, funds TEXT NOT NULL, contingency_plan TEXT NOT NULL,
        time_limit BIGINT, reported_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, due_at BIGINT, deadline BIGINT,
        closed_at BIGINT, failures BIGINT NOT NULL, reopenings BIGINT NOT NULL, merged_into TEXT))",
      "CREATE INDEX hazard_by_state ON hazard (state, number)",
      "CREATE INDEX hazard_by_site ON hazard (site, number)",
      "CREATE INDEX hazard_by_rule ON hazard (asset, rule, closed_at)",
      "CREATE INDEX hazard_by_deadline ON hazard (deadline)",
      "CREATE TABLE hazard_key (asset TEXT NOT NULL, rule TEXT NOT NULL, hazard TEXT NOT NULL, PRIMARY KEY (asset, "
      "rule))",
      "CREATE INDEX hazard_key_by_hazard ON hazard_key (hazard)",
      R"(CREATE TABLE hazard_alert (
        number BIGINT PRIMARY KEY, hazard TEXT NOT NULL, alert TEXT NOT NULL, active BIGINT NOT NULL,
        UNIQUE (hazard, alert)))",
      "CREATE INDEX hazard_alert_by_alert ON hazard_alert (alert, number)",
      R"(CREATE TABLE hazard_event (
        number BIGINT PRIMARY KEY, hazard TEXT NOT NULL, version BIGINT NOT NULL, what TEXT NOT NULL,
        from_state TEXT NOT NULL, to_state TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL,
        fields TEXT NOT NULL, at BIGINT NOT NULL))",
      "CREATE INDEX hazard_event_by_hazard ON hazard_event (hazard, number)",
      R"(CREATE TABLE hazard_evidence (
        number BIGINT PRIMARY KEY, hazard TEXT NOT NULL, kind TEXT NOT NULL, alert TEXT, what TEXT NOT NULL,
        level BIGINT NOT NULL, value DOUBLE PRECISION, limit_value DOUBLE PRECISION, unit TEXT NOT NULL,
        since_ms BIGINT NOT NULL, quality BIGINT NOT NULL, text TEXT NOT NULL, edge_time BIGINT NOT NULL,
        at BIGINT NOT NULL))",
      "CREATE INDEX hazard_evidence_by_hazard ON hazard_evidence (hazard, number)",
      // Of what was open before, only that it is overdue is still said: the reminders' times are not made up for.
      "ALTER TABLE hazard ADD COLUMN plan_by TEXT NOT NULL DEFAULT ''; "
      "ALTER TABLE hazard ADD COLUMN plan_approved BIGINT NOT NULL DEFAULT 0; "
      "ALTER TABLE hazard ADD COLUMN interim_control TEXT NOT NULL DEFAULT ''; "
      "ALTER TABLE hazard ADD COLUMN dispatched_at BIGINT; "
      "ALTER TABLE hazard ADD COLUMN paused_at BIGINT; "
      "ALTER TABLE hazard ADD COLUMN paused_deadline BIGINT; "
      "ALTER TABLE hazard ADD COLUMN extensions BIGINT NOT NULL DEFAULT 0; "
      "ALTER TABLE hazard ADD COLUMN extension_until BIGINT; "
      "ALTER TABLE hazard ADD COLUMN extension_by TEXT NOT NULL DEFAULT ''; "
      "ALTER TABLE hazard ADD COLUMN downgrade_by TEXT NOT NULL DEFAULT ''; "
      "ALTER TABLE hazard ADD COLUMN supervised BIGINT NOT NULL DEFAULT 0; "
      "ALTER TABLE hazard ADD COLUMN inspector TEXT NOT NULL DEFAULT ''; "
      "ALTER TABLE hazard ADD COLUMN inspected BIGINT NOT NULL DEFAULT 0; "
      "ALTER TABLE hazard ADD COLUMN hold_until BIGINT; "
      "ALTER TABLE hazard ADD COLUMN said BIGINT NOT NULL DEFAULT 3; "
      "ALTER TABLE hazard ADD COLUMN look_at BIGINT; "
      "UPDATE hazard SET look_at = deadline WHERE deadline IS NOT NULL",
      "CREATE INDEX hazard_by_look ON hazard (look_at)",
      // Open ones only: a search for what is overdue, and the counts, read no closed hazard.
      "CREATE INDEX hazard_open ON hazard (number, deadline, state) WHERE state NOT IN ('rejected', 'merged', "
      "'closed')",
      // Pairs of characters (hazard_text.hpp); it keeps no copy of the text.
      "CREATE VIRTUAL TABLE hazard_text USING fts5(pairs, content = '', detail = none, tokenize = 'ascii')",
      R"(INSERT INTO hazard_text (rowid, pairs)
        SELECT number, (
          WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < length(words))
          SELECT group_concat(hex(substr(words, i, 2)), ' ') FROM place)
        FROM (SELECT number, lower(title || char(10) || description || char(10) || location || char(10) || asset ||
          char(10) || id) AS words FROM hazard))",
  };
  return steps;
}

}  // namespace anlan::collector
