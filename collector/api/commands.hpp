// What people change through the API. app/ implements it: it joins the stages behind an act (hazards, notifications,
// the change feed) so that all of it is one commit.
#pragma once

#include <string>
#include <string_view>

#include "collector/hazard/hazard_desk.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"
#include "common/model/command.hpp"

namespace anlan::collector {

class Commands {
 public:
  virtual ~Commands() = default;

  // Inside a transaction of the records' writer, on its worker; may throw DatabaseError. Errors: as
  // AlertBook::acknowledge, HazardDesk::report and HazardDesk::act.
  virtual Result<void> acknowledge(Database& database, const AlertId& id, const Actor& actor, const std::string& note,
                                   std::int64_t expected_revision, WallTime now) = 0;
  virtual Result<HazardId> report(Database& database, const HazardReport& report, const Actor& actor, WallTime now) = 0;
  virtual Result<void> act(Database& database, const HazardId& id, std::string_view action, const Actor& actor,
                           const std::string& reason, std::string_view fields, std::int64_t expected_version,
                           WallTime now) = 0;

  /// An order to the alert's edge to reset it (docs/decisions/0030): written into its history, signed, and given to
  /// send() after the commit. The alert itself changes only by the edge's own word. Errors: not_found; conflict
  /// (changed since); refused (not latched, no key, an edge that has never greeted, an alert of the centre, this role).
  struct Order {
    std::string site, edge;
    CommandId id;
    WallTime issued{}, expires{};
    std::string payload;  // of the topic …/down/command
  };
  virtual Result<Order> order_reset(Database& database, const AlertId& id, const Actor& actor,
                                    const std::string& reason, std::int64_t expected_revision, WallTime now) = 0;

  /// On the loop. Whether an order could go out now.
  virtual bool has_line() const = 0;

  /// On the loop, after the commit. False where there is no line to the broker now: the order is lost.
  virtual bool send(const Order& order) = 0;

  /// On the loop, after the commit: whoever sends notifications or follows changes can go and look.
  virtual void committed() = 0;
};

}  // namespace anlan::collector
