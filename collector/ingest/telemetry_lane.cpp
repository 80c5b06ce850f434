#include "collector/ingest/telemetry_lane.hpp"

#include <algorithm>
#include <limits>

#include "collector/ingest/ingest_metrics.hpp"
#include "collector/ingest/ledger_table.hpp"
#include "common/async/stopwatch.hpp"
#include "common/base/log.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/columns.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kBatchSamples = 200'000, kBatchParcels = 4096;
constexpr std::size_t kRawPage = 500;
constexpr Millis kAfterFailure{1'000};
constexpr Millis kGather{100};  // live telemetry comes little by little, and a write costs a sync of the disk
constexpr std::size_t kWorthAWrite = 1 << 20;  // bytes

std::size_t bytes_of(const std::vector<Record>& records) {
  std::size_t bytes = 0;
  for (const Record& record : records) bytes += record.payload.size() + sizeof(Record);
  return bytes;
}

std::size_t samples_of(const std::vector<Record>& records) {
  std::size_t samples = 0;
  for (const Record& record : records) samples += record.samples;
  return samples;
}

/// Errors: unsupported, malformed, too_large (more than it says it has): it is kept raw.
Result<Samples> samples_in(const Record& record) {
  if (record.kind == Kind::samples || record.kind == Kind::minutes)
    return decode_samples(record.payload, record.samples);
  return fail(Errc::unsupported, "telemetry of kind " + std::to_string(static_cast<std::uint32_t>(record.kind)));
}

/// Every sample is of a point that there is, and of the edge's own site (rule 15).
bool points_fit(const std::vector<Sample>& samples, const Definition& definition, const std::string& site) {
  std::uint32_t seen = ~std::uint32_t{0};  // samples stand by point: few are compared
  return std::ranges::all_of(samples, [&](const Sample& sample) {
    if (sample.point == seen) return true;
    seen = sample.point;
    return sample.point < definition.points.size() && definition.points[sample.point].path.site == site;
  });
}

std::optional<DecodedRecord> join(const Origin& origin, const Record& record, const EdgeLedger& ledger, Samples samples,
                                  std::shared_ptr<const Definition> definition) {
  if (!points_fit(samples.samples, *definition, origin.site)) return std::nullopt;
  const auto known = ledger.ordinals.find(record.id.place.epoch);
  const std::uint64_t ordinal = known == ledger.ordinals.end() ? 0 : known->second;
  const bool in_columns = record.payload.starts_with(wire::kColumns);
  return DecodedRecord{origin.edge,
                       record.id,
                       ordinal,
                       samples.definition,
                       std::move(definition),
                       std::move(samples.samples),
                       in_columns ? record.payload : std::string()};
}

}  // namespace

struct TelemetryLane::Work {
  TelemetryBatch batch;
  std::map<Origin, RangesByPlace> data;  // new ranges by edge, as they will be
  std::map<Origin, RangesByPlace> receipts, quarantined;
  std::map<std::string, std::set<DefinitionHash>> wanted;
  std::size_t fresh = 0, duplicate = 0, damaged = 0, raw = 0, samples = 0;
};

TelemetryLane::TelemetryLane(boost::asio::any_io_executor executor, Clock& clock, Records& records,
                             AsyncTelemetry& telemetry, Ledgers& ledgers, StoreRef store, Reply reply, Metrics& metrics)
    : clock_(clock),
      records_(records),
      telemetry_(telemetry),
      ledgers_(ledgers),
      store_(store),
      reply_(std::move(reply)),
      metrics_(metrics),
      event_(executor) {}

bool TelemetryLane::push(const Origin& origin, std::vector<Record> records, bool at_once) {
  const std::size_t bytes = bytes_of(records);
  if (held_ || inbox_bytes_ + bytes > kInboxBytes) return false;
  inbox_bytes_ += bytes;
  at_once_ = at_once_ || at_once || inbox_bytes_ > kWorthAWrite;
  inbox_.push_back({origin, std::move(records)});
  event_.set();
  return true;
}

void TelemetryLane::learned(const Origin& origin, const DefinitionHash& hash,
                            std::shared_ptr<const Definition> definition) {
  definitions_[hash] = std::move(definition);
  lessons_.push_back({origin, hash});
  event_.set();
}

awaitable<void> TelemetryLane::run() {
  co_await reconsider();
  while (true) {
    while (!lessons_.empty()) {
      Lesson lesson = std::move(lessons_.front());
      lessons_.pop_front();
      co_await decode_waiting(std::move(lesson));
    }
    if (!inbox_.empty() && !at_once_) co_await clock_.sleep_for(kGather);
    if (inbox_.empty())
      co_await event_.wait(Millis{60'000});
    else
      co_await process(next_parcels(), false);
  }
}

std::vector<TelemetryLane::Parcel> TelemetryLane::next_parcels() {
  std::vector<Parcel> parcels;
  for (std::size_t samples = 0; !inbox_.empty() && samples < kBatchSamples && parcels.size() < kBatchParcels;) {
    samples += samples_of(inbox_.front().records);
    inbox_bytes_ -= std::min(inbox_bytes_, bytes_of(inbox_.front().records));
    parcels.push_back(std::move(inbox_.front()));
    inbox_.pop_front();
  }
  at_once_ = !inbox_.empty();
  return parcels;
}

awaitable<std::shared_ptr<const Definition>> TelemetryLane::definition(DefinitionHash hash) {
  if (const auto found = definitions_.find(hash); found != definitions_.end()) co_return found->second;
  auto load = [hash](Database& database) -> Result<std::optional<Definition>> {
    return load_definition(database, hash);
  };
  auto loaded = co_await records_.read(std::move(load));
  if (!loaded || !*loaded) co_return nullptr;
  co_return definitions_.emplace(hash, std::make_shared<const Definition>(std::move(**loaded))).first->second;
}

/// Sorts one parcel into the batch; with `quarantine` all of it raw. False where the edge's ledger cannot be loaded.
awaitable<bool> TelemetryLane::prepare(Work& work, const Parcel& parcel, bool quarantine) {
  auto known = co_await ledgers_.of(parcel.origin.edge);
  if (!known) {
    log::error("ingest", "samples wait for their next sending", {{"reason", known.error().message}});
    co_return false;
  }
  if ((*known)->site != parcel.origin.site) {  // rule 15; one that has not greeted yet sends them again
    if (const auto left_out = quiet_.pass(parcel.origin.edge, clock_.mono()))
      log::warning("ingest", "samples of an edge that is not known at this site are left",
                   {{"edge", parcel.origin.edge}, {"site", parcel.origin.site}, {"left_out", *left_out}});
    co_return true;
  }
  for (const Record& record : parcel.records) {
    const Place place = record.id.place;
    auto& ranges = work.data[parcel.origin];
    if (!ranges.contains(place)) ranges[place] = (*known)->ledger.data[place];
    if (checksum(parcel.origin.edge, record) != record.checksum) {  // rule 4: not receipted, it comes again
      ++work.damaged;
      continue;
    }
    work.receipts[parcel.origin][place].add(record.id.sequence);
    if (ranges[place].contains(record.id.sequence)) {
      ++work.duplicate;
      continue;
    }
    ranges[place].add(record.id.sequence);
    ++work.fresh;
    auto samples = samples_in(record);
    auto meaning = samples && !quarantine ? co_await definition(samples->definition) : nullptr;
    if (samples && !quarantine && !meaning) {
      work.wanted[parcel.origin.edge].insert(samples->definition);
      work.batch.raw.push_back({parcel.origin.edge, record, samples->definition});
      continue;
    }
    std::optional<DecodedRecord> decoded;
    if (meaning) decoded = join(parcel.origin, record, (*known)->ledger, std::move(*samples), std::move(meaning));
    if (decoded) {
      work.samples += decoded->samples.size();
      work.batch.decoded.push_back(std::move(*decoded));
    } else {
      ++work.raw;
      work.quarantined[parcel.origin][place].add(record.id.sequence);
      work.batch.raw.push_back({parcel.origin.edge, record, std::nullopt});
    }
  }
  co_return true;
}

/// Parcel by parcel, then record by record.
std::vector<TelemetryLane::Parcel> TelemetryLane::taken_apart(std::vector<Parcel> parcels) {
  if (parcels.size() != 1 || parcels.front().records.size() < 2) return parcels;
  std::vector<Parcel> parts;
  for (Record& record : parcels.front().records) parts.push_back({parcels.front().origin, {std::move(record)}});
  return parts;
}

/// As in the lane of events: what fails for what it holds is taken apart, and the record at fault is kept raw.
awaitable<void> TelemetryLane::process(std::vector<Parcel> parcels, bool quarantine) {
  auto work = std::make_shared<Work>();
  for (const Parcel& parcel : parcels)
    if (!co_await prepare(*work, parcel, quarantine)) {
      co_await clock_.sleep_for(kAfterFailure);
      co_return;
    }
  for (const auto& [origin, ranges] : work->data)
    for (const auto& [place, data] : ranges) work->batch.ranges.push_back({origin.edge, place, data});
  auto write = [work](TelemetryStore& store) { return store.write(work->batch); };
  const Stopwatch watch;
  const auto written = co_await telemetry_.write(std::move(write));
  if (written) {
    metrics_.histogram(kStoreSeconds, {"telemetry"}).observe(watch.seconds());
    co_return finish(*work);
  }
  metrics_.at(kStoreFailures, {"telemetry"}).add();
  const Error& error = written.error();
  if (retryable(error.code) || error.code == Errc::storage_corrupt) {
    log::error("ingest", "samples not stored; the edges send them again",
               {{"records", work->fresh}, {"reason", error.message}});
    co_await clock_.sleep_for(kAfterFailure);
    co_return;
  }
  auto parts = taken_apart(std::move(parcels));
  if (parts.size() == 1 && quarantine) {
    log::error("ingest", "a record that cannot be stored in any way is dropped",
               {{"edge", parts.front().origin.edge}, {"reason", error.message}});
    co_return;
  }
  const bool alone = parts.size() == 1;
  for (Parcel& part : parts) {
    std::vector<Parcel> one;
    one.push_back(std::move(part));
    co_await process(std::move(one), alone);
  }
}

void TelemetryLane::finish(Work& work) {
  for (auto& [origin, ranges] : work.data)
    for (auto& [place, data] : ranges) {
      EdgeLedger& ledger = ledgers_.find(origin.edge)->ledger;
      if (!data.empty()) ledger.ends[place] = std::max(ledger.ends[place], data.ranges().back().last);
      ledger.data[place] = std::move(data);
    }
  for (auto& [edge, hashes] : work.wanted) ledgers_.find(edge)->wanted.insert(hashes.begin(), hashes.end());
  for (auto& [origin, places] : work.receipts)
    for (auto& [place, data] : places)
      reply_(origin, Receipt{store_, place, std::move(data), std::move(work.quarantined[origin][place])});
  const auto count = [&](std::string_view fate, std::size_t n) {
    metrics_.at(kTelemetryRecords, {fate}).add(static_cast<double>(n));
  };
  count("fresh", work.fresh);
  count("duplicate", work.duplicate);
  count("damaged", work.damaged);
  count("quarantined", work.raw);
  metrics_.at(kSamplesStored).add(static_cast<double>(work.samples));
}

/// Rule 3: what an older version could not read may be plain to this one.
awaitable<void> TelemetryLane::reconsider() {
  auto list = [](Database& database) -> Result<std::vector<EdgeRow>> {
    return list_edges(database, "", "", std::numeric_limits<int>::max());
  };
  const auto edges = co_await records_.read(std::move(list));
  if (!edges)
    co_return log::error("ingest", "samples kept raw cannot be looked at", {{"reason", edges.error().message}});
  for (const EdgeRow& edge : *edges) {
    if (auto known = co_await ledgers_.of(edge.id); !known) continue;
    std::optional<RecordId> after;
    while (co_await reconsider_page({edge.id, edge.site}, after)) {
    }
  }
}

awaitable<bool> TelemetryLane::reconsider_page(const Origin& origin, std::optional<RecordId>& after) {
  auto read = [origin, after](TelemetryStore& store) { return store.raw(origin.edge, std::nullopt, after, kRawPage); };
  const auto page = co_await telemetry_.write(std::move(read));
  if (!page || page->empty()) co_return false;
  auto decoded = std::make_shared<std::vector<DecodedRecord>>();
  for (const RawRecord& raw : *page) {
    after = raw.record.id;
    auto samples = samples_in(raw.record);
    auto meaning = samples ? co_await definition(samples->definition) : nullptr;
    if (!meaning) continue;
    if (auto joined =
            join(origin, raw.record, ledgers_.find(origin.edge)->ledger, std::move(*samples), std::move(meaning)))
      decoded->push_back(std::move(*joined));
  }
  if (decoded->empty()) co_return true;
  auto replace = [decoded](TelemetryStore& store) { return store.replace_raw(*decoded); };
  const auto replaced = co_await telemetry_.write(std::move(replace));
  if (replaced)
    log::info("ingest", "samples that were kept raw are understood now",
              {{"edge", origin.edge}, {"records", *replaced}});
  else
    log::error("ingest", "samples kept raw stay so", {{"edge", origin.edge}, {"reason", replaced.error().message}});
  co_return true;
}

/// Raw records that lacked this definition take their place among the decoded.
awaitable<void> TelemetryLane::decode_waiting(Lesson lesson) {
  auto known = co_await ledgers_.of(lesson.origin.edge);
  if (!known || !(*known)->wanted.contains(lesson.hash)) co_return;
  std::optional<RecordId> after;
  while (co_await decode_page(lesson, after)) {
  }
}

awaitable<bool> TelemetryLane::decode_page(const Lesson& lesson, std::optional<RecordId>& after) {
  auto read = [lesson, after](TelemetryStore& store) {
    return store.raw(lesson.origin.edge, lesson.hash, after, kRawPage);
  };
  auto page = co_await telemetry_.write(std::move(read));
  if (page && page->empty()) {
    ledgers_.find(lesson.origin.edge)->wanted.erase(lesson.hash);
    co_return false;
  }
  auto meaning = co_await definition(lesson.hash);
  if (!page || !meaning) co_return false;
  auto decoded = std::make_shared<std::vector<DecodedRecord>>();
  const EdgeLedger& ledger = ledgers_.find(lesson.origin.edge)->ledger;
  for (const RawRecord& raw : *page) {
    after = raw.record.id;
    auto samples = samples_in(raw.record);
    if (!samples) continue;
    if (auto joined = join(lesson.origin, raw.record, ledger, std::move(*samples), meaning))
      decoded->push_back(std::move(*joined));
  }
  auto replace = [decoded](TelemetryStore& store) { return store.replace_raw(*decoded); };
  const auto replaced = co_await telemetry_.write(std::move(replace));
  if (replaced) {
    log::info("ingest", "samples decoded that waited for their definition",
              {{"edge", lesson.origin.edge}, {"records", *replaced}});
    co_return true;
  }
  log::error("ingest", "samples still wait for their definition", {{"reason", replaced.error().message}});
  co_return false;
}

}  // namespace anlan::collector
