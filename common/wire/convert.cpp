#include "common/wire/convert.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

namespace anlan::wire {

void put(v1::Ranges& out, const RangeSet& ranges) {
  std::uint64_t at = 0;
  for (const auto& r : ranges.ranges()) {
    out.add_steps(r.first - at);
    out.add_steps(r.last == RangeSet::kEnd ? 0 : r.last - r.first);
    at = r.last;
  }
}

RangeSet get(const v1::Ranges& in) {
  RangeSet set;
  std::uint64_t at = 0;
  if (in.steps_size() % 2 != 0) throw Bad{Errc::malformed, "ranges do not come in pairs"};
  for (int i = 0; i < in.steps_size(); i += 2) {
    const std::uint64_t gap = in.steps(i), length = in.steps(i + 1);
    const bool open = length == 0 && i + 2 == in.steps_size();
    if (gap >= RangeSet::kEnd - at || (!open && (length == 0 || length >= RangeSet::kEnd - at - gap)) ||
        (i > 0 && gap == 0))
      throw Bad{Errc::malformed, "ranges overlap or overflow"};
    const std::uint64_t first = at + gap;
    at = open ? RangeSet::kEnd : first + length;
    set.add(first, at);
  }
  return set;
}

void put(v1::Place& out, const Place& place) {
  out.set_epoch(bytes(place.epoch));
  out.set_stream(static_cast<std::uint32_t>(place.stream));
}

Place get(const v1::Place& in) {
  return {id_from<Epoch>(in.epoch(), "epoch"), enum_from(in.stream(), Stream::event, Stream::telemetry, "stream")};
}

void put(v1::AlertTransition& out, const AlertTransition& t) {
  out.set_alert(bytes(t.alert));
  out.set_version(t.version);
  out.set_step(static_cast<std::uint32_t>(t.step));
  out.set_level(static_cast<std::uint32_t>(t.level));
  out.set_source(t.source);
  out.set_asset(t.asset);
  out.set_rule(t.rule);
  out.set_name(t.name);
  auto& e = *out.mutable_evidence();
  e.set_value(t.evidence.value);
  e.set_limit(t.evidence.limit);
  e.set_unit(t.evidence.unit);
  e.set_since(to_ms(t.evidence.since));
  e.set_quality(static_cast<std::uint32_t>(t.evidence.quality));
  out.set_score(t.score);
  out.set_at(to_ms(t.at));
  out.set_actor(t.actor);
  if (t.maintenance) out.set_maintenance(static_cast<std::uint32_t>(*t.maintenance));
}

AlertTransition get(const v1::AlertTransition& in) {
  AlertTransition t;
  t.alert = id_from<AlertId>(in.alert(), "alert id");
  t.version = in.version();
  t.step = enum_from(in.step(), AlertStep::raised, AlertStep::cleared, "alert step");
  t.level = enum_from(in.level(), Level::none, Level::red, "level");
  t.source = in.source();
  t.asset = in.asset();
  t.rule = in.rule();
  t.name = in.name();
  const auto& e = in.evidence();
  t.evidence = {e.value(), e.limit(), e.unit(), wall_from_ms(e.since()),
                enum_from(e.quality(), Quality::good, Quality::device_fault, "quality")};
  t.score = in.score();
  t.at = wall_from_ms(in.at());
  t.actor = in.actor();
  if (in.has_maintenance())
    t.maintenance = enum_from(in.maintenance(), Level::none, t.level, "level under maintenance");
  return t;
}

void put(v1::Void& out, const Void& v) {
  put(*out.mutable_place(), v.place);
  out.set_reason(static_cast<std::uint32_t>(v.reason));
  put(*out.mutable_ranges(), v.ranges);
}

Void get(const v1::Void& in) {
  return {get(in.place()), enum_from(in.reason(), LossReason::lost, LossReason::refused, "loss reason"),
          get(in.ranges())};
}

std::string serialize(const google::protobuf::MessageLite& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return out;
}

void parse(google::protobuf::MessageLite& message, std::string_view data, const char* what) {
  const google::protobuf::LogSilencer quiet;  // it would write a line of its own for each text that is not UTF-8
  if (!message.ParseFromArray(data.data(), static_cast<int>(data.size())))
    throw Bad{Errc::malformed, std::string(what) + " does not parse"};
}

}  // namespace anlan::wire
