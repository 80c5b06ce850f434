// The engine's series of Anlan: how a sample is spread over them, and found again. Pure.
// docs/formats/victoria-db.md has the table of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/victoria/exact_form.hpp"
#include "collector/store/victoria/export_line.hpp"
#include "collector/store/victoria/held_sample.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector::victoria {

enum class Column : std::uint8_t { decimal, float32, rough, high, low, quality, record };
inline constexpr std::size_t kColumns = 7;

/// The labels that the series of one lane share.
struct LaneName {
  std::string store;  // of the journal: several stores may share an engine
  PointPath point;
  std::string edge;
  Epoch epoch;
  std::uint8_t lane = 0;
  bool operator==(const LaneName&) const = default;
};

/// Sequence, place in the record and whether there is a value are one whole number below 2^53, which the engine keeps
/// exactly. nullopt where they do not fit: such a sample stays with us.
std::optional<double> record_number(const HeldSample& sample);

/// A time that the engine takes and keeps: since 1970, and no more than a day ahead of `committed`, when the sample
/// came (the engine takes two days ahead of its clock).
bool time_fits(std::int64_t time, std::int64_t committed);

/// Appends the lines of one lane's samples, which stand by time. Samples fit (record_number, time_fits).
void put_lane(std::string& out, const LaneName& name, const std::vector<HeldSample>& samples);

struct ReadName {
  Column column = Column::decimal;
  LaneName name;
};
/// nullopt: not a series that put_lane writes.
std::optional<ReadName> name_of(const LabelMap& labels);

/// What the engine gives of one sample, from several lines in any order, perhaps twice.
class Parts {
 public:
  void set(Column column, double value);
  /// The sample where all of it is there and nothing contradicts; `epoch` is left to the caller.
  std::optional<HeldSample> sample(std::int64_t time) const;

 private:
  double values_[kColumns] = {};
  std::uint8_t seen_ = 0;  // a bit for each column
  bool contradicted_ = false;
};

/// {store="…",site="…",…}: what /api/v1/export is asked for.
std::string point_selector(const std::string& store, const PointPath& point);
std::string edges_selector(const std::string& store, const std::vector<std::string>& edges);  // empty: all

}  // namespace anlan::collector::victoria
