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
      "CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), store TEXT NOT NULL, generation TEXT NOT NULL)"};
  return steps;
}

}  // namespace anlan::collector
