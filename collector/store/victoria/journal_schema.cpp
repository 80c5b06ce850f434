#include "collector/store/victoria/journal_schema.hpp"

namespace anlan::collector::victoria {

const std::vector<std::string>& journal_schema() {
  static const std::vector<std::string> steps{R"(
CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), store TEXT NOT NULL, generation TEXT NOT NULL);
CREATE TABLE engine (
  one INTEGER PRIMARY KEY CHECK (one = 1), label TEXT NOT NULL, mark INTEGER NOT NULL, mark_ms INTEGER NOT NULL);
CREATE TABLE epoch (
  id INTEGER PRIMARY KEY, edge TEXT NOT NULL, epoch TEXT NOT NULL, ordinal INTEGER NOT NULL, samples INTEGER NOT NULL,
  UNIQUE (edge, epoch));
CREATE TABLE point (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, first_ms INTEGER, last_ms INTEGER,
  moved INTEGER NOT NULL DEFAULT 0);
CREATE TABLE received (
  edge TEXT NOT NULL, epoch TEXT NOT NULL, stream INTEGER NOT NULL, ranges TEXT NOT NULL,
  PRIMARY KEY (edge, epoch, stream)) WITHOUT ROWID;
CREATE TABLE raw (
  edge TEXT NOT NULL, epoch TEXT NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, clock INTEGER NOT NULL, samples INTEGER NOT NULL,
  payload BLOB NOT NULL, checksum INTEGER NOT NULL, wanted TEXT,
  PRIMARY KEY (edge, epoch, stream, sequence));
CREATE TABLE newest (
  point INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, item INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, value_bits INTEGER NOT NULL, quality INTEGER NOT NULL);
CREATE TABLE batch (
  id INTEGER PRIMARY KEY AUTOINCREMENT, committed_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL, samples INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE aside (
  id INTEGER PRIMARY KEY, point INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX aside_by_point ON aside (point, start_ms);
CREATE TABLE lane (
  point INTEGER NOT NULL, epoch INTEGER NOT NULL, last BLOB NOT NULL, PRIMARY KEY (point, epoch)) WITHOUT ROWID;
)"};
  return steps;
}

}  // namespace anlan::collector::victoria
