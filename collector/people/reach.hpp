// What somebody may see: everything, the sites of one district, grid or company, or one hazard. As a test of one thing,
// and as a condition of a list. A reach without a place reaches nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "collector/people/permission_table.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

/// Where somebody belongs. `whole`: no person but a client that was granted everything.
struct Territory {
  std::string district, grid, company;
  bool whole = false;
  bool operator==(const Territory&) const = default;
};

/// Where a site belongs; empty: nobody has said it, and only those who reach everything see it.
struct SitePlace {
  std::string district, grid, company;
  bool operator==(const SitePlace&) const = default;
};

/// Every site that was placed. A copy of the table site_place that the loop can ask at once.
using Places = std::map<std::string, SitePlace, std::less<>>;

class Reach {
 public:
  static Reach nothing() { return {}; }
  static Reach everything() { return Reach(Kind::all, {}); }
  static Reach self() { return Reach(Kind::self, {}); }
  static Reach district(std::string name) { return placed(Kind::district, std::move(name)); }
  static Reach grid(std::string name) { return placed(Kind::grid, std::move(name)); }
  static Reach company(std::string name) { return placed(Kind::company, std::move(name)); }
  static Reach hazard(std::string id) { return placed(Kind::hazard, std::move(id)); }

  bool none() const { return kind_ == Kind::none; }
  bool all() const { return kind_ == Kind::all; }

  bool sees_site(std::string_view site, const Places& places) const;
  bool sees_hazard(std::string_view id, std::string_view site, const Places& places) const {
    return kind_ == Kind::hazard ? id == value_ : sees_site(site, places);
  }

  /// Of a table with a column that names a site; empty text: no condition.
  SqlCondition of_site(std::string_view column) const;
  /// Of the table hazard: columns id and site.
  SqlCondition of_hazard() const;

  bool operator==(const Reach&) const = default;

 private:
  enum class Kind : std::uint8_t { none, self, all, district, grid, company, hazard };
  Reach() = default;
  Reach(Kind kind, std::string value) : kind_(kind), value_(std::move(value)) {}
  static Reach placed(Kind kind, std::string value) { return value.empty() ? Reach() : Reach(kind, std::move(value)); }

  Kind kind_ = Kind::none;
  std::string value_;
};

/// `hazard`: of an inspector's token.
Reach reach_of(Scope scope, const Territory& territory, const std::string& hazard);

}  // namespace anlan::collector
