#include "collector/alert/alert_rows.hpp"

#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace {

constexpr const char* kColumns =
    "number, id, edge, site, technical, source, asset, rule, name, state, uncertain, level, peak, step, version, "
    "value, "
    "limit_value, unit, since_ms, quality, score, raised_at, changed_at, heard_at, updated_at, reset_by, ack_name, "
    "ack_role, ack_note, ack_at, ack_level, revision, lead, maintenance";

Level read_level(SqlReader& in) {
  const auto number = in.integer();
  if (number < 0 || number > 4) throw DatabaseError(Errc::storage_corrupt, "no level: " + std::to_string(number));
  return static_cast<Level>(number);
}

/// A level or NULL.
std::optional<Level> read_maintenance(SqlReader& in) {
  const auto number = in.maybe_time();
  if (!number) return std::nullopt;
  if (to_ms(*number) < 0 || to_ms(*number) > 4)
    throw DatabaseError(Errc::storage_corrupt, "no level under maintenance");
  return static_cast<Level>(to_ms(*number));
}

Evidence read_evidence(SqlReader& in) {
  Evidence evidence;
  evidence.value = in.real();
  evidence.limit = in.real();
  evidence.unit = in.text();
  evidence.since = in.time();
  evidence.quality = quality_from(static_cast<std::uint64_t>(in.integer())).value_or(Quality::stale);
  return evidence;
}

std::optional<Acknowledgement> read_acknowledgement(SqlReader& in) {
  const auto name = in.maybe_text(), role = in.maybe_text(), note = in.maybe_text();
  const auto at = in.maybe_time();
  const auto level = in.maybe_time();  // a number or NULL
  if (!name || !role || !note || !at || !level) return std::nullopt;
  return Acknowledgement{{*name, role_from(*role).value_or(Role::EM)}, *note, *at, static_cast<Level>(to_ms(*level))};
}

AlertRows::Numbered read_alert(const SqlRow& row) {
  SqlReader in(row);
  AlertRows::Numbered out;
  auto& alert = out.alert;
  out.number = in.integer();
  alert.id = in.id<AlertId>();
  alert.origin.edge = in.text();
  alert.origin.site = in.text();
  alert.technical = in.flag();
  alert.source = in.text();
  alert.asset = in.text();
  alert.rule = in.text();
  alert.name = in.text();
  alert.state = alert_state_from(in.text()).value_or(AlertState::active_unacked);
  alert.uncertain = in.flag();
  alert.level = read_level(in);
  alert.peak = read_level(in);
  alert.step = static_cast<AlertStep>(in.integer());
  alert.version = static_cast<std::uint32_t>(in.integer());
  alert.evidence = read_evidence(in);
  alert.score = in.real();
  alert.raised_at = in.time();
  alert.changed_at = in.time();
  alert.heard_at = in.time();
  alert.updated_at = in.time();
  alert.reset_by = in.text();
  alert.acknowledged = read_acknowledgement(in);
  alert.revision = in.integer();
  alert.lead = in.id<AlertId>();
  alert.maintenance = read_maintenance(in);
  return out;
}

SqlValue level(Level value) { return sql(static_cast<int>(value)); }
SqlValue level(const std::optional<Level>& value) { return value ? level(*value) : SqlValue(nullptr); }

/// What may change in a row's life.
std::vector<SqlField> changing(const Alert& a, std::uint8_t rung) {
  const auto& ack = a.acknowledged;
  return {{"source", sql(a.source)},
          {"asset", sql(a.asset)},
          {"rule", sql(a.rule)},
          {"name", sql(a.name)},
          {"state", sql(to_string(a.state))},
          {"is_open", sql(a.state != AlertState::over)},
          {"uncertain", sql(a.uncertain)},
          {"level", level(a.level)},
          {"peak", level(a.peak)},
          {"rung", sql(rung)},
          {"step", sql(static_cast<int>(a.step))},
          {"version", sql(a.version)},
          {"value", sql(a.evidence.value)},
          {"limit_value", sql(a.evidence.limit)},
          {"unit", sql(a.evidence.unit)},
          {"since_ms", sql(a.evidence.since)},
          {"quality", sql(static_cast<int>(a.evidence.quality))},
          {"score", sql(a.score)},
          {"raised_at", sql(a.raised_at)},
          {"changed_at", sql(a.changed_at)},
          {"updated_at", sql(a.updated_at)},
          {"reset_by", sql(a.reset_by)},
          {"ack_name", ack ? sql(ack->actor.name) : SqlValue(nullptr)},
          {"ack_role", ack ? sql(to_string(ack->actor.role)) : SqlValue(nullptr)},
          {"ack_note", ack ? sql(ack->note) : SqlValue(nullptr)},
          {"ack_at", ack ? sql(ack->at) : SqlValue(nullptr)},
          {"ack_level", ack ? level(ack->level) : SqlValue(nullptr)},
          {"revision", sql(a.revision)},
          {"lead", sql(a.lead.hex())},
          {"maintenance", level(a.maintenance)}};
}

}  // namespace

std::vector<AlertRows::Numbered> AlertRows::select(const std::string& rest, std::vector<SqlValue> parameters) const {
  std::vector<Numbered> out;
  for (const auto& row :
       database_.query("SELECT " + std::string(kColumns) + " FROM alert " + rest, std::move(parameters)))
    out.push_back(read_alert(row));
  return out;
}

std::optional<Alert> AlertRows::find(const AlertId& id) const {
  auto rows = select("WHERE id = :p1", {sql(id.hex())});
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front().alert);
}

void AlertRows::insert(const Alert& alert, std::uint8_t rung) {
  auto fields = changing(alert, rung);
  fields.push_back({"number", next_number(database_, "alert")});
  fields.push_back({"id", sql(alert.id.hex())});
  fields.push_back({"edge", sql(alert.origin.edge)});
  fields.push_back({"site", sql(alert.origin.site)});
  fields.push_back({"technical", sql(alert.technical)});
  fields.push_back({"heard_at", sql(alert.heard_at)});
  insert_row(database_, "alert", std::move(fields));
}

void AlertRows::update(const Alert& alert, std::uint8_t rung) {
  update_row(database_, "alert", {"id", sql(alert.id.hex())}, changing(alert, rung));
}

void AlertRows::set_lead(const AlertId& id, const AlertId& lead, std::int64_t revision, WallTime now) {
  update_row(database_, "alert", {"id", sql(id.hex())},
             {{"lead", sql(lead.hex())}, {"revision", sql(revision)}, {"updated_at", sql(now)}});
}

std::vector<Alert> AlertRows::group(const std::string& source, const std::string& rule) const {
  const auto rows = select(
      "WHERE source = :p1 AND rule = :p2 AND is_open = 1 "
      "ORDER BY CASE state WHEN 'cleared-unacked' THEN 2 WHEN 'out-of-service' THEN 1 ELSE 0 END, level DESC, number",
      {sql(source), sql(rule)});
  std::vector<Alert> out;
  for (auto& row : rows) out.push_back(row.alert);
  return out;
}

std::vector<AlertId> AlertRows::shown_under(const AlertId& lead) const {
  std::vector<AlertId> out;
  for (const auto& row : database_.query(
           "SELECT id FROM alert WHERE lead = :p1 AND id <> :p1 ORDER BY number LIMIT 1000", {sql(lead.hex())}))
    out.push_back(SqlReader(row).id<AlertId>());
  return out;
}

std::optional<AlertId> AlertRows::active_technical(const std::string& source, std::string_view rule) const {
  const auto rows = database_.query(
      "SELECT id FROM alert WHERE source = :p1 AND rule = :p2 AND is_open = 1 AND technical = 1 "
      "AND state <> 'cleared-unacked' LIMIT 1",
      {sql(source), sql(rule)});
  if (rows.empty()) return std::nullopt;
  return SqlReader(rows.front()).id<AlertId>();
}

void AlertRows::add_event(const AlertId& alert, const AlertEvent& e) {
  insert_row(database_, "alert_event",
             {{"number", next_number(database_, "alert_event")},
              {"alert", sql(alert.hex())},
              {"what", sql(e.what)},
              {"via", sql(e.via)},
              {"level", level(e.level)},
              {"version", sql(e.version)},
              {"epoch", sql(e.epoch)},
              {"actor", sql(e.actor.name)},
              {"role", sql(to_string(e.actor.role))},
              {"reason", sql(e.reason)},
              {"value", sql(e.evidence.value)},
              {"limit_value", sql(e.evidence.limit)},
              {"unit", sql(e.evidence.unit)},
              {"since_ms", sql(e.evidence.since)},
              {"quality", sql(static_cast<int>(e.evidence.quality))},
              {"edge_time", sql(e.edge_time)},
              {"at", sql(e.at)},
              {"late", sql(e.late)},
              {"maintenance", level(e.maintenance)}});
}

std::vector<AlertEvent> AlertRows::events(const AlertId& alert) const {
  std::vector<AlertEvent> out;
  for (const auto& row : database_.query("SELECT number, what, via, level, version, epoch, actor, role, reason, value, "
                                         "limit_value, unit, since_ms, quality, edge_time, at, late, maintenance FROM "
                                         "alert_event "
                                         "WHERE alert = :p1 ORDER BY number LIMIT 10000",
                                         {sql(alert.hex())})) {
    SqlReader in(row);
    AlertEvent e;
    e.number = in.integer();
    e.what = in.text();
    e.via = in.text();
    e.level = read_level(in);
    e.version = static_cast<std::uint32_t>(in.integer());
    e.epoch = in.text();
    e.actor.name = in.text();
    e.actor.role = role_from(in.text()).value_or(Role::SYS);
    e.reason = in.text();
    e.evidence = read_evidence(in);
    e.edge_time = in.time();
    e.at = in.time();
    e.late = in.flag();
    e.maintenance = read_maintenance(in);
    out.push_back(std::move(e));
  }
  return out;
}

}  // namespace anlan::collector
