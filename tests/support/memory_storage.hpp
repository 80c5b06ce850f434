// For tests: a Storage in memory. Its `disk` is a value, so a test can copy it (an image of a box), put an old one back
// (a restored buffer), damage a row, or make the next commits fail (a full disk).
#pragma once

#include <algorithm>
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
  std::optional<std::vector<EpochEnd>> side;  // the side file: it outlives a lost or restored disk
  std::optional<Disk> aside;                  // what replace() put aside
  bool full = false, corrupt = false;         // corrupt: until it is replaced, nothing can be read or written

  bool stuck = false;                  // replace() fails
  bool fails_after = false;            // a commit is there, and says that it failed
  std::optional<RecordId> unreadable;  // reading it fails

  std::optional<Kind> swallows;  // new rows of this kind are gone at once, as on a damaged page

  std::optional<std::vector<EpochEnd>> marks() override { return side; }
  Result<void> set_marks(const std::vector<EpochEnd>& ends) override {
    if (full) return fail(Errc::storage_full, "no space left");
    side = ends;
    return {};
  }
  Result<void> replace(WallTime) override {
    if (stuck) return fail(Errc::storage_failed, "read-only");
    aside = std::exchange(disk, {});
    corrupt = false;
    return {};
  }
  std::unique_ptr<Remains> remains() override { return aside ? std::make_unique<Left>(*this) : nullptr; }

  Result<Loaded> load() override {
    if (corrupt) return fail(Errc::storage_corrupt, "damaged");
    return Loaded{disk.ledger, disk.engine_state};
  }

  Result<void> apply(const Ledger& after, const Changes& changes) override {
    if (corrupt) return fail(Errc::storage_corrupt, "damaged");
    if (full) return fail(Errc::storage_full, "no space left");
    std::set<RecordId> fresh;
    for (const Record& record : changes.added) {
      const auto gone = changes.removed.find(record.id.place);
      const bool replaced = gone != changes.removed.end() && gone->second.contains(record.id.sequence);
      if (!fresh.insert(record.id).second || (disk.rows.contains(record.id) && !replaced))
        return fail(Errc::conflict, "a row with this identity is there");
    }
    for (const auto& [place, ranges] : changes.removed)
      for (const auto& range : ranges.ranges())
        disk.rows.erase(disk.rows.lower_bound({place, range.first}), disk.rows.lower_bound({place, range.last}));
    for (const Record& record : changes.added)
      if (record.kind != swallows) disk.rows.emplace(record.id, record);
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
    if (fails_after) return fail(Errc::storage_failed, "it cannot be synced");
    return {};
  }

  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most,
                                   std::size_t most_bytes) override {
    if (corrupt) return fail(Errc::storage_corrupt, "damaged");
    if (unreadable && unreadable->place == place && wanted.contains(unreadable->sequence))
      return fail(Errc::storage_corrupt, "damaged just there");
    std::vector<Record> out;
    std::size_t bytes = 0;
    const std::uint64_t first = wanted.empty() ? 0 : wanted.ranges().front().first;
    for (auto it = disk.rows.lower_bound({place, first}); it != disk.rows.end() && it->first.place == place; ++it) {
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

  Result<RangesByPlace> sequences_of(Kind kind) override {
    RangesByPlace out;
    for (const auto& [id, record] : disk.rows)
      if (record.kind == kind) out[id.place].add(id.sequence);
    return out;
  }

  Result<std::uint64_t> bytes_of(const Place& place, const RangeSet& ranges) override {
    std::uint64_t sum = 0;
    for (const auto& range : ranges.ranges())
      for (auto it = disk.rows.lower_bound({place, range.first}); it != disk.rows.lower_bound({place, range.last});
           ++it)
        sum += row_bytes(it->second.payload.size());
    return sum;
  }

  Result<std::optional<std::string>> definition(const DefinitionHash& hash) override {
    const auto found = disk.definitions.find(hash);
    return found == disk.definitions.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  /// Gives everything that was there, whole or not: the buffer looks for itself.
  struct Left final : Remains {
    explicit Left(MemoryStorage& s) : storage(s) {}
    Known known() override {
      const Disk& old = *storage.aside;
      return {old.ledger.epochs,
              old.ledger.places,
              old.ledger.active,
              old.engine_state,
              {old.definitions.begin(), old.definitions.end()}};
    }
    std::vector<Record> next(const std::vector<Epoch>& epochs, std::size_t most_bytes) override {
      std::vector<Record> out;
      for (std::size_t bytes = 0; at != storage.aside->rows.end() && bytes < most_bytes; ++at)
        if (std::ranges::find(epochs, at->first.place.epoch) != epochs.end()) {
          bytes += at->second.payload.size();
          out.push_back(at->second);
        }
      return out;
    }
    void finish() override { storage.aside.reset(); }
    MemoryStorage& storage;
    std::map<RecordId, Record>::const_iterator at = storage.aside->rows.begin();
  };
};

}  // namespace anlan::edge
