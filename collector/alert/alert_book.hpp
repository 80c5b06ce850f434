// The alert book: stores what episode.hpp decides, adds acknowledgement, history and the centre's own technical alerts.
// Tables: docs/formats/records-db.md. Every method runs inside a transaction that the caller has opened on the same
// Database (one commit holds record, alert, hazard and outbox), on that Database's worker; storage failures are thrown
// as DatabaseError, which Database::transaction() turns into an error. What a rolled back call has done is undone: the
// book keeps nothing in memory but who was heard when.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/alert/alert.hpp"
#include "collector/alert/silence.hpp"
#include "common/io/database.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

/// Migration steps of the tables alert, alert_entry, alert_event, edge_alert_state, edge_contact.
const std::vector<std::string>& alert_schema();

inline constexpr std::string_view kRuleEdgeSilent = "edge-silent";
inline constexpr std::string_view kRuleCertificate = "certificate";  // ends within 30 days, has ended, is unreadable
inline constexpr std::string_view kRuleDisk = "disk";                // the centre's: too full for telemetry
inline constexpr std::string_view kRuleDiskFull = "disk-full";       // the centre's: alerts live on the reserve
inline constexpr std::string_view kRuleEdgeDisk = "edge-disk";       // an edge's disk takes nothing
inline constexpr std::string_view kRuleTwoBoxes = "two-boxes";       // "two boxes, one identity" (rules 6 and 14)

class AlertBook {
 public:
  /// `new_id` draws ids of technical alerts. `started`: when this process began; no edge counts as silent before
  /// `silent_after` has passed since. Reads which edges are known: throws DatabaseError.
  AlertBook(Database& database, std::function<AlertId()> new_id, MonoTime started);

  /// Records, once each (ingest has sorted out duplicates). `record` names epoch and sequence in the event stream.
  AlertOutcome on_transition(const EdgeRef& edge, const RecordId& record, const AlertTransition& transition,
                             WallTime now);
  AlertOutcome on_start(const EdgeRef& edge, const RecordId& record, const Start& start, WallTime now);
  AlertOutcome on_gap(const EdgeRef& edge, const RecordId& record, const Gap& gap, WallTime now);

  /// Each hello that was not ignored for its counter.
  AlertOutcome on_hello(const Hello& hello, WallTime now);

  /// Whether that edge has unknown losses of events or quarantined records (rule 11); call it whenever that may have
  /// changed, it costs one read where it has not.
  AlertOutcome set_unclear(const EdgeRef& edge, bool unclear, WallTime now);

  /// Any authenticated message of an edge: clears edge-silent. Cheap; call it for each message.
  AlertOutcome on_heard(const EdgeRef& edge, WallTime now, MonoTime mono);

  /// Call it every few seconds: raises edge-silent (yellow, source and asset site/edge) for each edge unheard for
  /// longer than `silent_after`. Delays run on `mono`.
  AlertOutcome check_silence(WallTime now, MonoTime mono, Millis silent_after);

  /// Raises the technical alert (source site/edge, `rule`), or changes nothing where it is already active. `name` is
  /// what people read; `since` when it began.
  AlertOutcome raise_technical(const EdgeRef& edge, std::string_view rule, Level level, const std::string& name,
                               WallTime since, WallTime now);
  AlertOutcome clear_technical(const EdgeRef& edge, std::string_view rule, WallTime now);

  /// A person has seen it. Counts for every episode shown under it, and ends a two-boxes alert. `expected_revision` is
  /// the one the person saw.
  /// Errors: not_found; conflict (changed since: read again); refused (nothing to acknowledge; role SYS);
  /// invalid_argument (no name).
  Result<AlertOutcome> acknowledge(const AlertId& id, const Actor& actor, const std::string& note,
                                   std::int64_t expected_revision, WallTime now);

  /// A person asks for a latched alert to be reset: written into its history ("reset-ordered"); nothing else changes.
  /// Errors: not_found; conflict (changed since); refused (not latched; an alert of the centre; roles SYS and EM);
  /// invalid_argument (no name).
  Result<AlertOutcome> ask_reset(const AlertId& id, const Actor& actor, const std::string& reason,
                                 std::int64_t expected_revision, WallTime now);

  /// The edge did not carry out the order to reset this alert, and says why: written into its history
  /// ("reset-refused"). Nothing where the centre knows no such alert of this edge.
  AlertOutcome on_reset_refused(const EdgeRef& edge, const AlertId& id, const std::string& actor,
                                const std::string& why, WallTime edge_time, WallTime now);

 private:
  AlertOutcome remark(const Alert& alert, AlertEvent event);
  AlertOutcome technical(const EdgeRef& edge, const AlertTransition& transition, WallTime now);

  Database& database_;
  std::function<AlertId()> new_id_;
  SilenceWatch silence_;
  std::map<std::string, MonoTime> contact_saved_;  // when edge_contact was last written
  std::set<std::string> alerted_;                  // edges with an active edge-silent, as of the newest check
};

}  // namespace anlan::collector
