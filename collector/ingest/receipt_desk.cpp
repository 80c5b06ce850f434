#include "collector/ingest/receipt_desk.hpp"

#include <algorithm>

namespace anlan::collector {

void ReceiptDesk::heard(const Origin& edge, std::size_t bytes, MonoTime now) {
  if (bytes >= kLargeFrame) hurry(edge, now + kLargeFor);
}

void ReceiptDesk::hurry(const Origin& edge, MonoTime until) {
  auto& known = hurried_.try_emplace(edge, until).first->second;
  known = std::max(known, until);
}

bool ReceiptDesk::in_a_hurry(const Origin& edge, MonoTime now) const {
  const auto hurried = hurried_.find(edge);
  return hurried != hurried_.end() && hurried->second > now;
}

ReceiptDesk::Out ReceiptDesk::take(const Origin& edge, Receipt receipt, bool at_once, MonoTime now) {
  const auto entry = held_.try_emplace(edge).first;
  Held& held = entry->second;
  held.records += receipt.data.count();
  const auto [place, first] = held.receipts.try_emplace(receipt.place, receipt);
  if (!first) {
    if (!place->second.data.intersection(receipt.data).empty()) hurry(edge, now + kImpatientFor);  // it was sent again
    place->second.store = receipt.store;
    place->second.data.add(receipt.data);
    place->second.quarantined.add(receipt.quarantined);
  }
  Out out;
  if (at_once || held.records >= kMostRecords || in_a_hurry(edge, now)) {
    release(entry, out);
  } else if (held.receipts.size() == 1 && first) {
    held.since = now;
    order_.emplace_back(now, edge);
  }
  return out;
}

void ReceiptDesk::release(std::map<Origin, Held>::iterator held, Out& out) {
  for (auto& [place, receipt] : held->second.receipts) out.emplace_back(held->first, std::move(receipt));
  held->second = {};
}

ReceiptDesk::Out ReceiptDesk::due(MonoTime now) {
  Out out;
  for (; !order_.empty() && now - order_.front().first >= kWait; order_.pop_front()) {
    const auto held = held_.find(order_.front().second);
    if (held == held_.end() || held->second.receipts.empty() || held->second.since != order_.front().first) continue;
    release(held, out);
  }
  std::erase_if(hurried_, [&](const auto& edge) { return edge.second <= now; });
  return out;
}

std::optional<MonoTime> ReceiptDesk::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.front().first + kWait;
}

void ReceiptDesk::clear() {
  held_.clear();
  order_.clear();
  hurried_.clear();
}

}  // namespace anlan::collector
