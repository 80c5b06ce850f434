#include "collector/people/reach.hpp"

namespace anlan::collector {

bool Reach::sees_site(std::string_view site, const Places& places) const {
  if (kind_ == Kind::all) return true;
  const auto found = places.find(site);
  if (found == places.end() || value_.empty()) return false;
  switch (kind_) {
    case Kind::district:
      return found->second.district == value_;
    case Kind::grid:
      return found->second.grid == value_;
    case Kind::company:
      return found->second.company == value_;
    default:
      return false;
  }
}

SqlCondition Reach::of_site(std::string_view column) const {
  if (kind_ == Kind::all) return {};
  std::string_view by;
  if (kind_ == Kind::district) by = "district";
  if (kind_ == Kind::grid) by = "grid";
  if (kind_ == Kind::company) by = "company";
  if (by.empty()) return {"1 = 0", {}};
  std::string text(column);
  text.append(" IN (SELECT site FROM site_place WHERE ").append(by).append(" = ?)");
  return {std::move(text), {value_}};
}

SqlCondition Reach::of_hazard() const {
  if (kind_ == Kind::hazard) return {"id = ?", {value_}};
  return of_site("site");
}

Reach reach_of(Scope scope, const Territory& territory, const std::string& hazard) {
  switch (scope) {
    case Scope::none:
      return Reach::nothing();
    case Scope::own:
      return Reach::self();
    case Scope::all:
      return Reach::everything();
    case Scope::district:
      return Reach::district(territory.district);
    case Scope::grid:
      return Reach::grid(territory.grid);
    case Scope::company:
      return Reach::company(territory.company);
    case Scope::task:
      return Reach::hazard(hazard);
    case Scope::granted:
      if (territory.whole) return Reach::everything();
      if (!territory.company.empty()) return Reach::company(territory.company);
      if (!territory.grid.empty()) return Reach::grid(territory.grid);
      return Reach::district(territory.district);
  }
  return Reach::nothing();
}

}  // namespace anlan::collector
