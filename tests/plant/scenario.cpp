#include "tests/plant/scenario.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "common/config/section.hpp"
#include "common/model/ids.hpp"
#include "tests/plant/plant.hpp"

namespace anlan::plant {
namespace {

constexpr std::array<std::pair<std::string_view, Table>, 4> table_words{{{"coils", Table::coils},
                                                                         {"discrete", Table::discrete_inputs},
                                                                         {"holding", Table::holding_registers},
                                                                         {"input", Table::input_registers}}};
constexpr std::array<std::pair<std::string_view, ValueType>, 9> type_words{{{"boolean", ValueType::boolean},
                                                                            {"u16", ValueType::u16},
                                                                            {"i16", ValueType::i16},
                                                                            {"u32", ValueType::u32},
                                                                            {"i32", ValueType::i32},
                                                                            {"u64", ValueType::u64},
                                                                            {"i64", ValueType::i64},
                                                                            {"f32", ValueType::f32},
                                                                            {"f64", ValueType::f64}}};
constexpr std::array<std::pair<std::string_view, ByteOrder>, 4> order_words{
    {{"abcd", ByteOrder::abcd}, {"cdab", ByteOrder::cdab}, {"badc", ByteOrder::badc}, {"dcba", ByteOrder::dcba}}};

Place read_place(Section& s) {
  Place place;
  s.choice<Table>({.key = "table", .help = "coils, discrete, holding or input", .required = true}, table_words,
                  place.table);
  s.integer({.key = "address", .help = "first register or bit, zero-based", .required = true}, place.address);
  place.type = place.bits() ? ValueType::boolean : ValueType::u16;
  s.choice<ValueType>({.key = "type", .help = "how the value is written"}, type_words, place.type);
  s.choice<ByteOrder>({.key = "order", .help = "byte order, A most significant"}, order_words, place.order);
  s.number({.key = "scale", .help = "value = raw * scale + offset"}, place.scale);
  s.number({.key = "offset", .help = "value = raw * scale + offset"}, place.offset);
  if (place.scale == 0) s.fault("scale", "is 0", "any other number");
  if (place.bits() != (place.type == ValueType::boolean))
    s.fault("type", "does not go with the table", "boolean for coils and discrete, another type for holding and input");
  if (place.address + place.size() > 65536)
    s.fault("address", "leaves no room for the value", "one that ends at 65535");
  return place;
}

void check_start(Section& s, const Point& point) {
  const auto* place = std::get_if<Place>(&point.place);
  if (place == nullptr) return;
  if (const auto words = encode(point.value, *place); !words) s.fault("value", "does not fit", words.error().message);
}

bool plain_key(const std::string& key) {
  return std::ranges::all_of(key, [](unsigned char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; });
}

Point read_point(Section& s, bool mqtt) {
  const std::size_t before = s.fault_count();
  Point point;
  s.name({.key = "name", .help = "last part of device/point", .required = true}, point.name);
  if (!mqtt) {
    point.place = read_place(s);
    s.flag({.key = "writable", .help = "whether a master may write it"}, point.writable);
    const auto table = std::get<Place>(point.place).table;
    if (point.writable && table != Table::coils && table != Table::holding_registers)
      s.fault("writable", "is true on a read-only table", "coils or holding");
  } else if (s.has("topic")) {
    ScalarTopic topic;
    s.text({.key = "topic", .help = "the scalar is published here, below the device's topic"}, topic.suffix);
    point.place = topic;
  } else {
    JsonField field;
    s.text({.key = "field", .help = "key in the device's JSON object", .required = true}, field.key);
    if (!plain_key(field.key)) s.fault("field", "has a quote or backslash", "a plain key");
    point.place = field;
  }
  s.number({.key = "value", .help = "value at the start"}, point.value);
  s.number({.key = "noise", .help = "half width of uniform noise", .min = 0}, point.noise);
  if (s.fault_count() == before) check_start(s, point);
  return point;
}

constexpr std::array<std::pair<std::string_view, char>, 3> kParities{{{"E", 'E'}, {"O", 'O'}, {"N", 'N'}}};

Endpoint read_endpoint(Section& s) {
  Endpoint endpoint;
  std::string listen = "127.0.0.1:0";
  s.name({.key = "name", .help = "how steps and commands call it", .required = true}, endpoint.name);
  s.listen({.key = "listen", .help = "address and port; port 0: any free one"}, listen);
  s.flag({.key = "rtu", .help = "RTU frames over TCP, as serial servers carry them"}, endpoint.rtu);
  SerialPlace& serial = endpoint.serial;
  s.path({.key = "serial", .help = "a serial device instead of listen"}, serial.device);
  s.path({.key = "pty", .help = "makes a pseudo terminal and this link to it, instead of listen"}, serial.link);
  s.integer({.key = "baud", .help = "of serial", .min = 1200, .max = 921600}, serial.baud);
  s.choice<char>({.key = "parity", .help = "of serial"}, kParities, serial.parity);
  s.integer({.key = "stop", .help = "stop bits of serial", .min = 1, .max = 2}, serial.stop_bits);
  if (s.has("serial") + s.has("pty") + s.has("listen") > 1)
    s.fault("", "is in several places", "one of listen, serial, pty");
  if (!s.has("listen") && s.has("rtu") && !serial.empty())
    s.fault("rtu", "is given for a serial line", "the key left out");
  for (const std::string_view key : {"baud", "parity", "stop"})
    if (s.has(key) && !s.has("serial")) s.fault(key, "is given without serial", "the key left out");
  if (const auto parsed = parse_listen(listen); parsed) endpoint.listen = *parsed;
  if (endpoint.listen.address.find(':') != std::string::npos)
    s.fault("listen", "is IPv6", "an IPv4 address: this simulator has no other");
  return endpoint;
}

Device read_device(Section& s) {
  Device device;
  s.name({.key = "name", .help = "how steps and commands call it", .required = true}, device.name);
  const bool mqtt = s.has("topic");
  if (mqtt) {
    s.text({.key = "topic", .help = "MQTT topic it publishes on"}, device.topic);
    s.millis({.key = "every_ms", .help = "how often it publishes", .min = 10, .max = 3600'000}, device.every);
    if (device.topic.empty() || device.topic.find_first_of("+#") != std::string::npos || device.topic.front() == '/' ||
        device.topic.back() == '/')
      s.fault("topic", "is no topic to publish on", "names parted by /, without + or #");
  } else {
    s.text({.key = "endpoint", .help = "name of an [[endpoint]]; topic instead for MQTT", .required = true},
           device.endpoint);
    s.integer({.key = "unit", .help = "Modbus unit", .min = 0, .max = 255}, device.unit);
    s.text({.key = "vendor", .help = "function 43/14, object 0"}, device.identity.vendor);
    s.text({.key = "product", .help = "object 1"}, device.identity.product);
    s.text({.key = "revision", .help = "object 2"}, device.identity.revision);
    s.text({.key = "model", .help = "object 5"}, device.identity.model);
  }
  s.tables({.key = "point", .help = "its values"},
           [&](Section& point) { device.points.push_back(read_point(point, mqtt)); });
  return device;
}

/// What is wrong between the parts of a scenario; reported at the part that came second.
class CrossCheck {
 public:
  void endpoint(Section& s, const Endpoint& endpoint) {
    if (!names_.insert(endpoint.name).second) s.fault("name", "is taken", "a name of its own");
    endpoints_.insert(endpoint.name);
  }

  void device(Section& s, const Device& device, bool broker) {
    if (!names_.insert(device.name).second) s.fault("name", "is taken", "a name of its own");
    if (device.topic.empty())
      modbus_device(s, device);
    else if (!broker)
      s.fault("topic", "needs a broker", "broker = \"mqtt://127.0.0.1:1883\" at the top");
    std::set<std::string> points;
    for (const auto& point : device.points)
      if (!points.insert(point.name).second) s.fault("", "has two points " + point.name, "one of each name");
  }

 private:
  void modbus_device(Section& s, const Device& device) {
    if (!endpoints_.contains(device.endpoint)) s.fault("endpoint", "is not declared", "the name of an [[endpoint]]");
    if (!units_.insert({device.endpoint, device.unit}).second)
      s.fault("unit", "is taken on this endpoint", "a unit of its own");
    std::map<std::pair<Table, int>, std::string> taken;
    for (const auto& point : device.points) {
      const auto* place = std::get_if<Place>(&point.place);
      for (int i = 0; place && i < place->size(); ++i) {
        const auto [other, free] = taken.try_emplace({place->table, place->address + i}, point.name);
        if (free || other->second == point.name) continue;
        s.fault("", "has points " + other->second + " and " + point.name + " on one address", "addresses that part");
        break;
      }
    }
  }

  std::set<std::string> names_, endpoints_;
  std::set<std::pair<std::string, int>> units_;
};

std::optional<Step> read_step(Section& s) {
  const std::size_t before = s.fault_count();
  Step step;
  std::string text;
  s.millis({.key = "at_ms", .help = "after the start", .min = 0, .max = 86'400'000}, step.at);
  s.text({.key = "do", .help = "one action, as on standard input", .required = true}, text);
  if (s.fault_count() != before) return std::nullopt;
  auto action = parse_action(text);
  if (!action) {
    s.fault("do", "is not understood", action.error().message);
    return std::nullopt;
  }
  step.text = text;
  step.action = *std::move(action);
  return step;
}

Scenario read_scenario(const Document& document, std::vector<Fault>& faults) {
  Scenario scenario;
  CrossCheck check;
  Section s(document, faults);
  s.integer({.key = "seed", .help = "of the noise"}, scenario.seed);
  constexpr std::array<Scheme, 1> schemes{{{"mqtt", true, "a broker on this machine"}}};
  std::optional<Url> broker;
  s.url({.key = "broker", .help = "where MQTT sensors publish"}, schemes, broker);
  if (broker) scenario.broker = broker->text;
  s.tables({.key = "endpoint", .help = "Modbus TCP listeners"}, [&](Section& t) {
    scenario.endpoints.push_back(read_endpoint(t));
    check.endpoint(t, scenario.endpoints.back());
  });
  s.tables({.key = "device", .help = "simulated devices"}, [&](Section& t) {
    scenario.devices.push_back(read_device(t));
    check.device(t, scenario.devices.back(), !scenario.broker.empty() || s.has("broker"));
  });
  const bool sound = faults.empty();  // else each step would complain about a device that is only faulty above
  Plant trial(sound ? scenario : Scenario{}, MonoTime{});
  s.tables({.key = "step", .help = "what happens when"}, [&](Section& t) {
    auto step = read_step(t);
    if (!step) return;
    if (const auto done = trial.apply(step->action, MonoTime{}); sound && !done)
      t.fault("do", "cannot be done", done.error().message);
    const auto later = std::ranges::upper_bound(scenario.steps, step->at, {}, &Step::at);
    scenario.steps.insert(later, *std::move(step));
  });
  return scenario;
}

std::expected<Scenario, std::vector<Fault>> checked(const std::expected<Document, Fault>& document) {
  if (!document) return std::unexpected(std::vector{document.error()});
  std::vector<Fault> faults;
  auto scenario = read_scenario(*document, faults);
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return scenario;
}

}  // namespace

std::expected<Scenario, std::vector<Fault>> load_scenario(const std::string& file) {
  return checked(Document::load(file));
}

std::expected<Scenario, std::vector<Fault>> parse_scenario(const std::string& text, const std::string& file) {
  return checked(Document::parse(text, file));
}

}  // namespace anlan::plant
