// Which edges, sites and points the centre knows, as their hellos and definitions tell. Functions run inside a
// transaction (or a read) of the caller and throw DatabaseError. Tables: docs/formats/records-db.md.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/io/sql_rows.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

/// Whose message it is: from its topic, which the broker's ACL binds to a certificate (PROTOCOL.md rule 15).
struct Origin {
  std::string edge, site;
  auto operator<=>(const Origin&) const = default;
};

/// Makes the edge known. Errors: refused (this edge id reports for another site: two boxes, or a wrong configuration).
Result<void> note_edge(Database& database, const Origin& origin, WallTime now);

/// What a hello tells beside the ledger.
void note_hello(Database& database, const Hello& hello, WallTime now);

/// What waits on an edge, as it said last; nullopt: it does not say. Nothing where the edge is not known at this site.
void note_waiting(Database& database, const Origin& origin, const std::optional<Waiting>& waiting, WallTime now);

/// True where a definition record of this age is newer than the one that the edge's points are from; then it is that
/// one from now on. Ordinal and sequence order an edge's records (rule 13), which arrive in any order.
bool advance_definition(Database& database, const std::string& edge, std::uint64_t ordinal, std::uint64_t sequence);

/// The points of an edge's newest definition. Points that it no longer has stay, marked absent. A point of another site
/// is refused; one of another edge moves to this one (a point belongs to one edge at a time) and is returned.
struct NotedPoints {
  std::vector<std::string> refused, moved;
};
NotedPoints note_points(Database& database, const Origin& origin, const Definition& definition);

/// What an edge said to wait for a receipt.
struct HeardWaiting {
  Waiting waiting;
  WallTime heard_at{};
};

struct EdgeRow {
  std::string id, site, version;
  WallTime first_heard{}, last_heard{};
  ClockState clock = ClockState::unsynced;
  std::optional<WallTime> unknown_until;  // losses on the edge up to here are unknown
  std::int64_t points = 0;
  std::optional<HeardWaiting> waiting{};  // nullopt: it has never said so
};

/// In order of id, after `after`, at most `limit`; of one site where `site` is not empty. `only` (here and below): a
/// condition on the column site, for those who may not see all.
std::vector<EdgeRow> list_edges(Database& database, const std::string& site, const std::string& after, int limit,
                                const SqlCondition& only = {});
std::optional<EdgeRow> get_edge(Database& database, const std::string& id);

struct SiteRow {
  std::string id;
  std::int64_t edges = 0, points = 0;
  WallTime last_heard{};
};
std::vector<SiteRow> list_sites(Database& database, const std::string& after, int limit, const SqlCondition& only = {});

struct PointRow {
  PointPath path;
  std::string edge, name, unit, asset;
  Millis period{};
  Limits limits;
  bool present = true;  // in its edge's newest definition
};

struct PointFilter {
  std::string site, device;  // empty: all
  std::string edge;
  std::string text;   // part of path or name
  std::string after;  // path of the last one of the page before
  int limit = 100;
  SqlCondition only{};
};
std::vector<PointRow> list_points(Database& database, const PointFilter& filter);
std::optional<PointRow> get_point(Database& database, const PointPath& path);

std::int64_t count_edges(Database& database);

/// What waits on all edges but those named, by their last words.
struct WaitingSum {
  struct Amount {
    double records = 0, samples = 0, bytes = 0;
  };
  Amount urgent, live, backlog;
  std::int64_t edges = 0;   // that have said it
  std::int64_t behind = 0;  // whose oldest telemetry was older than a minute then
  Millis most{0};           // how old it was at most
};
WaitingSum sum_waiting(Database& database, const std::set<std::string>& without);

/// Per edge and place: what is stored, void and unknown. For telemetry `data` is in the telemetry store.
struct AccountRow {
  std::string edge;
  Place place;
  RangeSet data, voided, lost;
  std::uint64_t reach = 0;  // the furthest end that the edge has shown
};
std::vector<AccountRow> list_accounts(Database& database, const std::string& edge);

/// An account in numbers; ranges may be open-ended, only what lies below `reach` counts. Data wins over a void
/// (PROTOCOL.md rule 9).
struct AccountSum {
  std::uint64_t stored = 0, voided = 0, lost = 0;
  RangeSet missing;  // neither stored nor void
};
AccountSum sum_of(const AccountRow& row);

}  // namespace anlan::collector
