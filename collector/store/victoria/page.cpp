#include "collector/store/victoria/page.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace anlan::collector::victoria {

std::string Page::to_cursor(const Key& key) {
  return std::to_string(key.time) + "." + std::to_string(key.ordinal) + "." + std::to_string(key.epoch) + "." +
         std::to_string(key.sequence) + "." + std::to_string(key.index);
}

Result<Page::Key> Page::parse_cursor(const std::string& cursor) {
  Key key;
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

Result<Page> Page::start(const TelemetryQuery& query, std::function<std::uint64_t(std::uint32_t)> ordinal_of) {
  if (query.limit < 1 || query.limit > kMaxTelemetryPage)
    return fail(Errc::invalid_argument,
                "limit " + std::to_string(query.limit) + " is not between 1 and " + std::to_string(kMaxTelemetryPage));
  Page page;
  page.from_ = to_ms(query.from);
  page.to_ = to_ms(query.to);
  page.limit_ = query.limit;
  page.ordinal_of_ = std::move(ordinal_of);
  if (query.cursor.empty()) return page;
  const auto key = parse_cursor(query.cursor);
  if (!key) return fail(key.error());
  page.after_ = *key;
  return page;
}

void Page::add(const HeldSample& sample, Source source) {
  if (sample.time < from_ || sample.time >= to_) return;
  const Key key{sample.time, ordinal_of_(sample.epoch), sample.epoch, sample.sequence, sample.index};
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
