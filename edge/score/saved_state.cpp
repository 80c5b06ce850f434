#include "edge/score/saved_state.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <boost/json.hpp>

namespace anlan::edge {
namespace {

namespace json = boost::json;

constexpr int kFormat = 1;
constexpr std::size_t kMostText = 16u << 20;
constexpr std::int64_t kMostMs = std::int64_t{1} << 53;  // some 285,000 years either way: sums cannot overflow

json::value real(double value) {
  if (!std::isfinite(value)) return "";
  char text[32];
  return json::string(json::string_view(text, std::to_chars(text, text + sizeof text, value).ptr - text));
}

json::value moment(const std::optional<Moment>& m) {
  if (!m) return nullptr;
  return json::array{to_ms(m->mono), to_ms(m->wall)};
}

json::value alert_value(const std::optional<AlertTransition>& a) {
  if (!a) return nullptr;
  const Evidence& e = a->evidence;
  json::object object{{"id", a->alert.hex()},
                      {"version", a->version},
                      {"step", to_string(a->step)},
                      {"level", to_string(a->level)},
                      {"source", a->source},
                      {"asset", a->asset},
                      {"rule", a->rule},
                      {"name", a->name},
                      {"value", real(e.value)},
                      {"limit", real(e.limit)},
                      {"unit", e.unit},
                      {"since", to_ms(e.since)},
                      {"quality", int(e.quality)},
                      {"score", real(a->score)},
                      {"at", to_ms(a->at)},
                      {"actor", a->actor}};
  if (a->maintenance) object["maintenance"] = to_string(*a->maintenance);
  return object;
}

json::value window_value(const OpenWindow& open) {
  const MaintenanceWindow& w = open.window;
  json::object object{{"device", open.device},   {"id", w.id.hex()},        {"by", w.by},
                      {"reason", w.reason},      {"since", to_ms(w.since)}, {"until", to_ms(w.until)},
                      {"ends", to_ms(open.ends)}};
  if (open.other_boot) object["other_boot"] = true;
  return object;
}

json::value track_value(const SavedTrack& track) {
  json::array above;
  for (const auto& since : track.timers.above) above.push_back(moment(since));
  json::object object{
      {"source", track.source}, {"rule", track.rule}, {"above", above}, {"back", moment(track.timers.back)}};
  object["doubt"] = track.timers.doubt ? json::value(to_ms(*track.timers.doubt)) : json::value(nullptr);
  if (!track.bad.empty()) object["bad"] = json::value_from(track.bad);
  object["alert"] = alert_value(track.alert);
  return object;
}

/// Thrown inside decode() only, which catches it: keeps the many readers below free of error plumbing.
struct Fault {
  std::string message;
};

class Reader {
 public:
  Reader(const json::value& value, std::string where) : value_(value), where_(std::move(where)) {}

  Reader at(const char* key) const {
    const json::object* object = value_.if_object();
    const json::value* found = object ? object->if_contains(key) : nullptr;
    if (!found) wrong(std::string("has no '") + key + "'");
    return {*found, where_ + "." + key};
  }
  bool has(const char* key) const {
    const json::object* object = value_.if_object();
    return object && object->contains(key);
  }
  bool null() const { return value_.is_null(); }

  std::vector<Reader> items() const {
    const json::array* array = value_.if_array();
    if (!array) wrong("is not a list");
    std::vector<Reader> items;
    for (std::size_t i = 0; i < array->size(); ++i)
      items.push_back({(*array)[i], where_ + "[" + std::to_string(i) + "]"});
    return items;
  }

  std::int64_t integer(std::int64_t least, std::int64_t most) const {
    const std::int64_t* number = value_.if_int64();
    if (!number || *number < least || *number > most) wrong("is not a whole number in its range");
    return *number;
  }
  std::int64_t ms() const { return integer(-kMostMs, kMostMs); }

  std::string text() const {
    const json::string* string = value_.if_string();
    if (!string) wrong("is not text");
    return std::string(*string);
  }
  double real() const {
    const std::string digits = text();
    if (digits.empty()) return kNoValue;
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value))
      wrong("is not a real number");
    return value;
  }
  template <class I>
  I id() const {
    const auto id = I::from_hex(text());
    if (!id) wrong("is not 32 hex digits");
    return *id;
  }
  Moment moment() const {
    const auto parts = items();
    if (parts.size() != 2) wrong("is not [mono, wall]");
    return {mono_from_ms(parts[0].ms()), wall_from_ms(parts[1].ms())};
  }
  std::optional<Moment> moment_or_null() const { return null() ? std::nullopt : std::optional(moment()); }

  [[noreturn]] void wrong(const std::string& what) const { throw Fault{where_ + " " + what}; }

 private:
  const json::value& value_;
  std::string where_;
};

AlertStep read_step(const Reader& reader) {
  const std::string text = reader.text();
  for (const AlertStep step : {AlertStep::raised, AlertStep::upgraded, AlertStep::downgraded, AlertStep::latched})
    if (to_string(step) == text) return step;
  reader.wrong("is no step of an active alert");
}

Level read_level(const Reader& reader) {
  const auto level = level_from(reader.text());
  if (!level || *level == Level::none) reader.wrong("is no level");
  return *level;
}

AlertTransition read_alert(const Reader& reader) {
  AlertTransition a;
  a.alert = reader.at("id").id<AlertId>();
  a.version = static_cast<std::uint32_t>(reader.at("version").integer(1, INT32_MAX));
  a.step = read_step(reader.at("step"));
  a.level = read_level(reader.at("level"));
  if (a.step == AlertStep::latched && a.level != Level::red) reader.wrong("is latched but not red");
  a.source = reader.at("source").text();
  a.asset = reader.at("asset").text();
  a.rule = reader.at("rule").text();
  a.name = reader.at("name").text();
  a.evidence.value = reader.at("value").real();
  a.evidence.limit = reader.at("limit").real();
  a.evidence.unit = reader.at("unit").text();
  a.evidence.since = wall_from_ms(reader.at("since").ms());
  a.evidence.quality = static_cast<Quality>(reader.at("quality").integer(0, 4));
  a.score = reader.at("score").real();
  if (!(a.score >= 0 && a.score <= 100)) reader.wrong("has a score outside 0 to 100");
  a.at = wall_from_ms(reader.at("at").ms());
  a.actor = reader.at("actor").text();
  if (!reader.has("maintenance")) return a;
  const auto live = level_from(reader.at("maintenance").text());
  if (!live || *live > a.level) reader.at("maintenance").wrong("is no level up to the alert's own");
  a.maintenance = live;
  return a;
}

OpenWindow read_window(const Reader& reader) {
  OpenWindow open;
  open.device = reader.at("device").text();
  open.window.id = reader.at("id").id<MaintenanceId>();
  open.window.by = reader.at("by").text();
  open.window.reason = reader.at("reason").text();
  open.window.since = wall_from_ms(reader.at("since").ms());
  open.window.until = wall_from_ms(reader.at("until").ms());
  open.ends = mono_from_ms(reader.at("ends").ms());
  open.other_boot = reader.has("other_boot");
  return open;
}

SavedTrack read_track(const Reader& reader) {
  SavedTrack track;
  track.source = reader.at("source").text();
  track.rule = reader.at("rule").text();
  const auto above = reader.at("above").items();
  if (above.size() != track.timers.above.size()) reader.at("above").wrong("does not have four entries");
  for (std::size_t i = 0; i < above.size(); ++i) track.timers.above[i] = above[i].moment_or_null();
  track.timers.back = reader.at("back").moment_or_null();
  if (!reader.at("doubt").null()) track.timers.doubt = mono_from_ms(reader.at("doubt").ms());
  if (reader.has("bad"))
    for (const Reader& point : reader.at("bad").items()) track.bad.push_back(point.text());
  if (!reader.at("alert").null()) track.alert = read_alert(reader.at("alert"));
  if (track.alert && (track.alert->source != track.source || track.alert->rule != track.rule))
    reader.wrong("holds the alert of another source or rule");
  return track;
}

SavedState read_state(const Reader& reader) {
  SavedState state;
  state.at = {wall_from_ms(reader.at("wall").ms()), mono_from_ms(reader.at("mono").ms()),
              reader.at("boot").id<BootId>()};
  std::set<std::pair<std::string, std::string>> seen;
  std::set<AlertId> ids;
  for (const Reader& item : reader.at("tracks").items()) {
    state.tracks.push_back(read_track(item));
    if (!seen.emplace(state.tracks.back().source, state.tracks.back().rule).second) item.wrong("is there twice");
    const auto& alert = state.tracks.back().alert;
    if (alert && !ids.insert(alert->alert).second) item.wrong("holds an alert that another track holds");
  }
  if (reader.has("maintenance"))
    for (const Reader& item : reader.at("maintenance").items()) state.maintenance.push_back(read_window(item));
  return state;
}

}  // namespace

std::string encode(const SavedState& state) {
  json::array tracks;
  for (const SavedTrack& track : state.tracks) tracks.push_back(track_value(track));
  json::object object{{"format", kFormat},
                      {"boot", state.at.boot.hex()},
                      {"mono", to_ms(state.at.mono)},
                      {"wall", to_ms(state.at.wall)},
                      {"tracks", std::move(tracks)}};
  if (!state.maintenance.empty()) {
    json::array& windows = object["maintenance"].emplace_array();
    for (const OpenWindow& open : state.maintenance) windows.push_back(window_value(open));
  }
  return json::serialize(object);
}

Result<SavedState> decode(std::string_view text) {
  if (text.size() > kMostText) return fail(Errc::too_large, "saved state of more than 16 MiB");
  boost::system::error_code error;
  json::parse_options lenient;
  lenient.allow_invalid_utf8 = true;  // a name that slipped through must not cost the alerts
  const json::value value = json::parse({text.data(), text.size()}, error, {}, lenient);
  if (error) return fail(Errc::malformed, "saved state is not JSON: " + error.message());
  try {
    const Reader reader(value, "saved state");
    if (reader.at("format").integer(0, INT32_MAX) != kFormat)
      return fail(Errc::unsupported,
                  "saved state has a format that this program does not know: it was written by a newer one");
    return read_state(reader);
  } catch (const Fault& fault) {
    return fail(Errc::malformed, fault.message);
  }
}

void translate(SavedState& state, const Instant& now) {
  if (state.at.boot == now.boot) return;
  const Millis off = std::max(now.wall - state.at.wall, Millis{0});
  const Millis shift = (now.mono - off) - state.at.mono;
  for (SavedTrack& track : state.tracks) {
    for (auto& since : track.timers.above)
      if (since) since->mono += shift;
    if (track.timers.back) track.timers.back->mono += shift;
    if (track.timers.doubt) *track.timers.doubt += shift;
  }
  for (OpenWindow& open : state.maintenance) {
    open.ends += shift;
    open.other_boot = true;
  }
  state.at = now;
}

AlertTransition cleared_by_configuration(const AlertTransition& newest, WallTime at) {
  AlertTransition gone = newest;
  ++gone.version;
  gone.step = AlertStep::cleared;
  gone.at = at;
  gone.actor = "configuration";
  return gone;
}

}  // namespace anlan::edge
