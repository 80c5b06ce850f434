// Payloads of records, by kind.
#include <vector>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/columns.hpp"
#include "common/wire/convert.hpp"

namespace anlan {
namespace {

using namespace wire;

/// Steps wrap around, so that any two times have one, those of a broken clock too.
std::int64_t after_step(std::int64_t from, std::int64_t step) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(step));
}

// ---- samples as version 0.1.0 wrote them --------------------------------------------------------------------

std::vector<Quality> qualities(const v1::Column& column, std::size_t count) {
  std::vector<Quality> out;
  if (column.quality_runs_size() == 0) return std::vector<Quality>(count, Quality::good);
  if (column.quality_runs_size() % 2 != 0) throw Bad{Errc::malformed, "quality runs do not come in pairs"};
  for (int i = 0; i < column.quality_runs_size(); i += 2) {
    const auto quality = enum_from(column.quality_runs(i), Quality::good, Quality::minute_max, "quality");
    if (column.quality_runs(i + 1) > count - out.size())
      throw Bad{Errc::malformed, "quality runs are longer than the column"};
    out.insert(out.end(), column.quality_runs(i + 1), quality);
  }
  if (out.size() != count) throw Bad{Errc::malformed, "quality runs are shorter than the column"};
  return out;
}

void get_column(const v1::Column& column, std::int64_t base, std::size_t most, std::vector<Sample>& out) {
  const auto count = static_cast<std::size_t>(column.values_size());
  if (column.time_steps_size() != column.values_size())
    throw Bad{Errc::malformed, "column with unequal times and values"};
  if (count > most - out.size()) throw Bad{Errc::too_large, "more samples than expected"};
  const auto quality = qualities(column, count);
  std::int64_t at = base;
  for (std::size_t i = 0; i < count; ++i) {
    at = after_step(at, column.time_steps(static_cast<int>(i)));
    out.push_back({column.point(), column.values(static_cast<int>(i)), quality[i], wall_from_ms(at), {}});
  }
}

void put(v1::LevelLimits& out, const LevelLimits& limits) {
  if (limits.at[0]) out.set_blue(*limits.at[0]);
  if (limits.at[1]) out.set_yellow(*limits.at[1]);
  if (limits.at[2]) out.set_orange(*limits.at[2]);
  if (limits.at[3]) out.set_red(*limits.at[3]);
}

LevelLimits get(const v1::LevelLimits& in) {
  LevelLimits limits;
  if (in.has_blue()) limits.at[0] = in.blue();
  if (in.has_yellow()) limits.at[1] = in.yellow();
  if (in.has_orange()) limits.at[2] = in.orange();
  if (in.has_red()) limits.at[3] = in.red();
  return limits;
}

}  // namespace

std::string encode_payload(const Samples& samples) { return encode_columns({&samples, 1}); }

Result<Samples> decode_samples(std::string_view payload, std::size_t most) {
  if (!payload.empty() && payload.front() == kColumns) {
    auto records = decode_columns(payload, 1, most);
    if (!records) return fail(records.error());
    return std::move(records->front());
  }
  return guarded([&] {
    v1::Samples m;
    parse(m, payload, "samples");
    Samples samples{id_from<DefinitionHash>(m.definition(), "definition hash"), {}};
    for (const auto& column : m.columns()) get_column(column, m.base_time(), most, samples.samples);
    return samples;
  });
}

std::string encode_payload(const AlertTransition& transition) {
  v1::AlertTransition m;
  wire::put(m, transition);
  return serialize(m);
}

Result<AlertTransition> decode_alert(std::string_view payload) {
  return guarded([&] {
    v1::AlertTransition m;
    parse(m, payload, "alert transition");
    return wire::get(m);
  });
}

std::string encode_payload(const Gap& gap) {
  v1::Gap m;
  for (const Void& v : gap.voids) wire::put(*m.add_voids(), v);
  for (const auto& t : gap.ended) wire::put(*m.add_ended(), t);
  for (const Loss& loss : gap.losses) {
    auto& l = *m.add_losses();
    l.set_point(loss.point);
    l.set_from(to_ms(loss.from));
    l.set_to(to_ms(loss.to));
    if (loss.count) l.set_count(*loss.count);
    l.set_reason(static_cast<std::uint32_t>(loss.reason));
  }
  return serialize(m);
}

Result<Gap> decode_gap(std::string_view payload) {
  return guarded([&] {
    v1::Gap m;
    parse(m, payload, "gap");
    Gap gap;
    for (const auto& v : m.voids()) gap.voids.push_back(wire::get(v));
    for (const auto& t : m.ended()) gap.ended.push_back(wire::get(t));
    for (const auto& l : m.losses())
      gap.losses.push_back({l.point(), wall_from_ms(l.from()), wall_from_ms(l.to()),
                            l.has_count() ? std::optional(l.count()) : std::nullopt,
                            enum_from(l.reason(), LossReason::lost, LossReason::refused, "loss reason")});
    return gap;
  });
}

std::string encode_payload(const Start& start) {
  v1::Start m;
  m.set_ordinal(start.ordinal);
  for (const Epoch& epoch : start.before) m.add_before(bytes(epoch));
  for (const auto& t : start.active) wire::put(*m.add_active(), t);
  for (const Void& v : start.losses) wire::put(*m.add_losses(), v);
  m.set_boot(bytes(start.boot));
  m.set_version(start.version);
  return serialize(m);
}

Result<Start> decode_start(std::string_view payload) {
  return guarded([&] {
    v1::Start m;
    parse(m, payload, "start");
    Start start;
    start.ordinal = counted(m.ordinal(), "ordinal");
    for (const auto& epoch : m.before()) start.before.push_back(id_from<Epoch>(epoch, "epoch"));
    for (const auto& t : m.active()) start.active.push_back(wire::get(t));
    for (const auto& v : m.losses()) start.losses.push_back(wire::get(v));
    start.boot = id_from<BootId>(m.boot(), "boot id");
    start.version = m.version();
    return start;
  });
}

std::string encode_payload(const EdgeEvent& event) {
  v1::EdgeEvent m;
  m.set_subject(event.subject);
  m.set_what(event.what);
  m.set_detail(event.detail);
  m.set_actor(event.actor);
  if (const auto& window = event.maintenance) {
    auto& w = *m.mutable_maintenance();
    w.set_id(bytes(window->id));
    w.set_by(window->by);
    w.set_reason(window->reason);
    w.set_since(to_ms(window->since));
    w.set_until(to_ms(window->until));
    if (window->ended) w.set_ended(to_ms(*window->ended));
  }
  if (event.alert) m.set_alert(bytes(*event.alert));
  return serialize(m);
}

Result<EdgeEvent> decode_edge_event(std::string_view payload) {
  return guarded([&] {
    v1::EdgeEvent m;
    parse(m, payload, "edge event");
    EdgeEvent event{m.subject(), m.what(), m.detail(), m.actor()};
    if (!m.alert().empty()) event.alert = id_from<AlertId>(m.alert(), "alert id");
    if (!m.has_maintenance()) return event;
    const auto& w = m.maintenance();
    event.maintenance = {id_from<MaintenanceId>(w.id(), "maintenance id"),
                         w.by(),
                         w.reason(),
                         wall_from_ms(w.since()),
                         wall_from_ms(w.until()),
                         std::nullopt};
    if (w.ended() != 0) event.maintenance->ended = wall_from_ms(w.ended());
    return event;
  });
}

std::string encode_payload(const Definition& definition) {
  v1::Definition m;
  for (const PointDefinition& point : definition.points) {
    auto& p = *m.add_points();
    p.set_path(point.path.str());
    p.set_name(point.name);
    p.set_unit(point.unit);
    p.set_asset(point.asset);
    put(*p.mutable_high(), point.limits.high);
    put(*p.mutable_low(), point.limits.low);
    p.set_deadband(point.limits.deadband);
    p.set_on_delay(point.limits.on_delay.count());
    p.set_off_delay(point.limits.off_delay.count());
    p.set_period(point.period.count());
  }
  return serialize(m);
}

Result<Definition> decode_definition(std::string_view payload) {
  return guarded([&] {
    v1::Definition m;
    parse(m, payload, "definition");
    Definition definition;
    for (const auto& p : m.points()) {
      const auto path = PointPath::parse(p.path());
      if (!path) throw Bad{Errc::malformed, path.error().message};
      definition.points.push_back(
          {*path,
           p.name(),
           p.unit(),
           p.asset(),
           {get(p.high()), get(p.low()), p.deadband(), Millis{p.on_delay()}, Millis{p.off_delay()}},
           Millis{p.period()}});
    }
    return definition;
  });
}

DefinitionHash hash_of(const Definition& definition) { return hash128(encode_payload(definition)); }

}  // namespace anlan
