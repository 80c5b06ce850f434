// The loop's side of a connection: its state, and who waits for what. paho_link.hpp is the other side.
#include "common/io/paho_client.hpp"

#include <map>
#include <utility>

#include "common/async/event.hpp"
#include "common/io/broker_uri.hpp"
#include "common/io/paho_link.hpp"
#include "common/io/resolve.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;  // only bounds waits, like Asio's timers; nobody sees its time

/// Outlives its PahoClient while a coroutine waits in it, or a callback destroys the client. Everything is on the loop.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(const asio::any_io_executor& executor, MqttOptions options)
      : options_(std::move(options)),
        inbox_(std::make_shared<PahoInbox>(executor)),
        link_(std::make_shared<PahoLink>(inbox_)) {}

  static asio::awaitable<Result<void>> connect(std::shared_ptr<Session> self, Millis timeout);
  static asio::awaitable<Result<void>> subscribe(std::shared_ptr<Session> self, std::vector<std::string> filters,
                                                 Millis timeout);
  static asio::awaitable<void> disconnect(std::shared_ptr<Session> self, Millis timeout);
  Result<void> publish(MqttPublish message);
  void close();

  std::function<void(MqttMessage)> on_message;
  std::function<void(std::string)> on_lost;

 private:
  struct Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : event(executor) {}
    Event event;
    std::optional<Result<void>> result;
  };
  enum class State { fresh, connecting, connected, ended };

  asio::awaitable<Result<void>> wait(PahoStep step, Millis timeout);
  void take(PahoNews news);
  void finish(PahoStep step, Result<void> result);
  void lose(std::string reason);

  const MqttOptions options_;
  const std::shared_ptr<PahoInbox> inbox_;
  const std::shared_ptr<PahoLink> link_;
  State state_ = State::fresh;
  std::map<PahoStep, Waiting*> waiting_;
};

Millis left_until(Clock::time_point until, Millis at_least) {
  return std::max(at_least, std::chrono::duration_cast<Millis>(until - Clock::now()));
}

// ---- news -----------------------------------------------------------------------------------------------------------

void Session::take(PahoNews news) {
  if (auto* done = std::get_if<PahoDone>(&news)) {
    finish(done->step, std::move(done->result));
  } else if (state_ == State::ended) {
    return;
  } else if (auto* message = std::get_if<MqttMessage>(&news)) {
    if (on_message) on_message(std::move(*message));
  } else {
    lose(std::move(std::get<PahoLost>(news).reason));
  }
}

void Session::finish(PahoStep step, Result<void> result) {
  if (step == PahoStep::connect && state_ == State::connecting) state_ = result ? State::connected : State::ended;
  const auto waiting = waiting_.find(step);
  if (waiting == waiting_.end() || waiting->second->result) return;
  waiting->second->result = std::move(result);
  waiting->second->event.set();
}

void Session::lose(std::string reason) {
  if (std::exchange(state_, State::ended) != State::connected) return;
  for (const PahoStep step : {PahoStep::subscribe, PahoStep::drained, PahoStep::disconnect})
    finish(step, fail(Errc::unavailable, "the connection was lost: " + reason));
  if (on_lost) on_lost(std::move(reason));
}

// ---- steps ----------------------------------------------------------------------------------------------------------

asio::awaitable<Result<void>> Session::wait(PahoStep step, Millis timeout) {
  Waiting waiting(inbox_->executor());
  waiting_[step] = &waiting;
  struct Forget {
    Session& session;
    PahoStep step;
    ~Forget() { session.waiting_.erase(step); }
  } const forget{*this, step};
  co_await waiting.event.wait(timeout);
  if (waiting.result) co_return std::move(*waiting.result);
  co_return fail(Errc::timeout, "no answer from the broker after " + to_words(timeout));
}

asio::awaitable<Result<void>> Session::connect(std::shared_ptr<Session> self, Millis timeout) {
  const std::string where = "connecting to " + self->options_.broker;
  if (self->state_ != State::fresh) co_return fail(Errc::closed, where + ": this connection was used before");
  self->state_ = State::connecting;
  self->inbox_->read_by([weak = self->weak_from_this()](PahoNews news) {
    if (const auto session = weak.lock()) session->take(std::move(news));
  });
  const auto uri = parse_broker_uri(self->options_.broker);
  if (!uri) co_return fail(uri.error());

  // Paho would hold its process-wide mutex during a look-up, so a dead name server would stop all connections. Behind
  // mqtts:// it needs the name for the certificate; there the look-up shows first that the name server answers.
  const auto until = Clock::now() + timeout;
  const auto found = co_await resolve(uri->host, timeout);
  if (!found) co_return fail(Error(found.error()).within(where));
  if (self->state_ != State::connecting) co_return fail(Errc::closed, where + ": closed meanwhile");
  const Millis left = left_until(until, Millis{1});
  PahoLink::Target target{.uri = uri->paho(uri->tls ? uri->host : found->front().to_string()),
                          .addresses = *found,
                          .port = uri->port,
                          .tls = uri->tls};
  self->link_->connect(std::move(target), self->options_, left);

  auto result = co_await self->wait(PahoStep::connect, left);
  if (result) co_return result;
  self->close();
  co_return fail(std::move(result.error()).within(where));
}

asio::awaitable<Result<void>> Session::subscribe(std::shared_ptr<Session> self, std::vector<std::string> filters,
                                                 Millis timeout) {
  const std::string where = "subscribing at " + self->options_.broker;
  if (self->state_ != State::connected) co_return fail(Errc::unavailable, where + ": not connected");
  if (self->waiting_.contains(PahoStep::subscribe))
    co_return fail(Errc::conflict, where + ": another subscription is under way");
  if (filters.empty()) co_return Result<void>{};
  self->link_->subscribe(std::move(filters));
  auto result = co_await self->wait(PahoStep::subscribe, timeout);
  if (result) co_return result;
  co_return fail(std::move(result.error()).within(where));
}

/// First what was handed over goes out, then the connection ends.
asio::awaitable<void> Session::disconnect(std::shared_ptr<Session> self, Millis timeout) {
  if (std::exchange(self->state_, State::ended) != State::connected) co_return;
  const auto until = Clock::now() + timeout;
  if (self->link_->drain()) static_cast<void>(co_await self->wait(PahoStep::drained, timeout));
  self->link_->disconnect();
  static_cast<void>(co_await self->wait(PahoStep::disconnect, left_until(until, Millis{50})));
  self->close();
}

Result<void> Session::publish(MqttPublish message) {
  const std::string where = "publishing " + message.topic + " at " + options_.broker;
  if (state_ != State::connected) return fail(Errc::unavailable, where + ": not connected");
  if (link_->publish(std::move(message))) return {};
  return fail(Errc::unavailable,
              where + ": " + std::to_string(link_->queued()) + " messages wait for the broker already");
}

void Session::close() {
  state_ = State::ended;
  for (const PahoStep step : {PahoStep::connect, PahoStep::subscribe, PahoStep::drained, PahoStep::disconnect})
    finish(step, fail(Errc::closed, "the connection was closed"));
  if (inbox_->close()) link_->drop();
}

// ---- the interface --------------------------------------------------------------------------------------------------

class PahoClient final : public MqttClient {
 public:
  PahoClient(const asio::any_io_executor& executor, MqttOptions options)
      : session_(std::make_shared<Session>(executor, std::move(options))) {}
  ~PahoClient() override { session_->close(); }

  asio::awaitable<Result<void>> connect(Millis timeout) override {
    session_->on_message = on_message;  // copies, so that a callback may destroy the client that holds it
    session_->on_lost = on_lost;
    return Session::connect(session_, timeout);
  }
  asio::awaitable<Result<void>> subscribe(std::vector<std::string> filters, Millis timeout) override {
    return Session::subscribe(session_, std::move(filters), timeout);
  }
  Result<void> publish(MqttPublish message) override { return session_->publish(std::move(message)); }
  asio::awaitable<void> disconnect(Millis timeout) override { return Session::disconnect(session_, timeout); }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace

MqttFactory paho_factory(asio::any_io_executor executor) {
  return [executor = std::move(executor)](MqttOptions options) -> std::unique_ptr<MqttClient> {
    return std::make_unique<PahoClient>(executor, std::move(options));
  };
}

}  // namespace anlan
