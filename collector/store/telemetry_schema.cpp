#include "collector/store/telemetry_schema.hpp"

namespace anlan::collector {

const std::vector<std::string>& telemetry_schema() {
  static const std::vector<std::string> steps{
      R"(
CREATE TABLE epoch (
  id INTEGER PRIMARY KEY, edge TEXT NOT NULL, epoch TEXT NOT NULL, ordinal INTEGER NOT NULL, samples INTEGER NOT NULL,
  UNIQUE (edge, epoch));
CREATE TABLE point (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, longest_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE received (
  edge TEXT NOT NULL, epoch TEXT NOT NULL, stream INTEGER NOT NULL, ranges TEXT NOT NULL,
  PRIMARY KEY (edge, epoch, stream)) WITHOUT ROWID;
CREATE TABLE raw (
  edge TEXT NOT NULL, epoch TEXT NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, clock INTEGER NOT NULL, samples INTEGER NOT NULL,
  payload BLOB NOT NULL, checksum INTEGER NOT NULL, wanted TEXT,
  PRIMARY KEY (edge, epoch, stream, sequence));
CREATE TABLE segment (
  id INTEGER PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, samples INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE open_chunk (
  id INTEGER PRIMARY KEY, point INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX open_chunk_by_point ON open_chunk (point);
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY, point INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX chunk_by_point ON chunk (point, start_ms, end_ms);
CREATE TABLE newest (
  point INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, item INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, value_bits INTEGER NOT NULL, quality INTEGER NOT NULL);
CREATE TABLE loss (
  id INTEGER PRIMARY KEY, point INTEGER, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, samples INTEGER);
CREATE INDEX loss_by_point ON loss (point);
)",
      "CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), store TEXT NOT NULL, generation TEXT NOT NULL)",
      // Samples of points that are read together stand together. What versions 1 and 2 wrote is moved by
      // old_blocks.cpp.
      R"(
ALTER TABLE segment RENAME TO old_segment;
ALTER TABLE open_chunk RENAME TO old_open_chunk;
ALTER TABLE chunk RENAME TO old_chunk;
DROP INDEX open_chunk_by_point;
DROP INDEX chunk_by_point;
ALTER TABLE newest RENAME TO old_newest;
ALTER TABLE point DROP COLUMN longest_ms;
CREATE TABLE point_group (id INTEGER PRIMARY KEY, definition TEXT UNIQUE);
CREATE TABLE member (
  point INTEGER NOT NULL, point_group INTEGER NOT NULL, place INTEGER NOT NULL,
  PRIMARY KEY (point, point_group, place)) WITHOUT ROWID;
CREATE INDEX member_by_group ON member (point_group, place);
CREATE TABLE segment (
  id INTEGER PRIMARY KEY AUTOINCREMENT, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, samples INTEGER NOT NULL,
  heads BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY, point_group INTEGER NOT NULL, step_ms INTEGER NOT NULL, open INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, items INTEGER NOT NULL, most INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE INDEX chunk_by_time ON chunk (point_group, step_ms, open, start_ms, end_ms);
CREATE TABLE longest (
  point_group INTEGER NOT NULL, step_ms INTEGER NOT NULL, ms INTEGER NOT NULL,
  PRIMARY KEY (point_group, step_ms)) WITHOUT ROWID;
CREATE TABLE newest (
  point_group INTEGER PRIMARY KEY, filed INTEGER NOT NULL, latest_ms INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE expired (step_ms INTEGER PRIMARY KEY, before_ms INTEGER NOT NULL);
ALTER TABLE epoch ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE loss ADD COLUMN point_group INTEGER;
)"};
  return steps;
}

}  // namespace anlan::collector
