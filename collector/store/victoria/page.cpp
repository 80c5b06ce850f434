#include "collector/store/victoria/page.hpp"

#include <algorithm>
#include <iterator>

namespace anlan::collector::victoria {

Result<Page> Page::start(const TelemetryQuery& query, std::function<std::uint64_t(std::uint32_t)> ordinal_of) {
  auto after = page_start(query);
  if (!after) return fail(std::move(after.error()));
  Page page;
  page.from_ = to_ms(query.from);
  page.to_ = to_ms(query.to);
  page.limit_ = query.limit;
  page.ordinal_of_ = std::move(ordinal_of);
  page.after_ = *after;
  return page;
}

void Page::add(const HeldSample& sample, Source source) {
  if (sample.time < from_ || sample.time >= to_) return;
  const SampleKey key{sample.time, ordinal_of_(sample.epoch), sample.epoch, sample.sequence, sample.index};
  if (after_ && key <= *after_) return;
  if (found_.size() > limit_ && found_.rbegin()->first < key) return;
  const auto [at, first] = found_.try_emplace(key, Value{sample.value, sample.quality});
  if (!first && source == Source::journal) at->second = {sample.value, sample.quality};
  if (found_.size() > limit_ + 1) found_.erase(std::prev(found_.end()));
}

bool Page::complete_before(std::int64_t time) const {
  return found_.size() > limit_ && time > found_.rbegin()->first.time;
}

TelemetryPage Page::finish() && {
  TelemetryPage page;
  page.samples.reserve(std::min(found_.size(), limit_));
  for (auto at = found_.begin(); at != found_.end() && page.samples.size() < limit_; ++at) {
    const auto& [key, value] = *at;
    page.samples.push_back({wall_from_ms(key.time), value.value, value.quality, key.ordinal, key.sequence});
    if (page.samples.size() == limit_ && std::next(at) != found_.end()) page.next = to_cursor(key);
  }
  return page;
}

}  // namespace anlan::collector::victoria
