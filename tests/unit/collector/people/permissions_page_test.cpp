// docs/reference/permissions.md is the table that the code runs.
#include "collector/people/permission_table.hpp"
#include "tests/support/reference_page.hpp"

namespace anlan::test {
namespace {

using namespace collector;

std::string page() {
  std::string text =
      "# Who may do what\n\nPrinted from the table in the code (`collector/people/permission_table.hpp`); a test keeps "
      "this "
      "page equal to it. What is not\nhere is denied; what one may not see answers as what does not exist.\n\nColumns: "
      "SA system administrator, CR city regulator, DA district "
      "administrator, GO grid officer (acts as DA), EP enterprise\nprincipal, RE rectifier (acts as EP), EM employee, "
      "IN third-party inspector (a token for one hazard), CL a program of another\nsystem (within what it was "
      "granted). "
      "Cells: whose things; `district`, `grid`, `company` by where their site belongs.\n\n| action | what |";
  for (const Capacity capacity : kCapacities) text.append(" ").append(to_string(capacity)).append(" |");
  text += "\n|---|---|";
  for (std::size_t i = 0; i < kCapacities.size(); ++i) text += "---|";
  text += "\n";
  for (const Permission& row : kPermissions) {
    text.append("| `").append(row.action).append("` | ").append(row.what).append(" |");
    for (const Scope scope : row.scopes)
      text.append(" ").append(scope == Scope::none ? "" : to_string(scope)).append(" |");
    text += "\n";
  }
  return text +
         "\nWhich step of a hazard's closed loop `hazards.act` allows is said by the loop's own table "
         "([alerts and hazards](../alerts-and-hazards.md)).\n";
}

TEST(PermissionsPage, IsTheTable) { expect_page("permissions.md", page()); }

}  // namespace
}  // namespace anlan::test
