#include "collector/app/pipeline.hpp"

#include <algorithm>

#include "collector/alert/maintenance_log.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/ingest/ledger_table.hpp"
#include "common/base/log.hpp"
#include "common/io/random.hpp"
#include "common/io/sha256.hpp"
#include "common/model/certificate_event.hpp"
#include "common/model/command.hpp"
#include "common/model/disk_event.hpp"
#include "common/wire/command.hpp"

namespace anlan::collector {

namespace {

/// Whom alerts of the centre about itself name: source and asset centre/collector.
const EdgeRef kCentre{"collector", "centre"};
constexpr Millis kOrderLife{2 * 60'000};
constexpr int kDeadlinesAtOnce = 200;  // each second: after a night that is 12,000 a minute

/// What a person did on a site.
void enter(Database& database, const EdgeRef& edge, const Record& record, const EdgeEvent& event, WallTime now) {
  Deed deed{now, {event.actor, Role::EP}, "edge." + event.what, "edge/" + edge.edge, event.detail, {}};
  deed.data = {{"subject", event.subject}, {"edge_time", to_rfc3339(record.wall)}};
  if (event.alert) deed.data["alert"] = event.alert->hex();
  audit::append(database, deed);
}

}  // namespace

Pipeline::Pipeline(Database& database, HazardPolicy policy, std::vector<ChannelRule> channels,
                   std::function<void()> after_commit, MonoTime started)
    : alerts_(database, random_id<AlertId>, started),
      hazards_(database, std::move(policy), random_id<HazardId>),
      channels_(std::move(channels)),
      after_commit_(std::move(after_commit)) {}

void Pipeline::join(Database& database, const AlertOutcome& alerts, WallTime now) {
  const HazardOutcome hazards = hazards_.on_alerts(alerts, now);
  enqueue(database, channels_, hazards.calls, now);
}

void Pipeline::on_event(Database& database, const Origin& origin, const Record& record, const EventBody& body,
                        WallTime now) {
  const EdgeRef edge{origin.edge, origin.site};
  if (const auto* transition = std::get_if<AlertTransition>(&body))
    join(database, alerts_.on_transition(edge, record.id, *transition, now), now);
  else if (const auto* start = std::get_if<Start>(&body))
    join(database, alerts_.on_start(edge, record.id, *start, now), now);
  else if (const auto* gap = std::get_if<Gap>(&body))
    join(database, alerts_.on_gap(edge, record.id, *gap, now), now);
  else if (const auto* event = std::get_if<EdgeEvent>(&body)) {
    note_maintenance(database, edge, *event, now);
    if (!event->actor.empty() && !event->maintenance) enter(database, edge, record, *event, now);
    if (event->what == kCommandRefused && event->alert)
      join(database, alerts_.on_reset_refused(edge, *event->alert, event->actor, event->detail, record.wall, now), now);
    if (event->what == kCertificateExpiring || event->what == kCertificatesGood)
      on_certificates(database, edge, event->what == kCertificatesGood ? "" : event->detail, now);
    if (event->what == kDiskTakesNothing || event->what == kDiskGood)
      stands(database, edge, kRuleEdgeDisk, Level::orange,
             event->what == kDiskGood ? "" : "边缘端磁盘无法写入，数据暂存于内存，断电即失: " + event->detail, now);
    log::info("edge", event->what,
              {{"edge", origin.edge},
               {"subject", event->subject},
               {"detail", event->detail},
               {"actor", event->actor},
               {"at", to_rfc3339(record.wall)}});
  }
}

void Pipeline::on_hello(Database& database, const Hello& hello, WallTime now) {
  join(database, alerts_.on_hello(hello, now), now);
}

void Pipeline::on_unclear(Database& database, const Origin& origin, bool unclear, WallTime now) {
  join(database, alerts_.set_unclear({origin.edge, origin.site}, unclear, now), now);
}

void Pipeline::on_two_boxes(Database& database, const Origin& origin, WallTime now) {
  join(database,
       alerts_.raise_technical({origin.edge, origin.site}, kRuleTwoBoxes, Level::yellow,
                               "两台设备使用同一身份 " + origin.edge, now, now),
       now);
}

/// A technical alert that stands as long as there is `trouble`, which is its name.
void Pipeline::stands(Database& database, const EdgeRef& whose, std::string_view rule, Level level,
                      const std::string& trouble, WallTime now) {
  join(database,
       trouble.empty() ? alerts_.clear_technical(whose, rule, now)
                       : alerts_.raise_technical(whose, rule, level, trouble, now, now),
       now);
}

void Pipeline::on_certificates(Database& database, const EdgeRef& whose, const std::string& trouble, WallTime now) {
  stands(database, whose, kRuleCertificate, Level::yellow, trouble.empty() ? "" : "证书即将到期: " + trouble, now);
}

void Pipeline::on_certificates(Database& database, const std::string& trouble, WallTime now) {
  on_certificates(database, kCentre, trouble, now);
}

void Pipeline::on_disk(Database& database, DiskState state, const std::string& room, WallTime now) {
  const std::string low = state == DiskState::enough ? "" : "中心磁盘空间不足，遥测暂存于边缘端: " + room;
  const std::string full = state == DiskState::full ? "中心磁盘已满: " + room : "";
  stands(database, kCentre, kRuleDisk, Level::orange, low, now);
  stands(database, kCentre, kRuleDiskFull, Level::red, full, now);
}

void Pipeline::on_watch(Database& database, const std::set<Origin>& heard, Millis silent_after, WallTime now,
                        MonoTime mono) {
  for (const Origin& origin : heard) join(database, alerts_.on_heard({origin.edge, origin.site}, now, mono), now);
  join(database, alerts_.check_silence(now, mono, silent_after), now);
  hazards_.on_time(now, kDeadlinesAtOnce);
}

Result<void> Pipeline::acknowledge(Database& database, const AlertId& id, const Actor& actor, const std::string& note,
                                   std::int64_t expected_revision, WallTime now) {
  const auto outcome = alerts_.acknowledge(id, actor, note, expected_revision, now);
  if (!outcome) return fail(outcome.error());
  join(database, *outcome, now);
  return {};
}

Result<Commands::Order> Pipeline::order_reset(Database& database, const AlertId& id, const Actor& actor,
                                              const std::string& reason, std::int64_t expected_revision, WallTime now) {
  if (!sign_)
    return fail(Errc::refused, "this centre has no [command] key_file: reset it on the site (anlan-edge alarm reset)");
  const auto outcome = alerts_.ask_reset(id, actor, reason, expected_revision, now);
  if (!outcome) return fail(outcome.error());
  const EdgeRef& origin = outcome->changes.at(0).alert.origin;
  const auto greeted = load_ledger(database, origin.edge).greeted;
  const auto newest = std::ranges::max_element(greeted, {}, [](const auto& entry) { return entry.second.order; });
  if (newest == greeted.end()) return fail(Errc::refused, "edge " + origin.edge + " has never greeted this centre");
  const Command command{random_id<CommandId>(),
                        origin.edge,
                        std::string(kCommandReset),
                        id,
                        actor.name,
                        reason,
                        newest->first,
                        newest->second.counter,
                        now,
                        now + kOrderLife};
  const std::string bytes = encode_command(command);
  join(database, *outcome, now);
  audit::append(database, {now,
                           actor,
                           "command.ordered",
                           "edge/" + origin.edge,
                           reason,
                           {{"command", command.id.hex()},
                            {"what", command.what},
                            {"alert", id.hex()},
                            {"expires", to_rfc3339(command.expires)},
                            {"sha256", to_hex(sha256(bytes))}}});
  return Order{origin.site,    origin.edge,     command.id,
               command.issued, command.expires, pack_command({bytes, sign_(std::string(kCommandDomain) + bytes)})};
}

Result<HazardId> Pipeline::report(Database&, const HazardReport& report, const Actor& actor, WallTime now) {
  const auto change = hazards_.report(report, actor, now);
  if (!change) return fail(change.error());
  return change->hazard.id;
}

Result<void> Pipeline::act(Database&, const HazardId& id, std::string_view action, const Actor& actor,
                           const std::string& reason, std::string_view fields, std::int64_t expected_version,
                           WallTime now) {
  const auto change = hazards_.act(id, action, actor, reason, fields, expected_version, now);
  if (!change) return fail(change.error());
  return {};
}

}  // namespace anlan::collector
