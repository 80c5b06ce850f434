#include "common/model/range_set.hpp"

#include <algorithm>
#include <charconv>

namespace anlan {

void RangeSet::add(std::uint64_t first, std::uint64_t last) {
  if (last <= first) return;
  // The ranges that overlap or touch [first, last) melt into one.
  auto from = std::ranges::lower_bound(ranges_, first, {}, &Range::last);
  auto to = from;
  while (to != ranges_.end() && to->first <= last) {
    first = std::min(first, to->first);
    last = std::max(last, to->last);
    ++to;
  }
  ranges_.insert(ranges_.erase(from, to), Range{first, last});
}

void RangeSet::add(const RangeSet& other) {
  for (const Range& r : other.ranges_) add(r.first, r.last);
}

void RangeSet::remove(std::uint64_t first, std::uint64_t last) {
  if (last <= first) return;
  std::vector<Range> left;
  for (const Range& r : ranges_) {
    if (r.first < std::min(r.last, first)) left.push_back({r.first, std::min(r.last, first)});
    if (std::max(r.first, last) < r.last) left.push_back({std::max(r.first, last), r.last});
  }
  ranges_ = std::move(left);
}

void RangeSet::remove(const RangeSet& other) {
  for (const Range& r : other.ranges_) remove(r.first, r.last);
}

RangeSet RangeSet::intersection(const RangeSet& other) const {
  RangeSet both;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    both.add(std::max(a->first, b->first), std::min(a->last, b->last));
    (a->last < b->last ? a : b)++;
  }
  return both;
}

bool RangeSet::contains(std::uint64_t value) const {
  const auto it = std::ranges::upper_bound(ranges_, value, {}, &Range::last);
  return it != ranges_.end() && it->first <= value;
}

bool RangeSet::covers(std::uint64_t first, std::uint64_t last) const {
  if (last <= first) return true;
  const auto it = std::ranges::upper_bound(ranges_, first, {}, &Range::last);
  return it != ranges_.end() && it->first <= first && last <= it->last;
}

std::uint64_t RangeSet::first_missing(std::uint64_t from) const {
  const auto it = std::ranges::upper_bound(ranges_, from, {}, &Range::last);
  return it != ranges_.end() && it->first <= from ? it->last : from;
}

std::uint64_t RangeSet::count() const {
  std::uint64_t n = 0;
  for (const Range& r : ranges_) {
    if (r.last == kEnd) return kEnd;
    n += r.last - r.first;
  }
  return n;
}

std::string RangeSet::str() const {
  std::string text;
  for (const Range& r : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(r.first);
    if (r.last == kEnd)
      text += '-';
    else if (r.last - r.first > 1)
      text += "-" + std::to_string(r.last - 1);
  }
  return text;
}

Result<RangeSet> RangeSet::parse(std::string_view text) {
  RangeSet set;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto bad = [&] {
    return fail(Errc::malformed, "'" + std::string(text.substr(0, 60)) + "' is no list of ranges");
  };
  while (at != end) {
    Range r;
    auto read = std::from_chars(at, end, r.first);
    if (read.ec != std::errc{} || r.first == kEnd) return bad();
    r.last = r.first + 1;
    at = read.ptr;
    if (at != end && *at == '-') {
      if (++at == end || *at == ',') {
        r.last = kEnd;
      } else {
        read = std::from_chars(at, end, r.last);
        if (read.ec != std::errc{} || r.last <= r.first || r.last >= kEnd - 1) return bad();
        ++r.last;
        at = read.ptr;
      }
    }
    if (!set.ranges_.empty() && set.ranges_.back().last >= r.first) return bad();
    set.ranges_.push_back(r);
    if (at != end && (*at != ',' || ++at == end)) return bad();
  }
  return set;
}

}  // namespace anlan
