// Three kinds of thread meet here. The loop owns PahoClient and everything named `loop_`. Paho's own two threads, one
// pair per process, call the listeners while they hold Paho's process-wide mutex: they only put news into an inbox.
// Calls into Paho can wait for that mutex, so they run on one worker thread, never on the loop.
#include "common/io/paho_client.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mqtt/async_client.h>
#include <openssl/crypto.h>

#include "common/async/event.hpp"
#include "common/base/log.hpp"
#include "common/io/broker_uri.hpp"
#include "common/io/no_delay.hpp"
#include "common/io/paho_bell.hpp"
#include "common/io/resolve.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;  // only bounds waits, like Asio's timers; nobody sees its time

/// The one door to Paho, whose state is process-wide. The idle client is never destroyed, because Paho would end its
/// threads with the last connection: that takes a second each time, and a connection made meanwhile would be lost
/// (MQTTAsync_terminate). So the threads end with the process. It also holds the bell (paho_bell.hpp), which is rung
/// ever more rarely for a second while anything is unfinished.
class PahoThread {
 public:
  static PahoThread& instance() {
    static PahoThread one;
    return one;
  }

  void post(std::move_only_function<void()> call) { asio::post(pool_, std::move(call)); }

  /// On this thread: something was handed to Paho just now.
  void begun() {
    unfinished_.fetch_add(1, std::memory_order_relaxed);
    step_ = kFirstRing;
    if (!armed_ || timer_.expiry() > Clock::now() + kFirstRing) arm();
  }
  /// On any thread: Paho has done with `count` such things.
  void finished(std::size_t count = 1) { unfinished_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  static constexpr Millis kFirstRing{2}, kLastRing{512};

  PahoThread() {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);  // its cleanup at exit would pull Paho's threads' state away
    post([this] { hang_bell(); });
  }

  void hang_bell() {
    const std::string id = "anlan-bell-" + std::to_string(::getpid()) + "-" + std::to_string(std::random_device{}());
    const auto port = bell_.listen();
    idle_ = new mqtt::async_client("tcp://127.0.0.1:" + std::to_string(port ? *port : 1), id,
                                   mqtt::create_options(MQTTVERSION_3_1_1));
    if (!port) return log::warning("mqtt", "connections may be a second slow", {{"error", port.error().message}});
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_3_1_1);
    options.set_keep_alive_interval(0);
    idle_->connect(options);
    if (const auto welcome = bell_.welcome(id); !welcome)
      log::warning("mqtt", "connections may be a second slow", {{"error", welcome.error().message}});
  }

  void ring() {
    bell_.ring();
    try {
      if (idle_->is_connected()) idle_->publish("bell", "", 0, 0, false);
    } catch (const mqtt::exception&) {  // its queue is full: the sender is awake
    }
  }

  void arm() {
    armed_ = true;
    timer_.expires_after(step_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      armed_ = false;
      if (unfinished_.load(std::memory_order_relaxed) == 0) return;
      ring();
      step_ *= 2;
      if (step_ <= kLastRing) arm();
    });
  }

  BellSocket bell_;
  mqtt::async_client* idle_ = nullptr;
  std::atomic<std::size_t> unfinished_ = 0;
  Millis step_ = kFirstRing;
  bool armed_ = false;
  asio::thread_pool pool_{1};
  asio::steady_timer timer_{pool_};
};

constexpr std::size_t kMostInFlight = 256;

enum class Step { connect, subscribe, drain, disconnect };

struct Done {
  Step step;
  Result<void> result;
};
struct Lost {
  std::string reason;
};
using News = std::variant<MqttMessage, Done, Lost>;

Result<void> outcome(const mqtt::token& token) {
  const int reason = static_cast<int>(token.get_reason_code());
  const int code = reason >= 0x80 ? reason : token.get_return_code();
  switch (code) {
    case 0x85:
      return fail(Errc::refused, "the broker refuses the client id");
    case 0x86:
      return fail(Errc::refused, "the broker refuses user name or password");
    case 0x87:
      return fail(Errc::refused, "the broker does not authorise this client");
    case 0x8A:
      return fail(Errc::refused, "the broker has banned this client");
    default:
      break;
  }
  return fail(Errc::unavailable, mqtt::exception::printable_error(token.get_return_code(), reason));
}

Result<void> subscribed(const mqtt::token& token) {
  for (const auto reason : token.get_subscribe_response().get_reason_codes())
    if (static_cast<int>(reason) >= 0x80)
      return fail(Errc::refused, "the broker refuses a subscription (code " + std::to_string(reason) + ")");
  return {};
}

/// What is shared between a PahoClient and the threads. Lives until nobody can call into it any more: while the Paho
/// client exists, `self_` keeps it alive.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::any_io_executor executor, MqttOptions options)
      : options_(std::move(options)), executor_(std::move(executor)) {}

  // ---- the loop ----
  static asio::awaitable<Result<void>> connect(std::shared_ptr<Session> self, Millis timeout);
  static asio::awaitable<Result<void>> subscribe(std::shared_ptr<Session> self, std::vector<std::string> filters,
                                                 Millis timeout);
  static asio::awaitable<void> disconnect(std::shared_ptr<Session> self, Millis timeout);
  Result<void> publish(MqttPublish message);
  void close();
  std::function<void(MqttMessage)> loop_on_message;
  std::function<void(std::string)> loop_on_lost;

 private:
  struct Listener final : mqtt::iaction_listener {
    Listener(Session& s, Step st) : session(s), step(st) {}
    void on_failure(const mqtt::token& token) override {
      session.one_finished();
      session.tell(Done{step, outcome(token)});
    }
    void on_success(const mqtt::token& token) override {
      session.one_finished();
      if (step == Step::connect) session.connected(token);
      session.tell(Done{step, step == Step::subscribe ? subscribed(token) : Result<void>{}});
    }
    Session& session;
    Step step;
  };
  struct SentListener final : mqtt::iaction_listener {
    explicit SentListener(Session& s) : session(s) {}
    void on_failure(const mqtt::token& token) override { session.sent(token); }
    void on_success(const mqtt::token& token) override { session.sent(token); }
    Session& session;
  };
  struct Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : event(executor) {}
    Event event;
    std::optional<Result<void>> result;
  };
  enum class State { fresh, connecting, connected, ended };

  // ---- the loop ----
  asio::awaitable<Result<void>> wait(Step step, Millis timeout);
  std::size_t queued();
  void drain();
  void take(News news);
  void finish(Step step, Result<void> result);
  void lose(std::string reason);

  // ---- the worker ----
  void open(const std::string& uri, const BrokerUri& broker, Millis timeout);
  void send(MqttPublish message);
  void send_waiting();
  void drop();

  // ---- Paho's threads and the worker ----
  void tell(News news);
  void connected(const mqtt::token& token);
  void take_window(const mqtt::token& token);
  void sent(const mqtt::token& token);
  void forget(std::size_t bytes);
  void one_begun();
  void one_finished();

  const MqttOptions options_;
  const asio::any_io_executor executor_;

  State loop_state_ = State::fresh;
  std::map<Step, Waiting*> loop_waiting_;

  std::mutex mutex_;  // guards what follows, up to the worker's
  bool open_ = true;  // false: nothing may be posted to the executor any more
  std::vector<News> inbox_;
  bool posted_ = false;                        // a drain() is under way
  std::size_t queued_ = 0, queued_bytes_ = 0;  // taken by publish(), not yet by the broker
  std::size_t in_flight_ = 0;                  // of those, in Paho's hands
  std::size_t window_ = 1;                     // most in_flight_
  std::size_t unfinished_ = 0;                 // whatever Paho has not done with

  std::vector<asio::ip::address> addresses_;  // of the broker; set by the loop before the worker is asked
  std::uint16_t port_ = 0;
  std::deque<MqttPublish> waiting_;       // the worker's: not yet in Paho's hands
  mqtt::async_client* client_ = nullptr;  // the worker's
  std::shared_ptr<Session> self_;         // the worker's
  Listener on_connect_{*this, Step::connect}, on_subscribe_{*this, Step::subscribe}, on_end_{*this, Step::disconnect};
  SentListener on_sent_{*this};
};

// ---- news, from any thread to the loop ------------------------------------------------------------------------------

void Session::tell(News news) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  inbox_.push_back(std::move(news));
  if (std::exchange(posted_, true)) return;
  asio::post(executor_, [self = shared_from_this()] { self->drain(); });
}

/// Before the loop hears of it, so before anything is published: Paho has no option for it.
void Session::connected(const mqtt::token& token) {
  take_window(token);
  PahoThread::instance().post([self = shared_from_this()] { set_no_delay(self->addresses_, self->port_); });
}

/// How many messages the broker takes at once. Paho keeps to it too, but looks only once a second whether it may go on.
void Session::take_window(const mqtt::token& token) {
  const auto response = token.get_connect_response();
  const auto& said = response.get_properties();
  const std::lock_guard lock(mutex_);
  window_ = kMostInFlight;
  if (said.contains(mqtt::property::RECEIVE_MAXIMUM))
    window_ = std::min<std::size_t>(window_, mqtt::get<std::uint16_t>(said, mqtt::property::RECEIVE_MAXIMUM));
}

void Session::sent(const mqtt::token& token) {
  forget(static_cast<const mqtt::delivery_token&>(token).get_message()->get_payload().size());
  const std::lock_guard lock(mutex_);
  if (open_) PahoThread::instance().post([self = shared_from_this()] { self->send_waiting(); });
}

void Session::forget(std::size_t bytes) {
  one_finished();
  bool empty = false;
  {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    empty = --queued_ == 0;
    queued_bytes_ -= bytes;
  }
  if (empty) tell(Done{Step::drain, {}});
}

void Session::one_begun() {
  {
    const std::lock_guard lock(mutex_);
    ++unfinished_;
  }
  PahoThread::instance().begun();
}

void Session::one_finished() {
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }
  PahoThread::instance().finished();
}

void Session::drain() {
  std::vector<News> news;
  {
    const std::lock_guard lock(mutex_);
    news.swap(inbox_);
    posted_ = false;
  }
  for (News& one : news) {
    if (loop_state_ == State::ended && !std::holds_alternative<Done>(one)) continue;
    take(std::move(one));
  }
}

void Session::take(News news) {
  if (auto* message = std::get_if<MqttMessage>(&news)) {
    if (loop_on_message) loop_on_message(std::move(*message));
  } else if (auto* done = std::get_if<Done>(&news)) {
    finish(done->step, std::move(done->result));
  } else {
    lose(std::move(std::get<Lost>(news).reason));
  }
}

void Session::finish(Step step, Result<void> result) {
  if (step == Step::connect && loop_state_ == State::connecting) loop_state_ = result ? State::connected : State::ended;
  const auto waiting = loop_waiting_.find(step);
  if (waiting == loop_waiting_.end() || waiting->second->result) return;
  waiting->second->result = std::move(result);
  waiting->second->event.set();
}

void Session::lose(std::string reason) {
  if (std::exchange(loop_state_, State::ended) != State::connected) return;
  for (const Step step : {Step::subscribe, Step::drain, Step::disconnect})
    finish(step, fail(Errc::unavailable, "the connection was lost: " + reason));
  if (loop_on_lost) loop_on_lost(std::move(reason));
}

// ---- the loop's side ------------------------------------------------------------------------------------------------

asio::awaitable<Result<void>> Session::wait(Step step, Millis timeout) {
  Waiting waiting(executor_);
  loop_waiting_[step] = &waiting;
  struct Forget {
    Session& session;
    Step step;
    ~Forget() { session.loop_waiting_.erase(step); }
  } const forget{*this, step};
  co_await waiting.event.wait(timeout);
  if (waiting.result) co_return std::move(*waiting.result);
  co_return fail(Errc::timeout, "no answer from the broker after " + to_words(timeout));
}

asio::awaitable<Result<void>> Session::connect(std::shared_ptr<Session> self, Millis timeout) {
  const std::string where = "connecting to " + self->options_.broker;
  if (self->loop_state_ != State::fresh) co_return fail(Errc::closed, where + ": this connection was used before");
  self->loop_state_ = State::connecting;
  const auto uri = parse_broker_uri(self->options_.broker);
  if (!uri) co_return fail(uri.error());

  // Paho would hold its process-wide mutex during a look-up, so a dead name server would stop all connections. Behind
  // mqtts:// it needs the name for the certificate; there the look-up shows first that the name server answers.
  const auto until = Clock::now() + timeout;
  const auto found = co_await resolve(uri->host, timeout);
  if (!found) co_return fail(Error(found.error()).within(where));
  if (self->loop_state_ != State::connecting) co_return fail(Errc::closed, where + ": closed meanwhile");
  self->addresses_ = *found;
  self->port_ = uri->port;
  const auto left = std::max(Millis{1}, std::chrono::duration_cast<Millis>(until - Clock::now()));
  const std::string address = uri->paho(uri->tls ? uri->host : found->front().to_string());
  PahoThread::instance().post([self, address, uri = *uri, left] { self->open(address, uri, left); });

  auto result = co_await self->wait(Step::connect, left);
  if (result) co_return result;
  self->loop_state_ = State::ended;
  co_return fail(std::move(result.error()).within(where));
}

asio::awaitable<Result<void>> Session::subscribe(std::shared_ptr<Session> self, std::vector<std::string> filters,
                                                 Millis timeout) {
  const std::string where = "subscribing at " + self->options_.broker;
  if (self->loop_state_ != State::connected) co_return fail(Errc::unavailable, where + ": not connected");
  if (self->loop_waiting_.contains(Step::subscribe))
    co_return fail(Errc::conflict, where + ": another subscription is under way");
  if (filters.empty()) co_return Result<void>{};
  PahoThread::instance().post([self, filters = std::move(filters)]() mutable {
    try {
      const mqtt::iasync_client::qos_collection qos(filters.size(), 1);
      const auto topics = mqtt::string_collection::create(std::move(filters));
      if (self->client_ == nullptr) return;
      self->one_begun();
      self->client_->subscribe(topics, qos, nullptr, self->on_subscribe_);
    } catch (const mqtt::exception& e) {
      self->one_finished();
      self->tell(Done{Step::subscribe, fail(Errc::unavailable, e.to_string())});
    }
  });
  auto result = co_await self->wait(Step::subscribe, timeout);
  if (result) co_return result;
  co_return fail(std::move(result.error()).within(where));
}

/// First what was handed over goes out, then Paho closes: its own waiting for that takes up to three seconds.
asio::awaitable<void> Session::disconnect(std::shared_ptr<Session> self, Millis timeout) {
  if (std::exchange(self->loop_state_, State::ended) != State::connected) co_return;
  const auto until = Clock::now() + timeout;
  if (self->queued() > 0) static_cast<void>(co_await self->wait(Step::drain, timeout));
  PahoThread::instance().post([self] {
    if (self->client_ == nullptr) return;
    self->one_begun();
    try {
      self->client_->disconnect(0, nullptr, self->on_end_);
    } catch (const mqtt::exception& e) {
      self->one_finished();
      self->tell(Done{Step::disconnect, fail(Errc::unavailable, e.to_string())});
    }
  });
  const auto left = std::max(Millis{50}, std::chrono::duration_cast<Millis>(until - Clock::now()));
  static_cast<void>(co_await self->wait(Step::disconnect, left));
  self->close();
}

std::size_t Session::queued() {
  const std::lock_guard lock(mutex_);
  return queued_;
}

Result<void> Session::publish(MqttPublish message) {
  if (loop_state_ != State::connected)
    return fail(Errc::unavailable, "publishing " + message.topic + " at " + options_.broker + ": not connected");
  {
    const std::lock_guard lock(mutex_);
    if (queued_ >= kMqttQueueMessages || queued_bytes_ + message.payload.size() > kMqttQueueBytes)
      return fail(Errc::unavailable, "publishing " + message.topic + " at " + options_.broker + ": " +
                                         std::to_string(queued_) + " messages wait already for the broker");
    ++queued_;
    queued_bytes_ += message.payload.size();
  }
  PahoThread::instance().post(
      [self = shared_from_this(), message = std::move(message)]() mutable { self->send(std::move(message)); });
  return {};
}

void Session::close() {
  loop_state_ = State::ended;
  for (const Step step : {Step::connect, Step::subscribe, Step::drain, Step::disconnect})
    finish(step, fail(Errc::closed, "the connection was closed"));
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(open_, false)) return;
  }
  PahoThread::instance().post([self = shared_from_this()] { self->drop(); });
}

// ---- the worker's side ----------------------------------------------------------------------------------------------

mqtt::properties expiry_of(const MqttPublish& message) {
  mqtt::properties properties;
  if (message.expiry)
    properties.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(message.expiry->count())});
  return properties;
}

mqtt::ssl_options tls_of(const MqttTls& tls) {
  mqtt::ssl_options options;
  options.set_enable_server_cert_auth(true);
  options.set_verify(true);  // the certificate must name the host
  if (!tls.ca_file.empty()) options.set_trust_store(tls.ca_file);
  if (!tls.certificate_file.empty()) options.set_key_store(tls.certificate_file);
  if (!tls.key_file.empty()) options.set_private_key(tls.key_file);
  return options;
}

mqtt::connect_options connect_options_of(const MqttOptions& options, bool tls, Millis timeout) {
  mqtt::connect_options made;
  made.set_mqtt_version(MQTTVERSION_5);
  made.set_clean_start(true);
  made.set_properties({mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL, 0)});
  made.set_keep_alive_interval(options.keep_alive);
  made.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(timeout));
  if (!options.user.empty()) made.set_user_name(options.user);
  if (!options.password.empty()) made.set_password(options.password);
  if (const auto& will = options.will) {
    mqtt::will_options last(will->topic, will->payload, will->qos, will->retain);
    last.set_properties(expiry_of(*will));
    made.set_will(std::move(last));
  }
  if (tls) made.set_ssl(tls_of(options.tls));
  return made;
}

void Session::open(const std::string& uri, const BrokerUri& broker, Millis timeout) {
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
  }
  try {
    client_ = new mqtt::async_client(uri, options_.client_id,
                                     mqtt::create_options(MQTTVERSION_5, 2 * static_cast<int>(kMostInFlight)));
    self_ = shared_from_this();
    client_->set_message_callback([this](const mqtt::const_message_ptr& m) {
      tell(MqttMessage{m->get_topic(), m->get_payload_str(), m->is_retained()});
    });
    client_->set_connection_lost_handler(
        [this](const std::string& cause) { tell(Lost{cause.empty() ? "the broker is gone" : cause}); });
    // Paho does not call the connection lost after the broker said DISCONNECT itself.
    client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode code) {
      tell(Lost{"the broker ended it (code " + std::to_string(code) + ")"});
    });
  } catch (const mqtt::exception& e) {
    return tell(Done{Step::connect, fail(Errc::unavailable, e.to_string())});
  }
  one_begun();
  try {
    client_->connect(connect_options_of(options_, broker.tls, timeout), nullptr, on_connect_);
  } catch (const mqtt::exception& e) {
    one_finished();
    tell(Done{Step::connect, fail(Errc::unavailable, e.to_string())});
  }
}

void Session::send(MqttPublish message) {
  waiting_.push_back(std::move(message));
  send_waiting();
}

void Session::send_waiting() {
  while (client_ != nullptr && !waiting_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      if (in_flight_ >= window_) return;
      ++in_flight_;
    }
    MqttPublish message = std::move(waiting_.front());
    waiting_.pop_front();
    const std::size_t bytes = message.payload.size();
    one_begun();
    try {
      const auto expiry = expiry_of(message);
      client_->publish(mqtt::message::create(std::move(message.topic), std::move(message.payload), message.qos,
                                             message.retain, expiry),
                       nullptr, on_sent_);
    } catch (const mqtt::exception&) {  // the connection was lost meanwhile; its owner is told by on_lost
      forget(bytes);
    }
  }
}

void Session::drop() {
  const auto keep = std::move(self_);
  delete std::exchange(client_, nullptr);  // closes the socket; every listener has been called or never will be
  const std::lock_guard lock(mutex_);
  PahoThread::instance().finished(std::exchange(unfinished_, 0));
}

// ---- the interface --------------------------------------------------------------------------------------------------

class PahoClient final : public MqttClient {
 public:
  PahoClient(const asio::any_io_executor& executor, MqttOptions options)
      : session_(std::make_shared<Session>(executor, std::move(options))) {}
  ~PahoClient() override { session_->close(); }

  asio::awaitable<Result<void>> connect(Millis timeout) override {
    session_->loop_on_message = on_message;  // copies, so that a callback may destroy the client that holds it
    session_->loop_on_lost = on_lost;
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
