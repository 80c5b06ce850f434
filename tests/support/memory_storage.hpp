// For tests: a Storage in memory. Its `disk` is a value, so a test can copy it (an image of a box), put an old one back
// (a restored buffer), damage a row, or make the next commits fail (a full disk).
#pragma once

#include <map>

#include "edge/buffer/storage.hpp"

namespace anlan::edge {

class MemoryStorage final : public Storage {
 public:
  struct Disk {
    Ledger ledger;
    std::map<RecordId, Record> rows;
    std::map<DefinitionHash, std::string> definitions;
    std::string engine_state;
  };

  Disk disk;
  bool full = false;

  Result<Loaded> load() override { return Loaded{disk.ledger, disk.engine_state}; }

  Result<void> apply(const Ledger& after, const Changes& changes) override {
    if (full) return fail(Errc::storage_full, "no space left");
    auto rows = disk.rows;
    for (const auto& [place, ranges] : changes.removed)
      std::erase_if(rows,
                    [&](const auto& row) { return row.first.place == place && ranges.contains(row.first.sequence); });
    for (const Record& record : changes.added)
      if (!rows.emplace(record.id, record).second) return fail(Errc::conflict, "a row with this identity is there");
    disk.rows = std::move(rows);
    for (const auto& [hash, payload] : changes.definitions) disk.definitions[hash] = payload;
    if (changes.engine_state) disk.engine_state = *changes.engine_state;
    for (const Place& place : changes.places) disk.ledger.places[place] = after.at(place);
    if (changes.epochs) disk.ledger.epochs = after.epochs;
    if (changes.active) disk.ledger.active = after.active;
    if (changes.greeting) {
      disk.ledger.store = after.store;
      disk.ledger.token = after.token;
      disk.ledger.gone_due = after.gone_due;
    }
    return {};
  }

  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most,
                                   std::size_t most_bytes) override {
    std::vector<Record> out;
    std::size_t bytes = 0;
    for (auto it = disk.rows.lower_bound({place, 0}); it != disk.rows.end() && it->first.place == place; ++it) {
      if (!wanted.contains(it->first.sequence)) continue;
      if (out.size() >= most || bytes >= most_bytes) break;
      out.push_back(it->second);
      bytes += it->second.payload.size();
    }
    return out;
  }

  Result<std::vector<Record>> read_events(const std::set<Kind>& kinds) override {
    std::vector<Record> out;
    for (const auto& [id, record] : disk.rows)
      if (id.place.stream == Stream::event && kinds.contains(record.kind)) out.push_back(record);
    return out;
  }

  Result<std::uint64_t> bytes_of(const Place& place, const RangeSet& ranges) override {
    std::uint64_t sum = 0;
    for (const auto& [id, record] : disk.rows)
      if (id.place == place && ranges.contains(id.sequence)) sum += row_bytes(record.payload.size());
    return sum;
  }

  Result<std::optional<std::string>> definition(const DefinitionHash& hash) override {
    const auto found = disk.definitions.find(hash);
    return found == disk.definitions.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace anlan::edge
