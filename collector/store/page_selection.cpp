#include "collector/store/page_selection.hpp"

#include <algorithm>
#include <charconv>

namespace anlan::collector {

std::string to_cursor(const SampleKey& key) {
  return std::to_string(key.time) + "." + std::to_string(key.ordinal) + "." + std::to_string(key.epoch) + "." +
         std::to_string(key.sequence) + "." + std::to_string(key.index);
}

Result<SampleKey> parse_cursor(const std::string& cursor) {
  SampleKey key;
  const char* at = cursor.data();
  const char* const end = at + cursor.size();
  const auto number = [&](auto& out, bool last) {
    const auto [next, error] = std::from_chars(at, end, out);
    if (error != std::errc{} || (last ? next != end : next == end || *next != '.')) return false;
    at = next + (last ? 0 : 1);
    return true;
  };
  if (number(key.time, false) && number(key.ordinal, false) && number(key.epoch, false) &&
      number(key.sequence, false) && number(key.index, true))
    return key;
  return fail(Errc::invalid_argument, "cursor '" + cursor.substr(0, 60) + "' is none of this store: begin without one");
}

Result<std::optional<SampleKey>> page_start(const TelemetryQuery& query) {
  if (query.limit < 1 || query.limit > kMaxTelemetryPage)
    return fail(Errc::invalid_argument,
                "limit " + std::to_string(query.limit) + " is not between 1 and " + std::to_string(kMaxTelemetryPage));
  if (query.cursor.empty()) return std::nullopt;
  auto key = parse_cursor(query.cursor);
  if (!key) return fail(std::move(key.error()));
  return *key;
}

Result<PageSelection> PageSelection::start(const TelemetryQuery& query,
                                           std::function<std::uint64_t(std::uint32_t)> ordinal_of) {
  auto after = page_start(query);
  if (!after) return fail(std::move(after.error()));
  PageSelection page;
  page.from_ = to_ms(query.from);
  page.to_ = to_ms(query.to);
  page.limit_ = query.limit;
  page.ordinal_of_ = std::move(ordinal_of);
  page.after_ = *after;
  return page;
}

void PageSelection::add(const std::vector<StoredSample>& samples) {
  for (const StoredSample& s : samples) {
    if (s.time < from_ || s.time >= to_ || (after_ && s.time < after_->time)) continue;
    if (bound_ && s.time > bound_->time) continue;
    const SampleKey key{s.time, ordinal_of_(s.epoch), s.epoch, s.sequence, s.index};
    if ((after_ && key <= *after_) || (bound_ && key > *bound_)) continue;
    entries_.push_back({key, s.value, s.quality});
    if (entries_.size() >= 2 * (limit_ + 1)) trim();
  }
  if (!bound_ && entries_.size() > limit_) trim();
}

void PageSelection::trim() {
  if (entries_.size() <= limit_) return;
  const auto last = entries_.begin() + static_cast<std::ptrdiff_t>(limit_);
  std::nth_element(entries_.begin(), last, entries_.end());
  bound_ = last->key;
  entries_.erase(last + 1, entries_.end());
}

void PageSelection::add_loss(std::int64_t from, std::int64_t to, std::optional<std::uint64_t> count) {
  if (to < from_ || from >= to_) return;
  losses_.push_back({wall_from_ms(from), wall_from_ms(to), count});
}

bool PageSelection::complete_before(std::int64_t time) const { return bound_ && time > bound_->time; }

TelemetryPage PageSelection::finish() && {
  trim();
  std::sort(entries_.begin(), entries_.end());
  TelemetryPage page;
  // A loss stands on the page that covers its beginning: from after the time of the cursor to the time of the last
  // sample.
  std::int64_t least = from_, most = to_ > from_ ? to_ - 1 : from_;
  if (after_) least = std::max(least, after_->time < to_ ? after_->time + 1 : to_);
  if (entries_.size() > limit_) {
    entries_.resize(limit_);
    page.next = to_cursor(entries_.back().key);
    most = entries_.back().key.time;
  }
  page.samples.reserve(entries_.size());
  for (const Entry& e : entries_)
    page.samples.push_back({wall_from_ms(e.key.time), e.value, e.quality, e.key.ordinal, e.key.sequence});
  for (const TelemetryLoss& loss : losses_)
    if (const auto begin = std::max(to_ms(loss.from), from_); begin >= least && begin <= most)
      page.losses.push_back(loss);
  std::ranges::sort(page.losses, {}, [](const TelemetryLoss& l) { return l.from; });
  return page;
}

}  // namespace anlan::collector
