#include "collector/ingest/edge_ledger.hpp"

#include <algorithm>

#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

// Processes remembered per edge. More boxes than this under one identity would be told apart wrongly, fewer restarts
// than this between two hellos of one process are certain.
constexpr std::size_t kIncarnations = 32;

bool unknown_content(LossReason reason) {
  return reason == LossReason::lost || reason == LossReason::gone || reason == LossReason::damaged;
}

/// Rule 6: is this the newest token, as far as the store knows?
bool passes(const EdgeLedger& ledger, const std::optional<Token>& token, bool first_store) {
  if (!token) return first_store && !ledger.confirmed;
  return token == ledger.confirmed ||
         std::ranges::any_of(ledger.issued, [&](const auto& entry) { return entry.second.token == *token; });
}

/// Rule 6: a known epoch that is missing in the hello, or whose end is lower; its own epoch excepted.
bool shows_less(const EdgeLedger& ledger, const Hello& hello) {
  return std::ranges::any_of(ledger.ends, [&](const auto& known) {
    const auto& [place, end] = known;
    if (place.epoch == hello.epoch) return false;
    const auto said = std::ranges::find(hello.ends, place.epoch, &EpochEnd::epoch);
    return end > (said == hello.ends.end() ? 0 : said->end(place.stream));
  });
}

void forget_oldest(EdgeLedger& ledger) {
  while (ledger.greeted.size() > kIncarnations) {
    const auto oldest =
        std::ranges::min_element(ledger.greeted, {}, [](const auto& entry) { return entry.second.order; });
    ledger.issued.erase(oldest->first);
    ledger.greeted.erase(oldest);
  }
}

}  // namespace

bool EdgeLedger::losses_unknown() const {
  if (unknown_until) return true;
  return std::ranges::any_of(lost, [&](const auto& entry) {
    RangeSet open = entry.second;
    if (const auto held = data.find(entry.first); held != data.end()) open.remove(held->second);
    return !open.empty();
  });
}

Fate take_record(EdgeLedger& ledger, const std::string& edge, const Record& record) {
  if (checksum(edge, record) != record.checksum) return Fate::damaged;
  RangeSet& data = ledger.data[record.id.place];
  if (data.contains(record.id.sequence)) return Fate::duplicate;
  data.add(record.id.sequence);
  auto& end = ledger.ends[record.id.place];
  end = std::max(end, record.id.sequence + 1);
  return Fate::fresh;
}

void take_voids(EdgeLedger& ledger, const std::vector<Void>& voids, WallTime now) {
  for (const Void& v : voids) {
    ledger.voided[v.place].add(v.ranges);
    if (v.place.stream != Stream::event || !unknown_content(v.reason)) continue;
    ledger.lost[v.place].add(v.ranges);
    ledger.unknown_until = std::max(ledger.unknown_until.value_or(now), now);  // one of them may have been a gap itself
  }
}

HelloOutcome take_hello(EdgeLedger& ledger, const Hello& hello, const Generation& generation, bool first_store,
                        const Token& fresh, WallTime now) {
  const auto greeted = ledger.greeted.find(hello.incarnation);
  const bool seen = greeted != ledger.greeted.end();
  if (seen && hello.counter < greeted->second.counter) return {.old = true};
  if (seen && hello.counter == greeted->second.counter) return {};  // the same hello again: the same answer
  const bool same = hello.generation == generation || !hello.token;
  const bool known = seen || (same && passes(ledger, hello.token, first_store));
  const bool stale = shows_less(ledger, hello) || !known;
  if (same && hello.token)
    if (const auto suspicion = take_confirm(ledger, *hello.token))
      ledger.unknown_until = std::max(ledger.unknown_until.value_or(*suspicion), *suspicion);
  for (const EpochEnd& end : hello.ends) {
    for (const Stream stream : kStreams) {
      auto& known_end = ledger.ends[{end.epoch, stream}];
      known_end = std::max(known_end, end.end(stream));
    }
    ledger.ordinals[end.epoch] = end.ordinal;
  }
  auto& issued = ledger.issued.try_emplace(hello.incarnation, EdgeLedger::Issued{fresh, {}}).first->second;
  if (stale) issued.suspicion = now;
  std::uint64_t order = 0;
  for (const auto& [incarnation, entry] : ledger.greeted) order = std::max(order, entry.order);
  const bool overtaken = seen && ledger.greeted[hello.incarnation].order < order;
  ledger.greeted[hello.incarnation] = {hello.counter, issued.token, order + 1};
  forget_oldest(ledger);
  return {.stale = stale, .overtaken = overtaken};
}

std::optional<WallTime> take_confirm(EdgeLedger& ledger, const Token& token) {
  const auto found = std::ranges::find(ledger.issued, token, [](const auto& entry) { return entry.second.token; });
  if (found == ledger.issued.end()) return std::nullopt;
  const auto suspicion = found->second.suspicion;
  ledger.confirmed = token;
  // Only other processes under suspicion stay: their confirmation would make a loss known.
  std::erase_if(ledger.issued,
                [&](const auto& entry) { return !entry.second.suspicion || entry.second.token == token; });
  return suspicion;
}

Answer answer_to(const EdgeLedger& ledger, const Hello& hello, const StoreRef& store,
                 std::vector<DefinitionHash> wanted, bool stale) {
  Answer answer;
  answer.incarnation = hello.incarnation;
  answer.counter = hello.counter;
  answer.store = store;
  answer.wanted = std::move(wanted);
  answer.stale = stale;
  answer.columns = answer.waiting = true;
  if (const auto greeted = ledger.greeted.find(hello.incarnation); greeted != ledger.greeted.end())
    answer.token = greeted->second.token;
  for (const EpochEnd& end : hello.ends)
    for (const Stream stream : kStreams) {
      const Place place{end.epoch, stream};
      const auto data = ledger.data.find(place), voided = ledger.voided.find(place);
      answer.data[place] = data == ledger.data.end() ? RangeSet{} : data->second;
      if (voided != ledger.voided.end() && !voided->second.empty()) answer.voided[place] = voided->second;
    }
  return answer;
}

}  // namespace anlan::collector
