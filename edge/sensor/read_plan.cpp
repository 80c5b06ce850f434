#include "edge/sensor/read_plan.hpp"

#include <algorithm>
#include <utility>

namespace anlan::edge {
namespace {

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

int end_of(const Block& block) { return block.address + block.count; }

/// The places [from, to) as a request of their own.
Block part(const Block& block, std::size_t from, std::size_t to) {
  const int first = block.places[from].offset;
  Block made{block.table, static_cast<std::uint16_t>(block.address + first), 0, {}};
  for (std::size_t i = from; i < to; ++i) {
    const Block::Place& place = block.places[i];
    made.count = std::max(made.count, place.offset - first + place.count);
    made.places.push_back({place.point, place.offset - first, place.count});
  }
  return made;
}

}  // namespace

ReadPlan::ReadPlan(ProfilePoints points, std::vector<std::size_t> which, ModbusReading reading)
    : points_(std::move(points)), which_(std::move(which)), reading_(std::move(reading)) {
  std::erase_if(which_, [&](std::size_t i) { return !std::holds_alternative<ModbusSource>((*points_)[i].source); });
  plan_anew();
}

/// Over a refused value no request may reach, as over a forbidden gap.
void ReadPlan::plan_anew() {
  ModbusReading reading = reading_;
  std::vector<std::size_t> wanted = which_;
  for (const auto& [value, retry] : refusals_) {
    reading.forbidden.push_back({value.table, value.address, static_cast<std::uint16_t>(end_of(value) - 1)});
    for (const Block::Place& place : value.places) std::erase(wanted, place.point);
  }
  blocks_ = plan(*points_, wanted, reading);
}

const Block& ReadPlan::cheapest() const {
  if (blocks_.empty()) return refusals_.front().value;
  return *std::ranges::min_element(blocks_, {}, &Block::count);
}

std::vector<Block> ReadPlan::retries(MonoTime now) {
  std::vector<Block> due;
  for (Refusal& refusal : refusals_) {
    if (now < refusal.retry) continue;
    due.push_back(refusal.value);
    refusal.retry = now + kAskRefusedAgain;
  }
  return due;
}

std::vector<std::size_t> ReadPlan::refused() const {
  std::vector<std::size_t> points;
  for (const Refusal& refusal : refusals_)
    for (const Block::Place& place : refusal.value.places) points.push_back(place.point);
  return points;
}

bool ReadPlan::refuse(const Block& value, MonoTime now) {
  const auto known = std::ranges::find(refusals_, value, &Refusal::value);
  if (known != refusals_.end()) return false;
  refusals_.push_back({value, now + kAskRefusedAgain});
  plan_anew();
  return true;
}

bool ReadPlan::accept(const Block& value) {
  if (std::erase_if(refusals_, [&](const Refusal& refusal) { return refusal.value == value; }) == 0) return false;
  plan_anew();
  return true;
}

void ReadPlan::keep_apart(const Block& left, const Block& right) {
  const int gap = end_of(left);
  if (gap < right.address)
    reading_.forbidden.push_back(
        {left.table, static_cast<std::uint16_t>(gap), static_cast<std::uint16_t>(right.address - 1)});
  else
    (is_bits(left.table) ? reading_.max_bits : reading_.max_registers) = std::max(left.count, right.count);
  plan_anew();
}

void ReadPlan::ask_all(MonoTime now) {
  for (Refusal& refusal : refusals_) refusal.retry = now;
}

std::optional<std::pair<Block, Block>> halve(const Block& block) {
  std::vector<std::size_t> cuts;  // places before which nothing reaches over
  int end = 0;
  for (std::size_t i = 0; i < block.places.size(); ++i) {
    if (i > 0 && block.places[i].offset >= end) cuts.push_back(i);
    end = std::max(end, block.places[i].offset + block.places[i].count);
  }
  if (cuts.empty()) return std::nullopt;
  const std::size_t cut = cuts[cuts.size() / 2];
  return std::pair(part(block, 0, cut), part(block, cut, block.places.size()));
}

}  // namespace anlan::edge
