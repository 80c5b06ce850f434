#include "tests/crash/centre_night.hpp"

#include <algorithm>

namespace anlan::test {

using collector::Origin;

namespace {

EdgeScript script_of_a() {
  EdgeScript a("edge-a", "site-1", 10);
  a.start(1, {}, {});                                   // 0, 1
  a.alert(1, raised(1, Level::yellow));                 // 2
  const auto red = a.alert(1, raised(2, Level::red));   // 3
  a.alert(1, upgraded(1, 2, Level::orange));            // 4
  a.newer_event(1);                                     // 5
  a.gap(1, 40, 42);                                     // 6
  a.alert(1, cleared(1, 3));                            // 7
  const auto late = a.alert(1, raised(3, Level::red));  // 8
  a.alert(1, upgraded(3, 2, Level::red));               // 9
  a.samples(1, 20);
  a.newer_samples(1);
  a.samples(1, 3);
  a.start(2, {a.epoch(1)}, {red, late});   // 0
  a.alert(2, raised(4, Level::orange));    // 1
  a.alert(2, upgraded(4, 2, Level::red));  // 2
  a.samples(2, 8);
  return a;
}

EdgeScript script_of_b() {
  EdgeScript b("edge-b", "site-2", 20);
  b.start(1, {}, {});                    // 0, 1
  b.alert(1, raised(5, Level::orange));  // 2
  b.alert(1, cleared(5, 2));             // 3
  b.samples(1, 12);
  return b;
}

Hello first_hello(const Origin& origin, std::uint64_t number, std::vector<EpochEnd> ends) {
  Hello hello;
  hello.edge = origin.edge;
  hello.site = origin.site;
  hello.version = "0.1.0";
  hello.incarnation = {number, 1};
  hello.epoch = ends.back().epoch;
  hello.ends = std::move(ends);
  hello.at = at(0);
  return hello;
}

}  // namespace

Night::Night()
    : a_{{"edge-a", "site-1"}, script_of_a(), {}, {}, 0}, b_{{"edge-b", "site-2"}, script_of_b(), {}, {}, 0} {
  a_.hello = first_hello(a_.origin, 1, {{a_.script.epoch(1), 1, 10, 24}});
  b_.hello = first_hello(b_.origin, 2, {{b_.script.epoch(1), 1, 4, 12}});
}

// ---- the night ----------------------------------------------------------------------------------------------------

bool Night::run(const std::string& directory) {
  const bool done = open(directory) && evening() && open(directory) && after_the_restart() && new_generation(directory);
  centre_.reset();
  return done;
}

bool Night::open(const std::string& directory) {
  centre_.reset();
  auto started = Centre::start(directory, clock_, [this](const Origin& to, const Message& m) { heard(to, m); });
  if (!started) return false;
  centre_ = std::move(*started);
  return true;
}

bool Night::evening() {
  using enum Stream;
  const auto tidy = [&] {
    return centre_->write([](collector::TelemetryStore& s) { return s.compact(); }).has_value();
  };
  return greet(a_) && greet(b_) &&                                  //
         send({{a_, 1, event, 0, 2}, {b_, 1, telemetry, 0, 4}}) &&  // b's meaning is not known yet
         send({{a_, 1, event, 2, 4}, {a_, 1, telemetry, 0, 6}}) &&  //
         send({{b_, 1, event, 0, 2}, {b_, 1, telemetry, 2, 7}}) &&  // some of it again
         send({{a_, 1, event, 4, 6}, {a_, 1, telemetry, 4, 13}}) && tidy() && people() &&
         send({{a_, 1, event, 6, 8}, {a_, 1, telemetry, 13, 24}}) &&
         send({{b_, 1, event, 2, 4}, {b_, 1, telemetry, 7, 12}, {a_, 1, event, 2, 4}}) && tidy();
}

bool Night::after_the_restart() {
  using enum Stream;
  if (!greet(a_) || !greet(b_) || !send({{a_, 1, event, 8, 10}, {b_, 1, telemetry, 3, 9}})) return false;
  const auto held = a_.hello;  // now a restarts
  a_.hello = first_hello(a_.origin, 3, {{a_.script.epoch(1), 1, 10, 24}, {a_.script.epoch(2), 2, 3, 8}});
  a_.answered = 0;
  a_.hello.token = held.token;
  a_.hello.generation = held.generation;
  return greet(a_) && send({{a_, 2, event, 0, 3}, {a_, 2, telemetry, 0, 8}, {a_, 1, telemetry, 0, 6}});
}

bool Night::new_generation(const std::string& directory) {
  centre_.reset();
  auto stores = collector::open_stores(directory);
  if (!stores) return false;
  said_.new_generation = true;
  const auto begun = collector::begin_generation(*stores, "the night", {});
  if (!begun) return false;
  said_.new_generation = false;
  said_.store = begun->ref;
  stores = fail(Errc::unavailable, "closed");
  return open(directory) && greet(a_) && greet(b_) && send({{a_, 2, Stream::event, 0, 3}});
}

bool Night::greet(Edge& edge) {
  ++edge.hello.counter;
  centre_->say(edge.origin, edge.hello);
  if (!centre_->until([&] { return edge.answered == edge.hello.counter; })) return false;
  centre_->say(edge.origin, Confirm{edge.origin.edge, edge.hello.incarnation, *edge.hello.token});
  return true;
}

bool Night::send(const std::vector<Share>& shares) {
  for (const auto& [edge, epoch, stream, first, last] : shares) {
    const Place place{edge.script.epoch(epoch), stream};
    RecordBatch batch;
    for (std::uint64_t sequence = first; sequence < last; ++sequence)
      batch.records.push_back(edge.script.records().at({place, sequence}));
    edge.awaited[place].add(first, last);
    centre_->say(edge.origin, batch);
  }
  const auto all = [](const Edge& edge) {
    return std::ranges::all_of(edge.awaited, [](const auto& entry) { return entry.second.empty(); });
  };
  return centre_->until([&] { return all(a_) && all(b_); });
}

void Night::heard(const Origin& to, const Message& message) {
  if (on_sent) on_sent(to, message);
  Edge& edge = to == a_.origin ? a_ : b_;
  if (const auto* receipt = std::get_if<Receipt>(&message)) {
    said_.records[to][receipt->place].add(receipt->data);
    edge.awaited[receipt->place].remove(receipt->data);
    said_.store = receipt->store;
  } else if (const auto* answer = std::get_if<Answer>(&message); answer && answer->counter == edge.hello.counter) {
    for (const auto& [place, data] : answer->data) said_.records[to][place].add(data);
    said_.store = answer->store;
    edge.answered = answer->counter;
    edge.hello.token = answer->token;
    edge.hello.generation = answer->store.generation;
  }
}

// ---- people -------------------------------------------------------------------------------------------------------

bool Night::act(const std::string& what, const std::function<Result<void>(Database&, collector::Pipeline&)>& deed) {
  const bool done = centre_->act([&](Database& db, collector::Pipeline& p) { return deed(db, p); }).has_value();
  if (done) said_.acts.insert(what);
  return done;
}

/// Each of them may have been done before the power failed, and not have been answered: then there is nothing to do.
bool Night::people() {
  const auto acknowledge = [&](Database& db, collector::Pipeline& pipeline) -> Result<void> {
    const AlertId id{10, 2};
    const auto rows = db.query("SELECT revision, ack_name IS NULL FROM alert WHERE id = :p1", {id.hex()});
    if (rows.empty() || rows[0].integer(1) == 0) return {};
    return pipeline.acknowledge(db, id, {"李雷", collector::Role::EP}, "seen", rows[0].integer(0), clock_.wall());
  };
  const auto report = [&](Database& db, collector::Pipeline& pipeline) -> Result<void> {
    if (!db.query("SELECT 1 FROM hazard WHERE location = 'stairs'").empty()) return {};
    const auto made = pipeline.report(db, {.site = "site-1", .description = "loose grating", .location = "stairs"},
                                      {"韩梅", collector::Role::EM}, clock_.wall());
    if (!made) return fail(made.error());
    return {};
  };
  const auto deliver = [&](Database& db, collector::Pipeline&) -> Result<void> {
    collector::Outbox outbox(db);
    const auto due = outbox.next_due("duty-room", {}, clock_.wall());
    if (due && due->alert == AlertId{10, 2}) outbox.delivered(*due, clock_.wall());
    return {};
  };
  return act("acknowledged", acknowledge) && act("reported", report) && act("delivered", deliver);
}

// ---- the morning after --------------------------------------------------------------------------------------------

std::optional<std::vector<std::string>> Night::told_again(const std::string& directory) {
  const auto closed = [&] { return centre_.reset(), std::nullopt; };
  if (!open(directory)) return closed();
  a_.hello.epoch = a_.script.epoch(2);
  a_.hello.ends = {{a_.script.epoch(1), 1, 10, 24}, {a_.script.epoch(2), 2, 3, 8}};
  a_.hello.counter = b_.hello.counter = 100;
  a_.awaited.clear(), b_.awaited.clear();
  if (!greet(a_) || !greet(b_)) return closed();
  using enum Stream;
  if (!send({{b_, 1, event, 0, 4}, {b_, 1, telemetry, 0, 12}}) || !send({{a_, 1, event, 0, 10}}) || !people() ||
      !send({{a_, 1, telemetry, 0, 24}, {a_, 2, event, 0, 3}, {a_, 2, telemetry, 0, 8}}) || !greet(a_) || !greet(b_))
    return closed();
  centre_.reset();
  return facts_of(directory);
}

std::string Night::fault_in(const std::string& directory) const {
  try {
    return fault_of_books(directory, said_, {{a_.origin, &a_.script}, {b_.origin, &b_.script}});
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace anlan::test
