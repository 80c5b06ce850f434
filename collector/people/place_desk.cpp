#include "collector/people/place_desk.hpp"

#include "common/io/http_target.hpp"

namespace anlan::collector {
namespace {

std::vector<PlaceRow> select(Database& database, const SqlWhere& where, const std::string& tail) {
  std::vector<PlaceRow> rows;
  for (const SqlRow& row : database.query(
           "SELECT site, version, district, grid, company FROM site_place" + where.text() + tail, where.values()))
    rows.push_back({row.text(0), row.integer(1), {row.text(2), row.text(3), row.text(4)}});
  return rows;
}

}  // namespace

Places PlaceDesk::all(Database& database) {
  Places places;
  for (PlaceRow& row : select(database, {}, "")) places.emplace(row.site, std::move(row.place));
  return places;
}

std::vector<PlaceRow> PlaceDesk::list(Database& database, const Reach& reach, const std::string& after, int limit) {
  SqlWhere where;
  where.add("site > ?", {sql(after)});
  where.add(reach.of_site("site"));
  return select(database, where, " ORDER BY site LIMIT " + std::to_string(limit));
}

PlaceRow PlaceDesk::get(Database& database, const std::string& site) {
  SqlWhere where;
  where.add("site = ?", {sql(site)});
  auto rows = select(database, where, "");
  return rows.empty() ? PlaceRow{site, 0, {}} : std::move(rows.front());
}

Result<PlaceRow> PlaceDesk::put(Database& database, PlaceRow row, const Actor& actor, WallTime now) {
  for (const std::string* name : {&row.place.district, &row.place.grid, &row.place.company})
    if (name->size() > 100 || !plain_text(*name))
      return fail(Errc::invalid_argument, "district, grid and company are plain text of at most 100 bytes");
  const PlaceRow before = get(database, row.site);
  if (before.version != row.version)
    return fail(Errc::conflict, "this site was placed meanwhile: version " + std::to_string(before.version));
  ++row.version;
  std::vector<SqlField> fields{{"version", sql(row.version)},
                               {"district", sql(row.place.district)},
                               {"grid", sql(row.place.grid)},
                               {"company", sql(row.place.company)},
                               {"changed_ms", sql(now)}};
  if (before.version == 0) {
    fields.push_back({"site", sql(row.site)});
    insert_row(database, "site_place", std::move(fields));
  } else {
    update_row(database, "site_place", {"site", sql(row.site)}, std::move(fields));
  }
  journal_(database,
           {"site.placed", "site/" + row.site, actor,
            "district " + row.place.district + ", grid " + row.place.grid + ", company " + row.place.company, now});
  return row;
}

}  // namespace anlan::collector
