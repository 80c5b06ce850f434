#include "edge/buffer/losses.hpp"

#include <algorithm>
#include <ranges>

namespace anlan::edge {

void Losses::add(const Loss& loss) {
  const auto [at, first] = losses_.try_emplace({loss.point, loss.reason}, loss);
  if (first) return;
  Loss& known = at->second;
  known.from = std::min(known.from, loss.from);
  known.to = std::max(known.to, loss.to);
  known.count = known.count && loss.count ? std::optional(*known.count + *loss.count) : std::nullopt;
}

void Losses::add(const std::vector<Loss>& losses) {
  for (const Loss& loss : losses) add(loss);
}

void Losses::add(const Samples& samples, const Definition* definition, LossReason reason) {
  const auto& all = samples.samples;
  for (std::size_t i = 0; i < all.size();) {  // samples stand by point: few names are made
    Loss loss{{}, all[i].time, all[i].time, 0, reason};
    const std::uint32_t point = all[i].point;
    if (definition && point < definition->points.size()) loss.point = definition->points[point].path.str();
    for (; i < all.size() && all[i].point == point; ++i) {
      loss.from = std::min(loss.from, all[i].time);
      loss.to = std::max(loss.to, all[i].time);
      ++*loss.count;
    }
    add(loss);
  }
}

bool Losses::coarsen() {
  const auto before = std::exchange(losses_, {});
  const bool points = std::ranges::any_of(
      before | std::views::keys, [](const auto& key) { return !key.first.empty() && !key.first.ends_with("/*"); });
  for (const auto& [key, loss] : before) {
    Loss wider = loss;
    const auto device = loss.point.rfind('/');
    wider.point = points && device != std::string::npos ? loss.point.substr(0, device) + "/*" : std::string();
    add(wider);
  }
  return points || losses_.size() < before.size();
}

std::vector<Loss> Losses::list() const {
  const auto all = losses_ | std::views::values;
  return {all.begin(), all.end()};
}

std::vector<Void> merged(const std::vector<Void>& a, const std::vector<Void>& b) {
  std::map<std::pair<Place, LossReason>, RangeSet> all;
  for (const auto* voids : {&a, &b})
    for (const Void& v : *voids) all[{v.place, v.reason}].add(v.ranges);
  std::vector<Void> out;
  for (auto& [key, ranges] : all) out.push_back({key.first, key.second, std::move(ranges)});
  return out;
}

}  // namespace anlan::edge
