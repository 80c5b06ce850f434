// No receipt precedes its sync (PROTOCOL.md rule 7): of every receipt that the centre hands to MQTT, and of every
// answer to a hello, the disk holds what it names at that moment, were the power gone then; and between the last write
// to the log of that database and the receipt lies a sync of it.
#include <mutex>

#include <gtest/gtest.h>

#include "common/base/log.hpp"
#include "tests/crash/centre_night.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

using collector::Origin;

/// What happened, in order. Written by the workers and the loop.
class Trace {
 public:
  explicit Trace(FaultyVfs& disk) {
    disk.watch([this](FaultyVfs::Did did, const std::string& file) { note(did, file); });
  }
  struct Entry {
    bool sync = false;
    std::string file;
  };

  /// "" where the newest write to the log of `database` is synced.
  std::string unsynced(const std::string& database) const {
    const std::lock_guard lock(mutex_);
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
      if (entry->file.ends_with(database + "-wal")) return entry->sync ? "" : "its last write is not synced";
    return "it was never written";
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  void note(FaultyVfs::Did did, const std::string& file) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({did == FaultyVfs::Did::sync, file});
  }
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

/// The ranges in what the disk holds.
RangesByPlace durable(const FaultyVfs::Image& image, const Origin& origin) {
  const auto dir = TempDir::in_memory();
  FaultyVfs::lay(image, dir.path().string());
  RangesByPlace held;
  const auto read = [&](const char* file, const std::string& sql) {
    const auto database = Database::open("sqlite://" + dir.file(file));
    if (!database) return;
    for (const SqlRow& row : (*database)->query(sql, {origin.edge}))
      held[{*Epoch::from_hex(row.text(0)), static_cast<Stream>(row.integer(1))}] = RangeSet::parse(row.text(2)).value();
  };
  read(collector::kRecordsFile, "SELECT epoch, stream, data FROM place WHERE edge = :p1 AND stream = 1");
  read(collector::kTelemetryFile, "SELECT epoch, stream, ranges FROM received WHERE edge = :p1");
  return held;
}

/// The first receipt of a night that came too early; "" where none did.
std::string early_receipt(bool honest) {
  FaultyVfs disk;
  disk.cut_after(~std::size_t{0}, honest);
  struct Claim {
    Origin to;
    RangesByPlace data;
    FaultyVfs::Image image;  // when it was made
  };
  std::vector<Claim> claims;
  std::string early;
  Trace trace(disk);
  Night night;
  night.on_sent = [&](const Origin& to, const Message& message) {
    if (const auto* receipt = std::get_if<Receipt>(&message)) {
      const bool event = receipt->place.stream == Stream::event;
      const auto what = trace.unsynced(event ? collector::kRecordsFile : collector::kTelemetryFile);
      if (!what.empty() && early.empty()) early = "a receipt to " + to.edge + ": " + what;
      claims.push_back({to, {{receipt->place, receipt->data}}, disk.synced()});
    } else if (const auto* answer = std::get_if<Answer>(&message)) {
      claims.push_back({to, answer->data, disk.synced()});
    }
  };
  const auto dir = TempDir::in_memory();
  if (!night.run(dir.path().string())) return "the night does not come to its end";
  disk.cut_after(~std::size_t{0});
  if (claims.size() < 20 || trace.size() < 300)
    return "it does too little to prove anything: " + std::to_string(claims.size()) + " claims, " +
           std::to_string(trace.size()) + " writes and syncs";
  if (!early.empty()) return early;
  for (const auto& [to, data, image] : claims) {
    const RangesByPlace held = durable(image, to);
    for (const auto& [place, ranges] : data) {
      RangeSet missing = ranges;
      if (const auto found = held.find(place); found != held.end()) missing.remove(found->second);
      if (!missing.empty())
        return "told " + to.edge + " of " + std::string(to_string(place.stream)) + " " + ranges.str() +
               ", on the disk is not " + missing.str();
    }
  }
  return "";
}

class ReceiptTrace : public testing::Test {
 protected:
  ReceiptTrace() {
    log::write_to([](const log::Line& line) { return line.level != log::Level::error; });
  }
};

TEST_F(ReceiptTrace, EveryReceiptFollowsTheSyncOfWhatItNames) { EXPECT_EQ(early_receipt(true), ""); }

TEST_F(ReceiptTrace, ADiskThatSyncsNothingIsFoundOut) { EXPECT_NE(early_receipt(false), ""); }

}  // namespace
}  // namespace anlan::test
