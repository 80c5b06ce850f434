// For tests: a Storage that passes everything on to another; override what should be different.
#pragma once

#include "edge/buffer/storage.hpp"

namespace anlan::edge {

class ForwardingStorage : public Storage {
 public:
  /// `to` must live longer; it need not be constructed yet.
  explicit ForwardingStorage(Storage& to) : to_(to) {}

  Result<Loaded> load() override { return to_.load(); }
  Result<void> apply(const Ledger& after, const Changes& changes) override { return to_.apply(after, changes); }
  Result<std::vector<Record>> read(const Place& place, const RangeSet& wanted, std::size_t most,
                                   std::size_t most_bytes) override {
    return to_.read(place, wanted, most, most_bytes);
  }
  Result<std::vector<Record>> read_events(const std::set<Kind>& kinds) override { return to_.read_events(kinds); }
  Result<RangesByPlace> sequences_of(Kind kind) override { return to_.sequences_of(kind); }
  Result<std::uint64_t> bytes_of(const Place& place, const RangeSet& ranges) override {
    return to_.bytes_of(place, ranges);
  }
  Result<std::optional<std::string>> definition(const DefinitionHash& hash) override { return to_.definition(hash); }
  std::optional<std::vector<EpochEnd>> marks() override { return to_.marks(); }
  Result<void> set_marks(const std::vector<EpochEnd>& ends) override { return to_.set_marks(ends); }
  Result<void> replace(WallTime now) override { return to_.replace(now); }
  std::unique_ptr<Remains> remains() override { return to_.remains(); }

 private:
  Storage& to_;
};

}  // namespace anlan::edge
