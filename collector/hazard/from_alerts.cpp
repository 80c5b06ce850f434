// HazardDesk::on_alerts: which hazard an alert belongs to, and whether one has to be opened or reopened.
#include <algorithm>
#include <array>
#include <cstdio>

#include "collector/hazard/desk_writer.hpp"
#include "collector/hazard/hazard_desk.hpp"

namespace anlan::collector {

namespace {

const std::string& asset_of(const Alert& alert) { return alert.asset.empty() ? alert.source : alert.asset; }

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// "3号罐温度 (high at tj-bh-017/tank-3/temperature): 82.4 Cel against 80"
std::string told(const Alert& alert) {
  std::string text = alert.name.empty() ? alert.source : alert.name;
  text += " (" + alert.rule + " at " + alert.source + ")";
  if (alert.evidence.value == alert.evidence.value)
    text += ": " + number(alert.evidence.value) + " " + alert.evidence.unit;
  if (alert.evidence.limit == alert.evidence.limit) text += " against " + number(alert.evidence.limit);
  if (alert.maintenance) text += " (under maintenance)";
  return text;
}

HazardEvidence evidence_of(const AlertChange& change, WallTime now) {
  HazardEvidence evidence;
  evidence.kind = "alert";
  evidence.alert = change.alert.id;
  evidence.what = change.what;
  evidence.level = change.alert.level;
  evidence.evidence = change.alert.evidence;
  evidence.text = told(change.alert);
  evidence.edge_time = change.alert.changed_at;
  evidence.at = now;
  return evidence;
}

Hazard hazard_of(const Alert& alert, HazardId id, WallTime now) {
  Hazard hazard;
  hazard.id = id;
  hazard.site = alert.origin.site;
  hazard.asset = asset_of(alert);
  hazard.rule = alert.rule;
  hazard.title =
      (alert.name.empty() ? alert.source : alert.name) + ": " + alert.rule + " " + std::string(to_string(alert.peak));
  hazard.description = told(alert);
  hazard.location = alert.source;
  hazard.from_alert = true;
  hazard.level = alert.peak;
  hazard.reported_at = now;
  return hazard;
}

/// What people do to an alert says nothing new about the danger.
bool speaks(const AlertChange& change) {
  constexpr std::array<std::string_view, 4> kSilent{"acknowledged", "updated", "reset-ordered", "reset-refused"};
  return std::ranges::find(kSilent, change.what) == kSilent.end();
}

class Intake {
 public:
  Intake(Database& database, const HazardPolicy& policy, const std::function<HazardId()>& new_id, WallTime now,
         HazardOutcome& outcome)
      : rows_(database),
        writer_(database, policy, now),
        policy_(policy),
        new_id_(new_id),
        now_(now),
        outcome_(outcome) {}

  /// What has only ever stood under maintenance speaks for no hazard.
  void take(const AlertChange& change) {
    const auto& alert = change.alert;
    if (alert.peak == Level::none) return;
    rows_.set_active(alert.id, is_active(alert.state));
    if (auto hazard = holder(alert)) add(std::move(*hazard), change);
  }

 private:
  /// The hazard that this alert speaks for, opened or reopened where it must be; nullopt: none.
  std::optional<Hazard> holder(const Alert& alert) {
    if (auto open = rows_.open_for(asset_of(alert), alert.rule)) return open;
    const auto linked = rows_.linked_to(alert.id);
    if (alert.technical || alert.peak < policy_.opens_from) return linked;  // a fault of the system is no hazard
    const auto closed = linked ? linked : rows_.last_closed(asset_of(alert), alert.rule);
    if (!closed || closed->state != HazardState::closed || now_ - *closed->closed_at > policy_.recurrence)
      return linked && !is_active(alert.state) ? linked : open(alert);
    // A late alert that was over before the hazard was closed belongs to what has been put right.
    if (!is_active(alert.state) && alert.raised_at <= *closed->closed_at) return closed;
    if (linked && !is_active(alert.state)) return linked;
    return reopen(*closed, alert);
  }

  Hazard open(const Alert& alert) {
    const std::string why = "alert " + alert.id.hex() + ": " + told(alert);
    auto hazard = writer_.open(hazard_of(alert, new_id_(), now_), {system_actor(), why, {}}).hazard;
    auto changed =
        writer_.act_as_system(hazard, "grade", "graded by default; a person decides on major by the sector's criteria",
                              {{"grade", "general"}});
    outcome_.changes.push_back({changed.hazard, "reported", std::nullopt});
    return changed.hazard;
  }

  Hazard reopen(const Hazard& closed, const Alert& alert) {
    auto changed =
        writer_.act_as_system(closed, "reopen", "it came back: alert " + alert.id.hex() + ": " + told(alert));
    outcome_.changes.push_back(changed);
    return changed.hazard;
  }

  void add(Hazard hazard, const AlertChange& change) {
    rows_.link(hazard.id, change.alert.id, is_active(change.alert.state));
    if (!speaks(change)) return;
    rows_.add_evidence(hazard.id, evidence_of(change, now_));
    hazard.level = std::max(hazard.level, change.alert.peak);
    hazard.updated_at = now_;
    rows_.update(hazard);
    writer_.note(hazard.id, "evidence", told(change.alert),
                 {{"alert", change.alert.id.hex()},
                  {"what", change.what},
                  {"level", std::string(to_string(change.alert.level))}});
    if (auto stored = rows_.find(hazard.id)) writer_.feed(*stored, "evidence");
  }

  HazardRows rows_;
  DeskWriter writer_;
  const HazardPolicy& policy_;
  const std::function<HazardId()>& new_id_;
  WallTime now_;
  HazardOutcome& outcome_;
};

}  // namespace

HazardOutcome HazardDesk::on_alerts(const AlertOutcome& alerts, WallTime now) {
  HazardOutcome outcome;
  Intake intake(database_, policy_, new_id_, now, outcome);
  for (const auto& change : alerts.changes) intake.take(change);
  const HazardRows rows(database_);
  for (const auto& ring : alerts.rings) {
    const auto hazard = rows.open_for(asset_of(ring.alert), ring.alert.rule);
    outcome.calls.push_back({ring, hazard ? std::optional(hazard->id) : std::nullopt});
  }
  return outcome;
}

}  // namespace anlan::collector
