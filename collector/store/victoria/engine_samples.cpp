#include "collector/store/victoria/engine_samples.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "collector/store/victoria/series.hpp"

namespace anlan::collector::victoria {
namespace {

using EpochRow = std::function<std::optional<std::uint32_t>(const std::string&, const Epoch&)>;

/// Samples of a window as their parts come in.
class Window {
 public:
  Window(const EpochRow& epoch_row, std::size_t most) : epoch_row_(epoch_row), most_(most) {}

  /// False where there are more than may be held: the window is too long.
  bool take(const ExportLine& line) {
    const auto name = name_of(line.labels);
    if (!name) return true;
    const auto key = std::pair(name->name.edge, name->name.epoch);
    auto epoch = epochs_.find(key);
    if (epoch == epochs_.end()) epoch = epochs_.emplace(key, epoch_row_(key.first, key.second)).first;
    if (!epoch->second) return true;
    for (std::size_t i = 0; i < line.times.size(); ++i)
      parts_[{line.times[i], *epoch->second, name->name.lane}].set(name->column, line.values[i]);
    return parts_.size() <= most_;
  }

  bool full() const { return parts_.size() > most_; }

  void give_to(Page& page) const {
    for (const auto& [key, parts] : parts_)
      if (auto sample = parts.sample(std::get<0>(key))) {
        sample->epoch = std::get<1>(key);
        page.add(*sample, Page::Source::engine);
      }
  }

 private:
  const EpochRow& epoch_row_;
  std::size_t most_;
  std::map<std::pair<std::string, Epoch>, std::optional<std::uint32_t>> epochs_;
  std::map<std::tuple<std::int64_t, std::uint32_t, std::uint8_t>, Parts> parts_;  // time, epoch, lane
};

/// So long that a page's worth of samples lies in it, where they are spread evenly.
std::int64_t first_length(const JournalReader::Point::Held& held, std::size_t limit) {
  const double span = static_cast<double>(held.last - held.first) + 1;
  const double length =
      span / static_cast<double>(std::max<std::uint64_t>(held.samples, 1)) * static_cast<double>(limit + 1);
  return static_cast<std::int64_t>(std::clamp(length, 1.0, span));
}

}  // namespace

Result<void> add_from_engine(const Engine& engine, const std::string& store, const PointPath& point,
                             const JournalReader::Point::Held& held, const EpochRow& epoch_row, std::size_t limit,
                             Page& page) {
  const std::int64_t end = std::min(page.end() - 1, held.last);
  std::int64_t from = std::max(page.earliest(), held.first), length = first_length(held, limit);
  const std::size_t most = 4 * limit + 1'000;
  while (from <= end && !page.complete_before(from)) {
    const std::int64_t to = end - from < length ? end : from + length - 1;
    // One millisecond cannot be divided: of it everything is taken, which lanes and epochs bound.
    Window window(epoch_row, from == to ? ~std::size_t{0} : most);
    auto read =
        engine.read(point_selector(store, point), from, to, [&](const ExportLine& line) { return window.take(line); });
    if (!read) return read;
    if (window.full()) {
      length = std::max<std::int64_t>(1, (to - from + 1) / 4);
      continue;
    }
    window.give_to(page);
    from = to + 1;
    length = length > (std::int64_t{1} << 60) ? length : length * 2;
  }
  return {};
}

}  // namespace anlan::collector::victoria
