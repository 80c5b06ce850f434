#include "common/io/http_server.hpp"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/contract/http/http_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

using asio::awaitable;

awaitable<void> pause(Millis duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

awaitable<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.headers.set("Content-Type", "text/plain");
  response.body = request.method + " " + request.target + " [" + request.body + "]";
  co_return response;
}

class Ticks final : public HttpStream {
 public:
  explicit Ticks(int count, std::size_t size = 6) : left_(count), size_(size) {}
  awaitable<std::optional<std::string>> next() override {
    if (left_-- == 0) co_return std::nullopt;
    co_return std::string(size_, 'x');
  }

 private:
  int left_;
  std::size_t size_;
};

/// Says nothing until it is cancelled; counts where it has ended.
class Silent final : public HttpStream {
 public:
  explicit Silent(std::atomic<int>& ended) : ended_(ended) {}
  ~Silent() override { ++ended_; }
  awaitable<std::optional<std::string>> next() override {
    co_await pause(std::chrono::hours{1});
    co_return std::nullopt;
  }

 private:
  std::atomic<int>& ended_;
};

HttpServer::Handler streaming(std::function<std::shared_ptr<HttpStream>()> make) {
  return [make](HttpRequest) -> awaitable<HttpResponse> {
    HttpResponse response;
    response.stream = make();
    co_return response;
  };
}

HttpServerOptions quick() {
  HttpServerOptions options;
  options.idle = Millis{300};
  options.read = Millis{300};
  options.write = Millis{300};
  return options;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 500; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(Millis{10});
  }
  return false;
}

TEST(HttpServer, AnswersOneRequestAfterTheOtherOnOneConnection) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"));
    const std::string answer = client.read_until("[abc]");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("POST /a?b=c [abc]"), answer.npos);
  }
  EXPECT_EQ(running.connections(), 1u);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  ASSERT_TRUE(
      client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                  "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string answers = client.read_to_end();
  EXPECT_EQ(count(answers, "HTTP/1.1 200"), 3u);
  EXPECT_LT(answers.find("GET /1"), answers.find("GET /2"));
  EXPECT_LT(answers.find("GET /2"), answers.find("GET /3"));
}

TEST(HttpServer, AnswersHeadWithTheLengthAndWithoutTheBody) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  ASSERT_TRUE(client.send("HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 12\r\n"), answer.npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, TakesARequestThatComesByteByByte) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  for (const char c : std::string_view("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"))
    ASSERT_TRUE(client.send(std::string_view(&c, 1)));
  EXPECT_NE(client.read_until("[ok]").find("POST /slow [ok]"), std::string::npos);
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
  RunningServer running({}, echo);
  for (const std::string_view bytes :
       {std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), std::string_view("HELLO\r\n\r\n"),
        std::string_view("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n"),
        std::string_view("GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        std::string_view("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        std::string_view("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde")}) {
    RawClient client(running.server().port());
    ASSERT_TRUE(client.send(bytes));
    EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 400 ")) << bytes;
  }
}

TEST(HttpServer, RefusesAHeaderBeyondItsLimit) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 431 "));
}

TEST(HttpServer, RefusesABodyBeyondItsLimitBeforeReadingIt) {
  RunningServer running({}, echo);
  RawClient announced(running.server().port());
  announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_TRUE(announced.read_to_end().starts_with("HTTP/1.1 413 "));
  RawClient chunked(running.server().port());
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
               std::string(0x100001, 'b') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, TakesABodyOfExactlyTheLimit) {
  RunningServer running({}, [](HttpRequest request) -> awaitable<HttpResponse> {
    HttpResponse response;
    response.body = std::to_string(request.body.size());
    co_return response;
  });
  RawClient client(running.server().port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n" +
              std::string(1048576, 'b'));
  EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n1048576"));
}

TEST(HttpServer, TellsAClientThatAsksToGoOn) {
  RunningServer running({}, echo);
  RawClient client(running.server().port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 100 Continue"));
  client.send("ok");
  EXPECT_NE(client.read_until("[ok]").find("200 OK"), std::string::npos);
}

TEST(HttpServer, EndsASlowRequestAtTheDeadlineAndServesOthersMeanwhile) {
  RunningServer running(quick(), echo);
  RawClient slow(running.server().port());
  slow.send("GET / HTTP/1.1\r\nHost: ");
  RawClient good(running.server().port());
  good.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(good.read_until("GET /good").find("200 OK"), std::string::npos);
  EXPECT_TRUE(slow.closed_within(3'000));
}

TEST(HttpServer, EndsARequestThatDripsWhateverItsPace) {
  RunningServer running(quick(), echo);
  RawClient client(running.server().port());
  const auto start = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\nX-Drip: ");
  while (client.send("a") && elapsed_since(start) < Millis{5'000}) std::this_thread::sleep_for(Millis{20});
  EXPECT_LT(elapsed_since(start), Millis{3'000});
}

TEST(HttpServer, EndsIdleConnections) {
  RunningServer running(quick(), echo);
  RawClient client(running.server().port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.closed_within(3'000));
  EXPECT_TRUE(eventually([&] { return running.connections() == 0; }));
}

TEST(HttpServer, ClosesTheLongestIdleConnectionWhenAllAreTaken) {
  HttpServerOptions options;
  options.connections = 4;
  RunningServer running(options, echo);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<RawClient>(running.server().port()));
    idle.back()->send("GET / HT");
  }
  RawClient good(running.server().port());
  good.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(good.read_until("GET /good").find("200 OK"), std::string::npos);
  EXPECT_TRUE(idle.front()->closed_within(3'000));
  EXPECT_TRUE(eventually([&] { return running.connections() <= 4; }));
}

TEST(HttpServer, RefusesWithRetryAfterWhenAllAreBeingServed) {
  HttpServerOptions options;
  options.connections = 2;
  std::atomic<int> begun = 0;
  RunningServer running(options, [&](HttpRequest) -> awaitable<HttpResponse> {
    ++begun;
    co_await pause(Millis{1'000});
    co_return HttpResponse{};
  });
  RawClient one(running.server().port()), two(running.server().port());
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  two.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return begun == 2; }));
  RawClient three(running.server().port());
  const std::string answer = three.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("Retry-After: 1"), answer.npos);
  EXPECT_NE(one.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
}

TEST(HttpServer, SurvivesClientsThatLeaveMidway) {
  RunningServer running({}, echo);
  for (const std::string_view part :
       {"", "GET", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n"})
    for (int i = 0; i < 20; ++i) RawClient(running.server().port()).send(part);
  RawClient good(running.server().port());
  good.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(good.read_until("GET /good").find("200 OK"), std::string::npos);
  // Connections are accepted in their order: by now all of them were.
  EXPECT_TRUE(eventually([&] { return running.connections() == 1; }));
}

TEST(HttpServer, AnswersAHandlersFaultWith500AndGoesOn) {
  RunningServer running({}, [](HttpRequest request) -> awaitable<HttpResponse> {
    if (request.target == "/bug") throw std::runtime_error("secret detail");
    co_return co_await echo(std::move(request));
  });
  RawClient client(running.server().port());
  client.send("GET /bug HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_until("in its log");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(answer.find("secret"), answer.npos);
  client.send("GET /fine HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_until("GET /fine").find("200 OK"), std::string::npos);
}

TEST(HttpServer, StreamsPieceByPieceToTheEnd) {
  RunningServer running({}, streaming([] { return std::make_shared<Ticks>(3); }));
  RawClient client(running.server().port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("Transfer-Encoding: chunked"), answer.npos) << answer;
  EXPECT_EQ(count(answer, "6\r\nxxxxxx\r\n"), 3u);
  EXPECT_TRUE(answer.ends_with("0\r\n\r\n"));
  RawClient old(running.server().port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.read_to_end().ends_with("\r\n\r\n" + std::string(18, 'x')));
}

TEST(HttpServer, DropsAStreamsClientThatDoesNotRead) {
  RunningServer running(quick(), streaming([] { return std::make_shared<Ticks>(-1, 65536); }));
  RawClient deaf(running.server().port(), 4096);
  deaf.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running.connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return running.connections() == 0; }));
}

TEST(HttpServer, EndsAStreamWhenItsClientGoes) {
  std::atomic<int> ended = 0;
  RunningServer running({}, streaming([&] { return std::make_shared<Silent>(ended); }));
  {
    RawClient client(running.server().port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_NE(client.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
  }
  EXPECT_TRUE(eventually([&] { return ended == 1 && running.connections() == 0; }));
}

TEST(HttpServer, LimitsStreams) {
  std::atomic<int> ended = 0;
  HttpServerOptions options;
  options.streams = 1;
  RunningServer running(options, streaming([&] { return std::make_shared<Silent>(ended); }));
  RawClient first(running.server().port()), second(running.server().port());
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_NE(first.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
  second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(second.read_to_end().starts_with("HTTP/1.1 503 "));
}

TEST(HttpServer, StopsAtOnceWithIdleConnectionsAndStreams) {
  std::atomic<int> ended = 0;
  RunningServer running({}, streaming([&] { return std::make_shared<Silent>(ended); }));
  RawClient idle(running.server().port()), stream(running.server().port());
  stream.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_NE(stream.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
  EXPECT_LT(running.stop(Millis{5'000}), Millis{1'000});
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(running.connections(), 0u);
  EXPECT_THROW(RawClient{running.server().port()}, std::runtime_error);
  EXPECT_LT(running.stop(Millis{5'000}), Millis{1'000});
}

TEST(HttpServer, LetsAnAnswerUnderWayFinishWhenItStops) {
  std::atomic<bool> begun = false;
  RunningServer running({}, [&](HttpRequest request) -> awaitable<HttpResponse> {
    begun = true;
    co_await pause(Millis{300});
    co_return co_await echo(std::move(request));
  });
  RawClient client(running.server().port());
  client.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  EXPECT_LT(running.stop(Millis{5'000}), Millis{4'000});
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("GET /last"), answer.npos);
  EXPECT_NE(answer.find("Connection: close"), answer.npos);
}

TEST(HttpServer, CancelsAHandlerThatOutlastsTheStop) {
  std::atomic<bool> begun = false;
  RunningServer running({}, [&](HttpRequest) -> awaitable<HttpResponse> {
    begun = true;
    co_await pause(std::chrono::hours{1});
    co_return HttpResponse{};
  });
  RawClient client(running.server().port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  EXPECT_LT(running.stop(Millis{200}), Millis{2'000});
  EXPECT_EQ(running.connections(), 0u);
}

TEST(HttpServer, RefusesAnAddressInUseAndBadOnes) {
  RunningServer running({}, echo);
  asio::io_context io;
  HttpServerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(running.server().port());
  EXPECT_EQ(HttpServer::start(io.get_executor(), options, echo).error().code, Errc::unavailable);
  for (const char* listen :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x", "host:80", "unix://relative"}) {
    options.listen = listen;
    EXPECT_EQ(HttpServer::start(io.get_executor(), options, echo).error().code, Errc::invalid_argument) << listen;
  }
}

TEST(HttpServer, ListensOnAUnixSocketOfItsOwnerOnlyAndRemovesItAtTheEnd) {
  const TempDir dir;
  const std::string path = dir.file("status.sock");
  {
    HttpServerOptions options;
    options.listen = "unix://" + path;
    RunningServer running(options, echo);
    struct stat info{};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    RawClient client(path);
    client.send("GET /local HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(client.read_until("GET /local").find("200 OK"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HttpServer, ReplacesAStaleSocketButNeverALiveOneOrAFile) {
  const TempDir dir;
  asio::io_context io;
  HttpServerOptions options;
  const std::string stale = dir.file("stale.sock");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, stale.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  close(fd);
  options.listen = "unix://" + stale;
  RunningServer running(options, echo);
  RawClient client(stale);
  EXPECT_EQ(HttpServer::start(io.get_executor(), options, echo).error().code, Errc::unavailable);
  EXPECT_TRUE(std::filesystem::exists(stale));

  const std::string file = dir.file("precious.txt");
  std::ofstream(file) << "precious";
  options.listen = "unix://" + file;
  EXPECT_EQ(HttpServer::start(io.get_executor(), options, echo).error().code, Errc::unavailable);
  EXPECT_EQ(std::filesystem::file_size(file), 8u);
}

TEST(HttpServer, SpeaksWithCurl) {
  RunningServer running({}, echo);
  const TempDir dir;
  const std::string big(900'000, 'z');
  std::ofstream(dir.file("in")) << big;
  const std::string command = "curl -sS --fail --max-time 10 --data-binary @" + dir.file("in") + " -o " +
                              dir.file("out") + " " + running.url() + "/x";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(std::filesystem::file_size(dir.file("out")), big.size() + std::string_view("POST /x []").size());
}

}  // namespace
}  // namespace anlan::test
