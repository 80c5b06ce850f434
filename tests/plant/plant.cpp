#include "tests/plant/plant.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/plant/number.hpp"

namespace anlan::plant {
namespace {

using Kind = Misbehaviour::Kind;

/// FNV-1a: gives each point noise of its own from one seed.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325u;
  for (const unsigned char c : text) h = (h ^ c) * 0x100000001B3u;
  return h;
}

/// The shape with its beginning filled in.
Shape begun(Shape shape, double from, MonoTime now) {
  if (auto* ramp = std::get_if<Ramp>(&shape)) *ramp = Ramp{from, ramp->to, now, ramp->duration};
  if (auto* sine = std::get_if<Sine>(&shape)) sine->start = now;
  if (auto* steps = std::get_if<Steps>(&shape)) steps->start = now;
  return shape;
}

/// Every value that a shape turns at: if these fit a register, all between do.
std::vector<double> extremes(const Shape& shape) {
  if (const auto* constant = std::get_if<Constant>(&shape)) return {constant->value};
  if (const auto* ramp = std::get_if<Ramp>(&shape)) return {ramp->from, ramp->to};
  if (const auto* sine = std::get_if<Sine>(&shape)) return {sine->mean - sine->amplitude, sine->mean + sine->amplitude};
  return std::get<Steps>(shape).values;
}

std::optional<Table> table_of(int function) {
  switch (function) {
    case 1:
    case 5:
    case 15:
      return Table::coils;
    case 2:
      return Table::discrete_inputs;
    case 3:
    case 6:
    case 16:
      return Table::holding_registers;
    case 4:
      return Table::input_registers;
    default:
      return std::nullopt;
  }
}

std::unexpected<Error> no_such(std::string_view kind, const std::string& name) {
  return fail(Errc::not_found, "there is no " + std::string(kind) + " '" + name + "'; 'show' lists what is");
}

}  // namespace

Plant::Plant(const Scenario& scenario, MonoTime start) {
  for (const auto& endpoint : scenario.endpoints) endpoints_.push_back({endpoint.name, {}});
  for (const auto& device : scenario.devices) {
    LiveDevice live{.is = device, .points = {}, .cells = {}, .misbehaviour = {}};
    for (std::size_t i = 0; i < device.points.size(); ++i) {
      const Point& point = device.points[i];
      const auto seed = scenario.seed ^ hash(device.name + "/" + point.name);
      live.points.push_back({point, Signal{Constant{point.value}, point.noise, seed, start}});
      if (const auto* place = std::get_if<Place>(&point.place))
        for (int word = 0; word < place->size(); ++word)
          live.cells[{place->table, place->address + word}] = {i, static_cast<std::size_t>(word)};
    }
    devices_.push_back(std::move(live));
  }
}

template <class Self>
auto* Plant::find_device(this Self& self, std::string_view name) {
  const auto found = std::ranges::find_if(self.devices_, [&](const auto& d) { return d.is.name == name; });
  return found == self.devices_.end() ? nullptr : &*found;
}

template <class Self>
auto* Plant::find_endpoint(this Self& self, std::string_view name) {
  const auto found = std::ranges::find_if(self.endpoints_, [&](const auto& e) { return e.name == name; });
  return found == self.endpoints_.end() ? nullptr : &*found;
}

Plant::LivePoint* Plant::find_point(const std::string& path) {
  const auto slash = path.find('/');
  LiveDevice* device = slash == path.npos ? nullptr : find_device(std::string_view(path).substr(0, slash));
  if (device == nullptr) return nullptr;
  for (auto& point : device->points)
    if (point.is.name == std::string_view(path).substr(slash + 1)) return &point;
  return nullptr;
}

Result<std::string> Plant::apply(const Action& action, MonoTime now) {
  const std::lock_guard lock(mutex_);
  if (const auto* a = std::get_if<Move>(&action)) return move(*a, now);
  if (const auto* a = std::get_if<MakeNoise>(&action)) return make_noise(*a);
  if (const auto* a = std::get_if<Misbehave>(&action)) return misbehave(*a);
  if (const auto* a = std::get_if<Show>(&action)) return show(a->what, now);
  return std::string();
}

Result<std::string> Plant::move(const Move& m, MonoTime now) {
  LivePoint* point = find_point(m.point);
  if (point == nullptr) return no_such("point", m.point);
  const double noise = std::exchange(point->signal.noise, 0);  // a ramp begins at the value below the noise
  Shape shape = begun(m.shape, point->signal.at(now), now);
  point->signal.noise = noise;
  if (const auto* place = std::get_if<Place>(&point->is.place))
    for (const double value : extremes(shape))
      if (auto words = encode(value, *place); !words) return fail(std::move(words.error()).within(m.point));
  point->signal.shape = std::move(shape);
  return std::string();
}

Result<std::string> Plant::make_noise(const MakeNoise& n) {
  LivePoint* point = find_point(n.point);
  if (point == nullptr) return no_such("point", n.point);
  point->signal.noise = n.half_width;
  return std::string();
}

Result<std::string> Plant::misbehave(const Misbehave& m) {
  if (LiveEndpoint* endpoint = find_endpoint(m.target)) {
    endpoint->misbehaviour = m.how;
    return std::string();
  }
  LiveDevice* device = find_device(m.target);
  if (device == nullptr) return no_such("device or endpoint", m.target);
  if (m.how.kind == Kind::gone) return fail(Errc::invalid_argument, "only an endpoint can be gone; a device can hang");
  if (!device->is.topic.empty() && m.how.kind != Kind::none && m.how.kind != Kind::hang)
    return fail(Errc::invalid_argument, "an MQTT device can only hang: it stops publishing");
  device->misbehaviour = m.how;
  return std::string();
}

Result<std::string> Plant::show(const std::string& what, MonoTime now) const {
  std::string text;
  for (const auto& endpoint : endpoints_)
    if (what.empty() || what == endpoint.name)
      text += "endpoint " + endpoint.name + " fault " + endpoint.misbehaviour.str() + "\n";
  for (const auto& device : devices_) {
    if (what.empty() || what == device.is.name)
      text += "device " + device.is.name + " fault " + device.misbehaviour.str() + " requests " +
              std::to_string(device.requests) + "\n";
    for (const auto& point : device.points)
      if (what.empty() || what == device.is.name || what == device.is.name + "/" + point.is.name)
        text += device.is.name + "/" + point.is.name + " " + number_text(point.signal.at(now)) + "\n";
  }
  if (text.empty() && !what.empty()) return no_such("point, device or endpoint", what);
  return text;
}

bool Plant::listening(const std::string& endpoint) const {
  const std::lock_guard lock(mutex_);
  const auto* e = find_endpoint(endpoint);
  return e != nullptr && e->misbehaviour.kind != Kind::gone;
}

Answer Plant::answer(const std::string& endpoint, const Request& request, MonoTime now) {
  std::vector<Written> written;
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    const auto* at = find_endpoint(endpoint);
    const auto device = std::ranges::find_if(
        devices_, [&](const LiveDevice& d) { return d.is.endpoint == endpoint && d.is.unit == request.unit; });
    if (device == devices_.end()) return Answer::refuse(no_such_unit);
    ++device->requests;
    const auto& how = at != nullptr && at->misbehaviour.kind != Kind::none ? at->misbehaviour : device->misbehaviour;
    if (how.kind == Kind::hang || how.kind == Kind::gone) return {.silent = true};
    if (how.kind == Kind::exception) return {.exception = how.exception};
    answer = request.function == 43  ? identify(device->is.identity, request)
             : request.function <= 4 ? read(*device, request, now)
                                     : write(*device, request, now, written);
    answer.wrong_unit = how.kind == Kind::wrong_unit;
    answer.late = how.kind == Kind::late ? how.late : Millis{0};
  }
  for (const auto& w : written)
    if (on_written) on_written(w.point, w.before, w.after);
  return answer;
}

Answer Plant::read(const LiveDevice& device, const Request& request, MonoTime now) {
  const auto table = table_of(request.function);
  if (!table) return Answer::refuse(illegal_function);
  if (!count_allowed(request.function, request.count)) return Answer::refuse(illegal_value);
  std::map<std::size_t, std::vector<std::uint16_t>> encoded;  // each point once, so that its words belong together
  Answer answer;
  for (int i = 0; i < request.count; ++i) {
    const auto cell = device.cells.find({*table, request.address + i});
    if (cell == device.cells.end()) return Answer::refuse(illegal_address);
    const auto [point, word] = cell->second;
    auto words = encoded.find(point);
    if (words == encoded.end()) {
      const LivePoint& live = device.points[point];
      auto fresh = encode(live.signal.at(now), std::get<Place>(live.is.place));
      if (!fresh) return Answer::refuse(device_failure);
      words = encoded.emplace(point, *std::move(fresh)).first;
    }
    answer.values.push_back(words->second[word]);
  }
  return answer;
}

Answer Plant::write(LiveDevice& device, const Request& request, MonoTime now, std::vector<Written>& written) {
  const auto table = table_of(request.function);
  if (!table) return Answer::refuse(illegal_function);
  if (!count_allowed(request.function, request.count)) return Answer::refuse(illegal_value);
  std::map<std::size_t, std::vector<std::uint16_t>> changed;
  for (int i = 0; i < request.count; ++i) {
    const auto cell = device.cells.find({*table, request.address + i});
    if (cell == device.cells.end() || !device.points[cell->second.first].is.writable)
      return Answer::refuse(illegal_address);
    const auto [point, word] = cell->second;
    if (!changed.contains(point)) {
      const LivePoint& live = device.points[point];
      auto words = encode(live.signal.at(now), std::get<Place>(live.is.place));
      if (!words) return Answer::refuse(device_failure);
      changed.emplace(point, *std::move(words));
    }
    changed[point][word] = request.values[static_cast<std::size_t>(i)];
  }
  for (const auto& [index, words] : changed) {
    LivePoint& point = device.points[index];
    const double before = point.signal.at(now), after = decode(words, std::get<Place>(point.is.place));
    point.signal.shape = Constant{after};
    point.signal.noise = 0;  // what was written is what is read
    if (before != after) written.push_back({device.is.name + "/" + point.is.name, before, after});
  }
  return {.values = request.values};
}

std::vector<Plant::Publication> Plant::publications(const std::string& device, MonoTime now) const {
  const std::lock_guard lock(mutex_);
  const auto* d = find_device(device);
  if (d == nullptr || d->misbehaviour.kind == Kind::hang) return {};
  std::string object;
  std::vector<Publication> all;
  for (const auto& point : d->points) {
    const std::string value = number_text(point.signal.at(now));
    if (const auto* field = std::get_if<JsonField>(&point.is.place))
      object += (object.empty() ? "{\"" : ",\"") + field->key + "\":" + value;
    else if (const auto* topic = std::get_if<ScalarTopic>(&point.is.place))
      all.push_back({topic->suffix.empty() ? d->is.topic : d->is.topic + "/" + topic->suffix, value});
  }
  if (!object.empty()) all.insert(all.begin(), {d->is.topic, object + "}"});
  return all;
}

}  // namespace anlan::plant
