// What every MqttClient keeps, shown on Paho against a real Mosquitto.
#include <random>

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io/paho_client.hpp"
#include "tests/support/broker.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan {
namespace {

namespace asio = boost::asio;
using test::Broker;
using test::run_coro;
using test::run_until;

/// A client with what it was told.
struct Peer {
  Peer(asio::io_context& io, std::string broker, std::string id, std::optional<MqttPublish> will = {}) : loop(io) {
    MqttOptions options;
    options.broker = std::move(broker);
    options.client_id = std::move(id);
    options.keep_alive = std::chrono::seconds{2};
    options.will = std::move(will);
    client = paho_factory(io.get_executor())(std::move(options));
    client->on_message = [this](MqttMessage m) { messages.push_back(std::move(m)); };
    client->on_lost = [this](std::string reason) { lost.push_back(std::move(reason)); };
  }
  Result<void> connect(Millis timeout = Millis{5'000}) { return run_coro(loop, client->connect(timeout)); }
  Result<void> subscribe(std::vector<std::string> filters) {
    return run_coro(loop, client->subscribe(std::move(filters), Millis{5'000}));
  }
  bool gets(std::size_t count) {
    return run_until(loop, [&] { return messages.size() >= count; }, Millis{10'000});
  }

  asio::io_context& loop;
  std::unique_ptr<MqttClient> client;
  std::vector<MqttMessage> messages;
  std::vector<std::string> lost;
};

/// A port that takes connections and never says a word.
class SilentPort {
 public:
  SilentPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)), port_(test::free_port()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd_, 64) != 0)
      throw std::runtime_error("no silent port");
  }
  ~SilentPort() { ::close(fd_); }
  std::string uri() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_;
};

Millis elapsed(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - since);
}

TEST(Mqtt, CarriesMessagesBothWays) {
  asio::io_context io;
  Broker broker;
  Peer a(io, broker.uri(), "a"), b(io, broker.uri(), "b");
  ASSERT_TRUE(a.connect());
  ASSERT_TRUE(b.connect());
  ASSERT_TRUE(a.subscribe({"to/a", "all/+/x"}));
  ASSERT_TRUE(b.subscribe({"to/b"}));
  const std::string binary("\0\xff\n 安澜", 10);
  ASSERT_TRUE(a.client->publish({.topic = "to/b", .payload = binary}));
  ASSERT_TRUE(b.client->publish({.topic = "to/a", .payload = ""}));
  ASSERT_TRUE(b.client->publish({.topic = "all/1/x", .payload = "wild", .qos = 0}));
  ASSERT_TRUE(a.gets(2));
  ASSERT_TRUE(b.gets(1));
  EXPECT_EQ(b.messages[0].topic, "to/b");
  EXPECT_EQ(b.messages[0].payload, binary);
  EXPECT_FALSE(b.messages[0].retained);
  EXPECT_EQ(a.messages[0].payload, "");
  EXPECT_EQ(a.messages[1].topic, "all/1/x");
}

TEST(Mqtt, KeepsTheOrderOfAThousandMessages) {
  asio::io_context io;
  Broker broker;
  Peer from(io, broker.uri(), "from"), to(io, broker.uri(), "to");
  ASSERT_TRUE(from.connect());
  ASSERT_TRUE(to.connect());
  ASSERT_TRUE(to.subscribe({"numbers"}));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(from.client->publish({.topic = "numbers", .payload = std::to_string(i)}));
  ASSERT_TRUE(to.gets(1000));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(to.messages[static_cast<std::size_t>(i)].payload, std::to_string(i));
}

/// Paho's threads sleep for a second at a time; nobody may have to wait for that (an alert must not).
TEST(Mqtt, NeitherConnectingNorPublishingWaitsForASleepingThread) {
  asio::io_context io;
  Broker broker;
  Peer idle(io, broker.uri(), "idle");
  ASSERT_TRUE(idle.connect());
  std::mt19937 random(5);
  std::vector<Millis> slow;
  const auto note = [&](std::chrono::steady_clock::time_point start) {
    if (elapsed(start) > Millis{600}) slow.push_back(elapsed(start));
  };
  for (int i = 0; i < 10; ++i) {
    run_until(io, [] { return false; }, Millis{random() % 120});
    Peer peer(io, broker.uri(), "p" + std::to_string(i));
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(peer.connect());
    note(start);
    ASSERT_TRUE(peer.subscribe({"echo"}));
    for (std::size_t n = 1; n <= 20; ++n) {
      run_until(io, [] { return false; }, Millis{random() % 8});
      const auto sent = std::chrono::steady_clock::now();
      ASSERT_TRUE(peer.client->publish({.topic = "echo", .payload = "x"}));
      ASSERT_TRUE(peer.gets(n));
      note(sent);
    }
  }
  EXPECT_LE(slow.size(), 1u);  // the machine may be busy once; a sleeping thread would show each time
}

TEST(Mqtt, CarriesAQuarterMegabyteWhole) {
  asio::io_context io;
  Broker broker;
  Peer from(io, broker.uri(), "from"), to(io, broker.uri(), "to");
  ASSERT_TRUE(from.connect());
  ASSERT_TRUE(to.connect());
  ASSERT_TRUE(to.subscribe({"big"}));
  std::string payload(256 * 1024, '\0');
  std::mt19937 random(1);
  for (char& c : payload) c = static_cast<char>(random());
  ASSERT_TRUE(from.client->publish({.topic = "big", .payload = payload}));
  ASSERT_TRUE(to.gets(1));
  EXPECT_TRUE(to.messages[0].payload == payload);
}

TEST(Mqtt, GivesRetainedMessagesToLateSubscribersAndSaysSo) {
  asio::io_context io;
  Broker broker;
  Peer early(io, broker.uri(), "early"), late(io, broker.uri(), "late");
  ASSERT_TRUE(early.connect());
  ASSERT_TRUE(early.subscribe({"state"}));
  ASSERT_TRUE(early.client->publish({.topic = "state", .payload = "on", .retain = true}));
  ASSERT_TRUE(early.gets(1));
  EXPECT_FALSE(early.messages[0].retained);
  ASSERT_TRUE(late.connect());
  ASSERT_TRUE(late.subscribe({"state"}));
  ASSERT_TRUE(late.gets(1));
  EXPECT_TRUE(late.messages[0].retained);
}

TEST(Mqtt, LetsAMessageExpireThatNobodyFetched) {
  asio::io_context io;
  Broker broker;
  Peer from(io, broker.uri(), "from"), to(io, broker.uri(), "to");
  ASSERT_TRUE(from.connect());
  ASSERT_TRUE(from.subscribe({"kept"}));
  ASSERT_TRUE(
      from.client->publish({.topic = "kept", .payload = "old", .retain = true, .expiry = std::chrono::seconds{1}}));
  ASSERT_TRUE(from.client->publish({.topic = "kept", .payload = "", .qos = 1}));
  ASSERT_TRUE(from.gets(2));
  run_until(io, [] { return false; }, Millis{2'500});
  ASSERT_TRUE(to.connect());
  ASSERT_TRUE(to.subscribe({"kept"}));
  ASSERT_TRUE(to.client->publish({.topic = "kept", .payload = "new"}));
  ASSERT_TRUE(to.gets(1));
  EXPECT_EQ(to.messages[0].payload, "new");
}

TEST(Mqtt, WillIsSentWhenTheProcessIsKilled) {
  asio::io_context io;
  Broker broker;
  Peer watcher(io, broker.uri(), "watcher");
  ASSERT_TRUE(watcher.connect());
  ASSERT_TRUE(watcher.subscribe({"state/#"}));
  test::Process victim({"/proc/self/exe", "victim", broker.uri()});
  ASSERT_TRUE(watcher.gets(1));
  victim.kill();
  ASSERT_TRUE(watcher.gets(2));
  EXPECT_EQ(watcher.messages[1].topic, "state/victim");
  EXPECT_EQ(watcher.messages[1].payload, "gone");
}

TEST(Mqtt, WillIsNotSentAfterAnOrderlyEnd) {
  asio::io_context io;
  Broker broker;
  Peer watcher(io, broker.uri(), "watcher");
  Peer leaver(io, broker.uri(), "leaver", MqttPublish{.topic = "state/leaver", .payload = "gone"});
  ASSERT_TRUE(watcher.connect());
  ASSERT_TRUE(watcher.subscribe({"state/#"}));
  ASSERT_TRUE(leaver.connect());
  ASSERT_TRUE(leaver.client->publish({.topic = "state/last-word", .payload = "bye"}));
  run_coro(io, leaver.client->disconnect(Millis{2'000}));
  run_coro(io, leaver.client->disconnect(Millis{2'000}));  // again: nothing
  ASSERT_TRUE(watcher.gets(1));
  EXPECT_EQ(watcher.messages[0].payload, "bye");  // what was handed over before the end arrives
  ASSERT_TRUE(watcher.client->publish({.topic = "state/mark", .payload = "mark"}));
  ASSERT_TRUE(watcher.gets(2));
  EXPECT_EQ(watcher.messages[1].payload, "mark");
  EXPECT_TRUE(leaver.lost.empty());
  EXPECT_EQ(leaver.client->publish({.topic = "x"}).error().code, Errc::unavailable);
}

TEST(Mqtt, ARefusedPortIsAnErrorThatNamesTheBroker) {
  asio::io_context io;
  const std::string uri = "mqtt://127.0.0.1:" + std::to_string(test::free_port());
  Peer peer(io, uri, "a");
  const auto start = std::chrono::steady_clock::now();
  const auto result = peer.connect(Millis{5'000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unavailable) << result.error().message;
  EXPECT_NE(result.error().message.find(uri), std::string::npos) << result.error().message;
  EXPECT_LT(elapsed(start), Millis{4'000});
  EXPECT_TRUE(peer.lost.empty());
}

TEST(Mqtt, APortThatNeverAnswersIsATimeoutInTime) {
  asio::io_context io;
  const SilentPort port;
  Peer peer(io, port.uri(), "a");
  const auto start = std::chrono::steady_clock::now();
  const auto result = peer.connect(Millis{700});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout) << result.error().message;
  EXPECT_LT(elapsed(start), Millis{2'000});
}

TEST(Mqtt, ASilentBrokerDelaysNoOtherConnection) {
  asio::io_context io;
  Broker broker;
  const SilentPort port;
  Peer hung(io, port.uri(), "hung"), well(io, broker.uri(), "well");
  std::optional<Result<void>> result;
  asio::co_spawn(io, hung.client->connect(Millis{3'000}),
                 [&](std::exception_ptr, Result<void> r) { result = std::move(r); });
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(well.connect());
  ASSERT_TRUE(well.subscribe({"x"}));
  ASSERT_TRUE(well.client->publish({.topic = "x", .payload = "1"}));
  ASSERT_TRUE(well.gets(1));
  EXPECT_LT(elapsed(start), Millis{1'500});
  EXPECT_FALSE(result);
  ASSERT_TRUE(run_until(io, [&] { return result.has_value(); }));
}

TEST(Mqtt, WrongPasswordIsRefused) {
  asio::io_context io;
  Broker broker("allow_anonymous false");
  Peer peer(io, broker.uri(), "a");
  const auto result = peer.connect();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::refused) << result.error().message;
}

/// A self-made authority and a broker's certificate for `name` ("DNS:host" or "IP:address"), as PEM files in `folder`.
void make_certificate(const test::TempDir& folder, const std::string& prefix, const std::string& name) {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    if (test::Process(arguments).wait(Millis{20'000}) != 0) throw std::runtime_error("openssl failed");
  };
  const std::string ca = folder.file(prefix + "-ca.pem"), ca_key = folder.file(prefix + "-ca.key");
  const std::string key = folder.file(prefix + ".key"), request = folder.file(prefix + ".csr");
  const std::vector<std::string> ec{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"};
  std::vector<std::string> authority{"req",           "-x509",   "-days", "2",    "-subj",
                                     "/CN=authority", "-keyout", ca_key,  "-out", ca};
  authority.insert(authority.end(), ec.begin(), ec.end());
  run(authority);
  std::vector<std::string> asked{"req", "-subj", "/CN=" + name, "-keyout", key, "-out", request};
  asked.insert(asked.end(), ec.begin(), ec.end());
  run(asked);
  test::write_file(folder.file(prefix + ".ext"), "subjectAltName=" + name);
  run({"x509", "-req", "-days", "2", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-extfile",
       folder.file(prefix + ".ext"), "-out", folder.file(prefix + ".pem")});
}

TEST(Mqtt, OverTlsOnlyTheBrokersOwnCertificateIsTaken) {
  asio::io_context io;
  const test::TempDir folder;
  make_certificate(folder, "good", "IP:127.0.0.1");  // not by name: a bare machine has no hosts file
  make_certificate(folder, "other", "DNS:elsewhere.example");
  const auto listener = [&](std::uint16_t port, const std::string& prefix) {
    return "listener " + std::to_string(port) + " 127.0.0.1\ncertfile " + folder.file(prefix + ".pem") + "\nkeyfile " +
           folder.file(prefix + ".key") + "\n";
  };
  const std::uint16_t good = test::free_port(), other = test::free_port();
  Broker broker(listener(good, "good") + listener(other, "other"));
  const auto connect = [&](std::uint16_t port, const std::string& authority) {
    MqttOptions options;
    options.broker = "mqtts://127.0.0.1:" + std::to_string(port);
    options.client_id = "tls";
    options.tls.ca_file = folder.file(authority + "-ca.pem");
    const auto client = paho_factory(io.get_executor())(options);
    const auto connected = run_coro(io, client->connect(Millis{5'000}));
    if (connected) EXPECT_TRUE(run_coro(io, client->subscribe({"x"}, Millis{5'000})));
    return connected;
  };
  const auto connected = connect(good, "good");
  EXPECT_TRUE(connected) << connected.error().message;
  EXPECT_FALSE(connect(good, "other"));   // signed by somebody else
  EXPECT_FALSE(connect(other, "other"));  // another host's
}

TEST(Mqtt, AMalformedAddressIsAnInvalidArgument) {
  asio::io_context io;
  Peer peer(io, "http://127.0.0.1", "a");
  EXPECT_EQ(peer.connect().error().code, Errc::invalid_argument);
}

TEST(Mqtt, NothingIsPublishedOrSubscribedBeforeConnect) {
  asio::io_context io;
  Broker broker;
  Peer peer(io, broker.uri(), "a");
  EXPECT_EQ(peer.client->publish({.topic = "x"}).error().code, Errc::unavailable);
  EXPECT_EQ(peer.subscribe({"x"}).error().code, Errc::unavailable);
  ASSERT_TRUE(peer.connect());
  EXPECT_EQ(peer.connect().error().code, Errc::closed);  // once per object
  EXPECT_TRUE(peer.client->publish({.topic = "x"}));     // which it survives
}

TEST(Mqtt, TheLossOfTheBrokerIsToldOnceAndANewObjectConnectsAgain) {
  asio::io_context io;
  Broker broker;
  Peer first(io, broker.uri(), "a");
  ASSERT_TRUE(first.connect());
  ASSERT_TRUE(first.subscribe({"x"}));
  broker.kill();
  ASSERT_TRUE(run_until(io, [&] { return !first.lost.empty(); }));
  EXPECT_FALSE(first.lost[0].empty());
  EXPECT_EQ(first.client->publish({.topic = "x"}).error().code, Errc::unavailable);
  run_until(io, [] { return false; }, Millis{300});
  EXPECT_EQ(first.lost.size(), 1u);

  broker.start();
  Peer second(io, broker.uri(), "a");
  ASSERT_TRUE(second.connect());
  ASSERT_TRUE(second.subscribe({"x"}));
  ASSERT_TRUE(second.client->publish({.topic = "x", .payload = "again"}));
  ASSERT_TRUE(second.gets(1));
  EXPECT_EQ(first.lost.size(), 1u);
}

TEST(Mqtt, BeingDisplacedByTheSameClientIdIsALoss) {
  asio::io_context io;
  Broker broker;
  Peer first(io, broker.uri(), "same"), second(io, broker.uri(), "same");
  ASSERT_TRUE(first.connect());
  ASSERT_TRUE(second.connect());
  ASSERT_TRUE(run_until(io, [&] { return !first.lost.empty(); }));
  EXPECT_EQ(first.lost.size(), 1u);
  EXPECT_TRUE(second.lost.empty());
}

TEST(Mqtt, AFrozenBrokerIsFoundOutByKeepAlive) {
  asio::io_context io;
  Broker broker;
  Peer peer(io, broker.uri(), "a");  // keep-alive 2 s
  ASSERT_TRUE(peer.connect());
  broker.freeze();
  EXPECT_TRUE(run_until(io, [&] { return !peer.lost.empty(); }, Millis{15'000}));
}

TEST(Mqtt, TheQueueTowardsAFrozenBrokerIsBounded) {
  asio::io_context io;
  Broker broker;
  Peer peer(io, broker.uri(), "a");
  ASSERT_TRUE(peer.connect());
  broker.freeze();
  const std::string payload(100'000, 'x');
  Result<void> result;
  std::size_t taken = 0;
  while ((result = peer.client->publish({.topic = "x", .payload = payload}))) ++taken;
  EXPECT_EQ(result.error().code, Errc::unavailable);
  EXPECT_GE(taken * payload.size(), kMqttQueueBytes / 2);
  EXPECT_LE(taken * payload.size(), kMqttQueueBytes);
  const auto start = std::chrono::steady_clock::now();
  run_coro(io, peer.client->disconnect(Millis{300}));  // bounded, whatever the broker does
  EXPECT_LT(elapsed(start), Millis{2'000});
}

TEST(Mqtt, AfterDestructionNothingIsCalled) {
  asio::io_context io;
  Broker broker;
  int calls = 0;
  Peer from(io, broker.uri(), "from"), to(io, broker.uri(), "to");
  ASSERT_TRUE(from.connect());
  ASSERT_TRUE(to.connect());
  ASSERT_TRUE(to.subscribe({"x"}));
  to.client->on_message = nullptr;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(from.client->publish({.topic = "x", .payload = "1"}));
  ASSERT_TRUE(to.gets(1));
  to.client.reset();
  calls = static_cast<int>(to.messages.size());
  run_until(io, [] { return false; }, Millis{300});
  EXPECT_EQ(static_cast<int>(to.messages.size()), calls);
  EXPECT_TRUE(to.lost.empty());
}

TEST(Mqtt, ACallbackMayDestroyItsOwnClient) {
  asio::io_context io;
  Broker broker;
  Peer peer(io, broker.uri(), "a");
  int calls = 0;
  peer.client->on_message = [&, big = std::string(1000, 'x')](const MqttMessage&) {
    peer.client.reset();
    calls += big.size() == 1000;
  };
  ASSERT_TRUE(peer.connect());
  ASSERT_TRUE(peer.subscribe({"x"}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(peer.client->publish({.topic = "x", .payload = "1"}));
  ASSERT_TRUE(run_until(io, [&] { return calls > 0; }));
  run_until(io, [] { return false; }, Millis{200});
  EXPECT_EQ(calls, 1);
}

TEST(Mqtt, ACoroutineThatWaitsInsideADestroyedClientGoesOnWithAnError) {
  asio::io_context io;
  const SilentPort port;
  Peer peer(io, port.uri(), "a");
  std::optional<Result<void>> result;
  asio::co_spawn(io, peer.client->connect(Millis{10'000}),
                 [&](std::exception_ptr, Result<void> r) { result = std::move(r); });
  run_until(io, [] { return false; }, Millis{100});
  peer.client.reset();
  ASSERT_TRUE(run_until(io, [&] { return result.has_value(); }, Millis{1'000}));
  EXPECT_EQ(result->error().code, Errc::closed);
}

asio::awaitable<void> live(MqttClient& client, std::shared_ptr<bool> alive) {
  if (!*alive) co_return;
  const auto connected = co_await client.connect(Millis{1'000});
  if (!connected || !*alive) co_return;
  static_cast<void>(client.publish({.topic = "x", .payload = "1"}));
  const auto subscribed = co_await client.subscribe({"x"}, Millis{1'000});
  if (!subscribed || !*alive) co_return;
  for (int n = 0; n < 20; ++n) static_cast<void>(client.publish({.topic = "x", .payload = "2"}));
}

/// Hundreds of lives that end at random moments: before, while and after connecting, subscribing and publishing, with a
/// broker that is there, one that is silent and one that is not.
TEST(Mqtt, MayBeDestroyedAtAnyMoment) {
  asio::io_context io;
  Broker broker;
  const SilentPort silent;
  const std::string nobody = "mqtt://127.0.0.1:" + std::to_string(test::free_port());
  Peer talker(io, broker.uri(), "talker");
  ASSERT_TRUE(talker.connect());
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    const std::string uri = i % 5 == 3 ? silent.uri() : i % 5 == 4 ? nobody : broker.uri();
    Peer peer(io, uri, "p" + std::to_string(i), MqttPublish{.topic = "will", .payload = "w"});
    const auto alive = std::make_shared<bool>(true);
    asio::co_spawn(io, live(*peer.client, alive), asio::detached);
    for (int n = 0; n < 5; ++n) ASSERT_TRUE(talker.client->publish({.topic = "x", .payload = "3"}));
    run_until(io, [] { return false; }, Millis{random() % 12});
    *alive = false;
  }
  EXPECT_TRUE(talker.lost.empty());
}

/// The process of WillIsSentWhenTheProcessIsKilled: connects, says so, and waits for its end.
int run_victim(const std::string& broker) {
  asio::io_context io;
  Peer victim(io, broker, "victim", MqttPublish{.topic = "state/victim", .payload = "gone", .retain = true});
  if (victim.connect() && victim.client->publish({.topic = "state/here", .payload = "here"}))
    run_until(io, [] { return false; }, Millis{30'000});
  return 1;
}

}  // namespace
}  // namespace anlan

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "victim") return anlan::run_victim(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
