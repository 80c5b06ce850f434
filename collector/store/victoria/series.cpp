#include "collector/store/victoria/series.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "collector/store/victoria/lanes.hpp"

namespace anlan::collector::victoria {
namespace {

using namespace std::string_view_literals;

struct ColumnName {
  std::string_view metric, form;
};

constexpr std::array<ColumnName, kColumns> kNames{{{"anlan_value", ""},
                                                   {"anlan_value", "float32"},
                                                   {"anlan_value", "rough"},
                                                   {"anlan_bits_high", ""},
                                                   {"anlan_bits_low", ""},
                                                   {"anlan_quality", ""},
                                                   {"anlan_record", ""}}};

constexpr std::uint64_t kMostSequence = std::uint64_t{1} << 35, kMostIndex = 1 << 17;
constexpr std::int64_t kAhead = 86'400'000;

using Points = std::vector<std::pair<std::int64_t, double>>;

void put_column(std::string& out, const LaneName& name, Column column, const Points& points) {
  if (points.empty()) return;
  const auto& [metric, form] = kNames[static_cast<std::size_t>(column)];
  const std::string epoch = name.epoch.hex(), lane = std::to_string(name.lane);
  std::vector<std::pair<std::string_view, std::string_view>> labels{
      {"__name__", metric},        {"store", name.store}, {"site", name.point.site}, {"device", name.point.device},
      {"point", name.point.point}, {"edge", name.edge},   {"epoch", epoch},          {"lane", lane}};
  if (!form.empty()) labels.emplace_back("form", form);
  put_import_line(out, labels, points);
}

std::string label(const LabelMap& labels, std::string_view name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string() : found->second;
}

std::optional<std::uint64_t> whole(double value, double most) {
  if (!(value >= 0 && value <= most) || std::trunc(value) != value) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<double> record_number(const HeldSample& sample) {
  if (sample.sequence >= kMostSequence || sample.index >= kMostIndex) return std::nullopt;
  const std::uint64_t number = (sample.sequence * kMostIndex + sample.index) * 2 + (is_no_value(sample.value) ? 0 : 1);
  return static_cast<double>(number);
}

bool time_fits(std::int64_t time, std::int64_t committed) { return time >= 0 && time - kAhead <= committed; }

void put_lane(std::string& out, const LaneName& name, const std::vector<HeldSample>& samples) {
  std::array<Points, kColumns> columns;
  const auto put = [&](Column column, std::int64_t time, double value) {
    columns[static_cast<std::size_t>(column)].emplace_back(time, value);
  };
  for (const HeldSample& sample : samples) {
    const Written form = written(sample.value);
    if (form.form == Form::decimal) put(Column::decimal, sample.time, form.shown);
    if (form.form == Form::float32) put(Column::float32, sample.time, form.shown);
    if (form.form == Form::bits) {
      if (std::isfinite(form.shown)) put(Column::rough, sample.time, form.shown);
      put(Column::high, sample.time, high_half(sample.value));
      put(Column::low, sample.time, low_half(sample.value));
    }
    put(Column::quality, sample.time, static_cast<double>(sample.quality));
    put(Column::record, sample.time, record_number(sample).value_or(0));
  }
  for (std::size_t i = 0; i < kColumns; ++i) put_column(out, name, static_cast<Column>(i), columns[i]);
}

std::optional<ReadName> name_of(const LabelMap& labels) {
  const std::string metric = label(labels, "__name__"), form = label(labels, "form");
  ReadName read;
  std::size_t column = 0;
  while (column < kColumns && (kNames[column].metric != metric || kNames[column].form != form)) ++column;
  const auto epoch = Epoch::from_hex(label(labels, "epoch"));
  const std::string lane = label(labels, "lane");
  const auto [end, error] = std::from_chars(lane.data(), lane.data() + lane.size(), read.name.lane);
  if (column == kColumns || !epoch || error != std::errc{} || end != lane.data() + lane.size() ||
      read.name.lane >= kMostLanes)
    return std::nullopt;
  read.column = static_cast<Column>(column);
  read.name.store = label(labels, "store");
  read.name.point = {label(labels, "site"), label(labels, "device"), label(labels, "point")};
  read.name.edge = label(labels, "edge");
  read.name.epoch = *epoch;
  return read;
}

void Parts::set(Column column, double value) {
  if (column == Column::rough) return;  // for people: each block rounds it as it likes
  const auto i = static_cast<std::size_t>(column);
  const auto bit = static_cast<std::uint8_t>(1u << i);
  if ((seen_ & bit) != 0 && values_[i] != value) contradicted_ = true;
  seen_ |= bit;
  values_[i] = value;
}

std::optional<HeldSample> Parts::sample(std::int64_t time) const {
  const auto has = [&](Column c) { return (seen_ >> static_cast<unsigned>(c) & 1u) != 0; };
  const auto at = [&](Column c) { return values_[static_cast<std::size_t>(c)]; };
  if (contradicted_ || !has(Column::record) || !has(Column::quality)) return std::nullopt;
  const auto number = whole(at(Column::record), 0x1p53), quality = whole(at(Column::quality), 255);
  if (!number || !quality || !quality_from(*quality)) return std::nullopt;
  HeldSample sample;
  sample.time = time;
  sample.quality = *quality_from(*quality);
  sample.index = static_cast<std::uint32_t>(*number / 2 % kMostIndex);
  sample.sequence = *number / 2 / kMostIndex;
  const bool exact = has(Column::decimal), single = has(Column::float32), bits = has(Column::high) && has(Column::low);
  const bool any = exact || single || has(Column::high) || has(Column::low);
  if (*number % 2 == 0) return any ? std::nullopt : std::optional(sample);
  if (exact + single + bits != 1) return std::nullopt;
  if (exact) sample.value = at(Column::decimal);
  if (single) sample.value = read_back(Form::float32, at(Column::float32));
  if (bits) {
    const auto high = whole(at(Column::high), 0xffffffffu), low = whole(at(Column::low), 0xffffffffu);
    if (!high || !low) return std::nullopt;
    sample.value = from_halves(static_cast<std::uint32_t>(*high), static_cast<std::uint32_t>(*low));
  }
  return sample;
}

std::string point_selector(const std::string& store, const PointPath& point) {
  return R"({store=")" + store + R"(",site=")" + point.site + R"(",device=")" + point.device + R"(",point=")" +
         point.point + R"(",form!="rough"})";
}

std::string edges_selector(const std::string& store, const std::vector<std::string>& edges) {
  std::string selector = R"({store=")" + store + R"(",epoch!="",form!="rough")";
  if (!edges.empty()) {
    selector += R"(,edge=~")";
    for (const std::string& edge : edges) selector += (&edge == &edges.front() ? "" : "|") + edge;
    selector += '"';
  }
  return selector + "}";
}

}  // namespace anlan::collector::victoria
