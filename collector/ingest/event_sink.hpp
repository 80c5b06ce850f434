// What the stages after ingest do with events. ingest does not know them: app/ joins them here.
#pragma once

#include <string>
#include <variant>

#include "collector/ingest/registry.hpp"
#include "common/io/database.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

using EventBody = std::variant<AlertTransition, Gap, Start, EdgeEvent, Definition>;

/// The methods run inside the lane's transaction, on the records' worker; what they write is committed with the record,
/// or not at all. They throw DatabaseError.
class EventSink {
 public:
  virtual ~EventSink() = default;

  /// A record of the event stream that was not here before, decoded.
  virtual void on_event(Database& database, const Origin& origin, const Record& record, const EventBody& body,
                        WallTime now) = 0;

  /// Each hello that was not an old one.
  virtual void on_hello(Database& database, const Hello& hello, WallTime now) = 0;

  /// Whether events of the edge may be missing whose content nobody knows (PROTOCOL.md rule 11); called after each
  /// batch.
  virtual void on_unclear(Database& database, const Origin& origin, bool unclear, WallTime now) = 0;

  /// Two processes greet under one identity (rules 6, 14).
  virtual void on_two_boxes(Database& database, const Origin& origin, WallTime now) = 0;

  /// On the loop, after a commit.
  virtual void committed() = 0;
};

}  // namespace anlan::collector
