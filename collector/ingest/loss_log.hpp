// What an edge says that it could not keep, in the words of its gap records (PROTOCOL.md rule 9): which point, from
// when to when, how much and why. Data that arrive all the same win; what was said stays said. Functions run inside the
// caller's transaction (or read) and throw DatabaseError. Table: docs/formats/records-db.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/ingest/registry.hpp"
#include "common/io/sql_rows.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

struct LossRow {
  std::int64_t number = 0;  // grows in the order in which they were heard of
  Origin origin;
  Loss loss;                             // `from` and `to` are the epoch's beginning where nobody knows when
  std::optional<std::uint64_t> records;  // that this voids, where the edge knows no more than that
  WallTime heard_at{};
};

/// A gap that tells no points (what an edge has freed it cannot read) is noted by what it voids. A loss at a point of
/// another site is not noted (rule 15).
void note_losses(Database& database, const Origin& origin, const Gap& gap, WallTime now);

struct LossFilter {
  std::string site{}, edge{}, point{};   // empty: all; point: site/device/point
  std::optional<std::int64_t> before{};  // number of the last one of the page before
  int limit = 100;
  SqlCondition only{};  // for those who may not see all
};

/// Newest first.
std::vector<LossRow> list_losses(Database& database, const LossFilter& filter);

}  // namespace anlan::collector
