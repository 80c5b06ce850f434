#include "collector/ingest/event_lane.hpp"

#include <algorithm>

#include "collector/ingest/ingest_metrics.hpp"
#include "collector/ingest/loss_log.hpp"
#include "common/async/stopwatch.hpp"
#include "common/base/log.hpp"
#include "common/io/random.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kInbox = 20'000;
constexpr std::size_t kBatch = 256;
constexpr Millis kAfterFailure{1'000};

template <class T>
Result<EventBody> body_of(Result<T> decoded) {
  if (!decoded) return fail(std::move(decoded.error()));
  return EventBody{std::move(*decoded)};
}

/// Errors: unsupported (a kind or word that is newer than this program), malformed.
Result<EventBody> decode_body(const Record& record) {
  switch (record.kind) {
    case Kind::alert:
      return body_of(decode_alert(record.payload));
    case Kind::gap:
      return body_of(decode_gap(record.payload));
    case Kind::start:
      return body_of(decode_start(record.payload));
    case Kind::definition:
      return body_of(decode_definition(record.payload));
    case Kind::clock_step:
    case Kind::edge_event:
      return body_of(decode_edge_event(record.payload));
    case Kind::samples:
    case Kind::minutes:
      break;
  }
  return fail(Errc::unsupported, "record of kind " + std::to_string(static_cast<std::uint32_t>(record.kind)));
}

/// An epoch that has not said its ordinal yet is a new one: above all that are known.
std::uint64_t ordinal_of(const EdgeLedger& ledger, const Epoch& epoch) {
  if (const auto known = ledger.ordinals.find(epoch); known != ledger.ordinals.end()) return known->second;
  std::uint64_t most = 0;
  for (const auto& [other, ordinal] : ledger.ordinals) most = std::max(most, ordinal);
  return most + 1;
}

/// Message by message, then record by record.
std::vector<Incoming> taken_apart(std::vector<Incoming> batch) {
  auto* records = batch.size() == 1 ? std::get_if<RecordBatch>(&batch.front().message) : nullptr;
  if (!records || records->records.size() < 2) return batch;
  std::vector<Incoming> parts;
  for (Record& record : records->records) parts.push_back({batch.front().origin, RecordBatch{{std::move(record)}}});
  return parts;
}

}  // namespace

/// One batch on its way through the worker and back.
struct EventLane::Work {
  struct Edge {
    EdgeLedger before, after;
    std::set<DefinitionHash> wanted;
    bool refused = false, touched = false;
  };
  struct Greeting {
    Origin origin;
    Hello hello;
    bool stale = false;
  };
  struct Definitions {
    Origin origin;
    DefinitionHash hash;
    std::shared_ptr<const Definition> definition;
  };
  std::vector<Incoming> batch;
  WallTime now{};
  MonoTime mono{};
  bool quarantine = false;  // what cannot even be stored as understood is kept raw
  std::map<Origin, Edge> edges;
  std::vector<Greeting> greetings;
  std::map<Origin, std::map<Place, std::pair<RangeSet, RangeSet>>> receipts;  // data, quarantined
  std::vector<Definitions> definitions;
  std::map<std::string, int> counts, hellos;
};

/// The part that runs on the records' worker, inside the transaction.
struct EventLane::Step {
  Database& database;
  EventSink& sink;
  const StoreIdentity& identity;
  LogLimit& quiet;
  Work& work;

  /// A warning that comes from what an edge sends: once a minute for each edge.
  void warn(const Origin& origin, const char* what, std::string detail) {
    if (const auto left_out = quiet.pass(origin.edge + what, work.mono))
      log::warning("ingest", what, {{"edge", origin.edge}, {"detail", std::move(detail)}, {"left_out", *left_out}});
  }

  void run() {
    for (auto& [origin, edge] : work.edges)
      if (auto noted = note_edge(database, origin, work.now); !noted) {
        warn(origin, "an edge is refused", noted.error().message);
        edge.refused = true;
      }
    for (Incoming& incoming : work.batch) {
      Work::Edge& edge = work.edges.at(incoming.origin);
      if (edge.refused) {
        if (std::holds_alternative<Hello>(incoming.message)) ++work.hellos["refused"];
        continue;
      }
      if (auto* hello = std::get_if<Hello>(&incoming.message))
        take(incoming.origin, edge, std::move(*hello));
      else if (auto* confirm = std::get_if<Confirm>(&incoming.message))
        take(edge, *confirm);
      else if (auto* records = std::get_if<RecordBatch>(&incoming.message))
        for (const Record& record : records->records) take(incoming.origin, edge, record);
    }
    for (auto& [origin, edge] : work.edges) {
      if (edge.refused) continue;
      sink.on_unclear(database, origin, edge.after.losses_unknown() || has_quarantined(database, origin.edge),
                      work.now);
      save_ledger(database, origin.edge, edge.before, edge.after);
    }
  }

  void take(const Origin& origin, Work::Edge& edge, Hello hello) {
    if (hello.edge != origin.edge || hello.site != origin.site) {
      ++work.hellos["mismatched"];
      warn(origin, "a hello names another edge or site than its topic",
           hello.site + "/" + hello.edge + " on the topic of " + origin.site + "/" + origin.edge);
      return;
    }
    const auto outcome =
        take_hello(edge.after, hello, identity.ref.generation, identity.first, random_id<Token>(), work.now);
    ++work.hellos[outcome.old ? "old" : outcome.stale ? "stale" : "answered"];
    if (outcome.old) return;
    if (outcome.stale) warn(origin, "an edge looks like a restored buffer or a second box", "");
    if (outcome.overtaken) sink.on_two_boxes(database, origin, work.now);
    if (work.quarantine) {
      warn(origin, "what a hello says beside its records cannot be stored; it is answered all the same", "");
    } else {
      note_hello(database, hello, work.now);
      sink.on_hello(database, hello, work.now);
    }
    work.greetings.push_back({origin, std::move(hello), outcome.stale});
  }

  void take(Work::Edge& edge, const Confirm& confirm) {
    if (const auto suspicion = take_confirm(edge.after, confirm.token))
      edge.after.unknown_until = std::max(edge.after.unknown_until.value_or(*suspicion), *suspicion);
  }

  void take(const Origin& origin, Work::Edge& edge, const Record& record) {
    const Fate fate = take_record(edge.after, origin.edge, record);
    if (fate == Fate::damaged) {
      ++work.counts["damaged"];
      warn(origin, "a record fails its checksum; it is not receipted and comes again",
           "sequence " + std::to_string(record.id.sequence));
      return;
    }
    auto& [data, quarantined] = work.receipts[origin][record.id.place];
    data.add(record.id.sequence);
    ++work.counts[fate == Fate::duplicate ? "duplicate" : "fresh"];
    if (fate == Fate::duplicate) return;
    auto body = decode_body(record);
    const bool keep_raw = !body || work.quarantine;
    save_event(database, origin.edge, record, keep_raw, work.now);
    if (keep_raw) {
      quarantined.add(record.id.sequence);
      ++work.counts["quarantined"];
      warn(origin, "a record is kept raw",
           body ? "it cannot be stored as understood, kind " + std::to_string(static_cast<std::uint32_t>(record.kind))
                : body.error().message);
      return;
    }
    apply(origin, edge, record, *body);
  }

  void apply(const Origin& origin, Work::Edge& edge, const Record& record, const EventBody& body) {
    if (const auto* gap = std::get_if<Gap>(&body)) take_voids(edge.after, gap->voids, work.now);
    if (const auto* start = std::get_if<Start>(&body)) {
      take_voids(edge.after, start->losses, work.now);
      edge.after.ordinals[record.id.place.epoch] = start->ordinal;
    }
    if (const auto* gap = std::get_if<Gap>(&body)) note_losses(database, origin, *gap, work.now);
    if (const auto* definition = std::get_if<Definition>(&body)) define(origin, edge, record, *definition);
    sink.on_event(database, origin, record, body, work.now);
  }

  /// The points are those of the newest definition; an older one still tells what its samples mean.
  void define(const Origin& origin, const Work::Edge& edge, const Record& record, const Definition& definition) {
    save_definition(database, origin.edge, record.payload, work.now);
    work.definitions.push_back({origin, hash128(record.payload), std::make_shared<const Definition>(definition)});
    if (!advance_definition(database, origin.edge, ordinal_of(edge.after, record.id.place.epoch), record.id.sequence))
      return;
    const auto noted = note_points(database, origin, definition);
    for (const std::string& path : noted.refused) warn(origin, "a point of another site is refused", path);
    for (const std::string& path : noted.moved)
      warn(origin, "a point moved to another edge; it belongs to one edge at a time", path);
  }
};

EventLane::EventLane(boost::asio::any_io_executor executor, Clock& clock, Records& records, Ledgers& ledgers,
                     StoreIdentity identity, EventSink& sink, Reply reply, Learned learned, Metrics& metrics)
    : clock_(clock),
      records_(records),
      ledgers_(ledgers),
      identity_(identity),
      sink_(sink),
      reply_(std::move(reply)),
      learned_(std::move(learned)),
      metrics_(metrics),
      event_(executor) {}

bool EventLane::push(Incoming incoming) {
  if (inbox_.size() >= kInbox) return false;
  inbox_.push_back(std::move(incoming));
  event_.set();
  return true;
}

/// Rule 3: what an older version could not read may be plain to this one. Each record in a transaction of its own, so
/// that one which still cannot be taken holds up no other.
awaitable<void> EventLane::reconsider() {
  auto load = [](Database& database) -> Result<std::vector<QuarantinedEvent>> { return load_quarantined(database); };
  auto events = co_await records_.transact(std::move(load));
  if (!events) {
    log::error("ingest", "records kept raw cannot be read", {{"reason", events.error().message}});
    co_return;
  }
  for (QuarantinedEvent& event : *events) {
    auto body = decode_body(event.record);
    if (!body) continue;
    auto work = std::make_shared<Work>();
    work->now = clock_.wall();
    work->mono = clock_.mono();
    const Origin origin{event.edge, event.site};
    auto known = co_await ledgers_.of(origin.edge);
    if (!known) co_return;
    auto& edge = work->edges[origin] = {(*known)->ledger, (*known)->ledger, (*known)->wanted};
    auto take = [this, work, origin, &edge, record = event.record,
                 body = std::move(*body)](Database& database) -> Result<void> {
      Step step{database, sink_, identity_, quiet_, *work};
      mark_understood(database, origin.edge, record.id);
      step.apply(origin, edge, record, body);
      step.run();
      return {};
    };
    const auto taken = co_await records_.transact(std::move(take));
    if (taken)
      log::info("ingest", "a record that was kept raw is understood now",
                {{"edge", origin.edge}, {"kind", to_string(event.record.kind)}});
    if (taken) finish(*work);
  }
}

awaitable<void> EventLane::run() {
  co_await reconsider();
  while (true) {
    if (inbox_.empty()) {
      co_await event_.wait(Millis{60'000});
      continue;
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(inbox_.size(), kBatch));
    std::vector<Incoming> batch(std::make_move_iterator(inbox_.begin()),
                                std::make_move_iterator(inbox_.begin() + count));
    inbox_.erase(inbox_.begin(), inbox_.begin() + count);
    co_await process(std::move(batch), false);
  }
}

awaitable<bool> EventLane::load(Work& work) {
  for (const Incoming& incoming : work.batch) {
    if (work.edges.contains(incoming.origin)) continue;
    auto known = co_await ledgers_.of(incoming.origin.edge);
    if (!known) {
      log::error("ingest", "a batch of events waits for its next sending", {{"reason", known.error().message}});
      co_return false;
    }
    work.edges[incoming.origin] = {(*known)->ledger, (*known)->ledger, (*known)->wanted};
  }
  co_return true;
}

/// A batch that fails for what it holds, not for the disk, is taken apart; the record at fault, and nothing else, is
/// kept raw.
awaitable<void> EventLane::process(std::vector<Incoming> batch, bool quarantine) {
  auto work = std::make_shared<Work>();
  work->batch = batch;
  work->now = clock_.wall();
  work->mono = clock_.mono();
  work->quarantine = quarantine;
  if (!co_await load(*work)) {
    co_await clock_.sleep_for(kAfterFailure);
    co_return;
  }
  auto call = [this, work](Database& database) -> Result<void> {
    Step{database, sink_, identity_, quiet_, *work}.run();
    return {};
  };
  const Stopwatch watch;
  const auto done = co_await records_.transact(std::move(call));
  if (done) {
    metrics_.histogram(kStoreSeconds, {"events"}).observe(watch.seconds());
    co_return finish(*work);
  }
  metrics_.at(kStoreFailures, {"events"}).add();
  const Error& error = done.error();
  if (retryable(error.code) || error.code == Errc::storage_corrupt) {
    log::error("ingest", "events not stored; the edges send them again",
               {{"messages", batch.size()}, {"reason", error.message}});
    co_await clock_.sleep_for(kAfterFailure);
    co_return;
  }
  auto parts = taken_apart(std::move(batch));
  if (parts.size() == 1 && quarantine) {
    log::error("ingest", "a message that cannot be stored in any way is dropped",
               {{"edge", parts.front().origin.edge}, {"reason", error.message}});
    co_return;
  }
  const bool alone = parts.size() == 1;
  for (Incoming& part : parts) {
    std::vector<Incoming> one;
    one.push_back(std::move(part));
    co_await process(std::move(one), alone);
  }
}

void EventLane::finish(Work& work) {
  for (auto& [origin, edge] : work.edges)
    if (!edge.refused) ledgers_.committed(origin, std::move(edge.after));
  for (auto& learned : work.definitions) learned_(learned.origin, learned.hash, learned.definition);
  for (auto& [origin, places] : work.receipts)
    for (auto& [place, ranges] : places) reply_(origin, Receipt{identity_.ref, place, ranges.first, ranges.second});
  for (const auto& greeting : work.greetings)
    if (const auto* known = ledgers_.find(greeting.origin.edge)) {
      std::vector<DefinitionHash> wanted(known->wanted.begin(), known->wanted.end());
      reply_(greeting.origin,
             answer_to(known->ledger, greeting.hello, identity_.ref, std::move(wanted), greeting.stale));
    }
  for (const auto& [fate, count] : work.counts) metrics_.at(kEventRecords, {fate}).add(count);
  for (const auto& [fate, count] : work.hellos) metrics_.at(kHellos, {fate}).add(count);
  sink_.committed();
}

}  // namespace anlan::collector
