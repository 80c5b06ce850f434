#include "edge/uplink/head_keeper.hpp"

#include <algorithm>
#include <set>

namespace anlan::edge {
namespace {

constexpr std::string_view kReceived = "received=", kContradicts = "contradicts=";
constexpr std::chrono::days kMonth{30};

/// A head that may be forgotten for a later one of the same period.
template <class Duration>
std::set<const HeldHead*> first_of_each(const std::vector<HeldHead>& held, Duration period, std::size_t most) {
  std::set<const HeldHead*> kept;
  std::set<std::int64_t> seen;
  for (const HeldHead& each : held)
    if (seen.insert(each.received.time_since_epoch() / period).second) kept.insert(&each);
  // The newest periods where there are too many: what is older is with the longer ones.
  std::size_t over = kept.size() > most ? kept.size() - most : 0;
  for (const HeldHead& each : held)
    if (over > 0 && kept.erase(&each) > 0) --over;
  return kept;
}

}  // namespace

/// What is wrong between it and what is held: within one generation a log only grows.
std::string HeadKeeper::contradicted_by(const TreeHead& head) const {
  for (const auto& [received, other] : held_) {
    const TreeHead& is = other.head;
    if (is.log != head.log || is.generation != head.generation) continue;
    const std::string that = "a head of " + std::to_string(is.size) + " entries, received " + to_rfc3339(received);
    if (is.size == head.size && is.root != head.root) return "another root than that of " + that;
    if (head.size < is.size && head.at > is.at) return "the log has shrunk since " + that;
  }
  return "";
}

HeadKeeper::Outcome HeadKeeper::take(std::string_view line, WallTime now) {
  const auto head = parse_tree_head(line);
  if (!head) return {Taken::refused, head.error().message};
  const auto same = [&](const HeldHead& each) { return each.head.text == head->text; };
  if (std::ranges::any_of(held_, same) || std::ranges::any_of(contradictions_, same)) return {};
  if (!good_(*head)) return {Taken::refused, "its signature is not that of the key that it names"};
  if (auto why = contradicted_by(head->head); !why.empty()) {
    if (contradictions_.size() < kContradictions) contradictions_.push_back({now, *head});
    return {Taken::contradiction, std::move(why)};
  }
  held_.push_back({now, *head});
  thin();
  return {Taken::news, ""};
}

const HeldHead* HeadKeeper::newest() const {
  const auto found = std::ranges::max_element(held_, {}, [](const HeldHead& each) { return each.head.head.at; });
  return found == held_.end() ? nullptr : &*found;
}

void HeadKeeper::thin() {
  if (held_.size() <= kNewest) return;
  auto kept = first_of_each(held_, std::chrono::days{1}, kDays);
  kept.merge(first_of_each(held_, kMonth, kMonths));
  for (auto newest = held_.end() - kNewest; newest != held_.end(); ++newest) kept.insert(&*newest);
  std::vector<HeldHead> left;
  for (const HeldHead& each : held_)
    if (kept.contains(&each)) left.push_back(each);
  held_ = std::move(left);
}

std::string HeadKeeper::text() const {
  std::string text;
  const auto add = [&text](std::string_view mark, const std::vector<HeldHead>& heads) {
    for (const auto& [received, head] : heads)
      text.append(mark).append(to_rfc3339(received)).append(" ").append(head.text).append("\n");
  };
  add(kReceived, held_);
  add(kContradicts, contradictions_);
  return text;
}

std::size_t HeadKeeper::load(std::string_view text) {
  std::size_t damaged = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool contradicts = line.starts_with(kContradicts);
    const auto mark = contradicts ? kContradicts : kReceived;
    const auto blank = line.find(' ');
    const auto received = line.starts_with(mark) && blank != std::string_view::npos
                              ? parse_time(line.substr(mark.size(), blank - mark.size()))
                              : fail(Errc::malformed, "");
    const auto head = received ? parse_tree_head(line.substr(blank + 1)) : fail(Errc::malformed, "");
    if (head && good_(*head))
      (contradicts ? contradictions_ : held_).push_back({*received, *head});
    else
      ++damaged;
  }
  return damaged;
}

}  // namespace anlan::edge
