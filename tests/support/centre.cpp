#include "tests/support/centre.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/wire/codec.hpp"
#include "common/wire/topics.hpp"

namespace anlan::test {

using collector::Origin;

Result<std::unique_ptr<Centre>> Centre::start(const std::string& directory, ManualClock& clock, Sent sent) {
  auto stores = collector::open_stores(directory);
  if (!stores) return fail(std::move(stores.error()));
  return std::unique_ptr<Centre>(new Centre(std::move(*stores), clock, std::move(sent)));
}

Centre::Centre(collector::Stores stores, ManualClock& clock, Sent sent)
    : clock_(clock),
      identity_(stores.identity),
      records_(std::move(stores.records)),
      telemetry_(std::move(stores.telemetry)),
      pipeline_(
          records_->database(), {}, {{"duty-room", Level::orange}}, [] {}, clock.mono()),
      ingest_(std::make_unique<collector::Ingest>(io_.get_executor(), clock, *records_, telemetry_, identity_,
                                                  pipeline_, MqttOptions{}, 1000, broker_.factory(), metrics_, 1)) {
  broker_.on_publish = [sent = std::move(sent)](const MqttPublish& publish) {
    const auto message = decode(publish.payload);
    if (!message) throw std::logic_error("the centre says what nobody can read: " + message.error().message);
    if (publish.topic == topics::kCollectorState) return;
    constexpr auto site = sizeof "anlan/v1";  // anlan/v1/site/edge/down/…
    const auto edge = publish.topic.find('/', site) + 1, end = publish.topic.find('/', edge);
    sent({publish.topic.substr(edge, end - edge), publish.topic.substr(site, edge - 1 - site)}, *message);
  };
  boost::asio::co_spawn(io_, ingest_->run(), boost::asio::detached);
  until([this] { return ingest_->connected(); });
}

/// What runs on the records' worker uses the lane of events; the rest joins its own worker before what it uses goes.
Centre::~Centre() { records_->worker().join(); }

void Centre::say(const Origin& from, const Message& message) {
  auto frame = encode(message);
  if (!frame) throw std::logic_error("a message does not encode: " + frame.error().message);
  const auto* batch = std::get_if<RecordBatch>(&message);
  const bool bulk = batch && batch->records.front().id.place.stream == Stream::telemetry;
  const auto lane = bulk ? topics::Lane::backlog : topics::Lane::urgent;  // a backlog's receipts wait for nothing
  broker_.route({topics::up(from.site, from.edge, lane), std::move(*frame), false});
}

bool Centre::until(const std::function<bool()>& done) {
  // What edges say of their backlog, and receipts that wait for company, go at a pace; others sleep after a fault.
  constexpr std::size_t kResting = 2;
  run_until(io_, [&] { return done() || clock_.sleepers() > kResting; });
  return done();
}

}  // namespace anlan::test
