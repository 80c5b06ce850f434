#include "common/io/http_client.hpp"

#include <cstdlib>
#include <functional>
#include <future>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "common/io/resolve.hpp"
#include "tests/contract/http/http_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context io;
  auto result = asio::co_spawn(io, std::move(work), asio::use_future);
  io.run();
  return result.get();
}

HttpRequest get(const std::string& url, const std::string& target = "/") {
  return HttpRequest{.url = url, .target = target};
}

HttpClientOptions within(int ms) {
  HttpClientOptions options;
  options.timeout = Millis{ms};
  return options;
}

/// Accepts one connection, on which `script` is played by a thread.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(tcp::socket)> script)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, script = std::move(script)] {
          error_code failed;
          tcp::socket socket(io_);
          acceptor_.accept(socket, failed);
          if (!failed) script(std::move(socket));
        }) {}
  ~ScriptedServer() {
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
  }
  std::string url(const std::string& host = "127.0.0.1", const std::string& scheme = "http") const {
    return scheme + "://" + host + ":" + std::to_string(port_);
  }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  unsigned short port_;
  std::thread thread_;
};

/// Reads the request's header, answers `bytes`, closes.
std::function<void(tcp::socket)> answering(std::string bytes) {
  return [bytes](tcp::socket socket) {
    std::string request;
    char some[4096];
    error_code failed;
    while (!failed && request.find("\r\n\r\n") == request.npos)
      request.append(some, socket.read_some(asio::buffer(some), failed));
    asio::write(socket, asio::buffer(bytes), failed);
  };
}

/// Reads and never answers, until the client gives up.
void mute(tcp::socket socket) {
  char some[4096];
  for (error_code failed; !failed;) socket.read_some(asio::buffer(some), failed);
}

asio::awaitable<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.headers.set("ETag", "\"7\"");
  response.body = request.method + " " + request.target + " [" + request.body + "] " +
                  std::string(request.headers.get("x-test")) + " " + std::string(request.headers.get("host"));
  if (request.target == "/missing") response.status = 404;
  co_return response;
}

TEST(HttpClient, SendsMethodHeadersAndBodyAndReturnsWhatCameBack) {
  RunningServer running({}, echo);
  HttpRequest request = get(running.url(), "/a?b=1");
  request.method = "POST";
  request.headers.set("X-Test", "yes");
  request.body = "hello";
  const auto answer = run(http_request(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.get("etag"), "\"7\"");
  EXPECT_EQ(answer->body, "POST /a?b=1 [hello] yes " + running.url().substr(7));
}

TEST(HttpClient, ReturnsRefusalsAsAnswers) {
  RunningServer running({}, echo);
  EXPECT_EQ(run(http_request(get(running.url(), "/missing")))->status, 404);
}

TEST(HttpClient, ReachesAUnixSocket) {
  const TempDir dir;
  HttpServerOptions options;
  options.listen = "unix://" + dir.file("s");
  RunningServer running(options, echo);
  const auto answer = run(http_request(get(running.url(), "/status")));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "GET /status []  localhost");
  EXPECT_EQ(run(http_request(get("unix://" + dir.file("none")))).error().code, Errc::unavailable);
}

TEST(HttpClient, SaysThatNothingListens) {
  unsigned short free_port = 0;
  {
    RunningServer running({}, echo);
    free_port = running.server().port();
  }
  const auto answer = run(http_request(get("http://127.0.0.1:" + std::to_string(free_port))));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_NE(answer.error().message.find("refused"), std::string::npos) << answer.error().message;
}

TEST(HttpClient, GivesUpAtItsDeadline) {
  ScriptedServer server(mute);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run(http_request(get(server.url()), within(200))).error().code, Errc::timeout);
  EXPECT_LT(elapsed_since(start), Millis{3'000});
}

TEST(HttpClient, GivesUpOnAnAnswerThatDrips) {
  ScriptedServer server([](tcp::socket socket) {
    error_code failed;
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")), failed);
    while (!failed) {
      asio::write(socket, asio::buffer("x", 1), failed);
      std::this_thread::sleep_for(Millis{10});
    }
  });
  EXPECT_EQ(run(http_request(get(server.url()), within(300))).error().code, Errc::timeout);
}

TEST(HttpClient, RefusesAnswersThatAreNoHttp) {
  for (const char* bytes : {"nonsense\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"}) {
    ScriptedServer server(answering(bytes));
    EXPECT_EQ(run(http_request(get(server.url()))).error().code, Errc::malformed) << bytes;
  }
}

TEST(HttpClient, TakesAnAnswerThatIsCutShortForALostConnection) {
  for (const char* bytes : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    ScriptedServer server(answering(bytes));
    EXPECT_EQ(run(http_request(get(server.url()))).error().code, Errc::unavailable) << bytes;
  }
}

TEST(HttpClient, ReadsToTheEndWhereNoLengthIsGiven) {
  ScriptedServer server(answering("HTTP/1.0 200 OK\r\n\r\nall of it"));
  EXPECT_EQ(run(http_request(get(server.url())))->body, "all of it");
}

TEST(HttpClient, PassesOverInterimAnswers) {
  ScriptedServer server(
      answering("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"));
  const auto answer = run(http_request(get(server.url())));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "ok");
}

TEST(HttpClient, RefusesAnAnswerAboveItsLimit) {
  HttpClientOptions options;
  options.body_limit = 1000;
  ScriptedServer announced(answering("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"));
  EXPECT_EQ(run(http_request(get(announced.url()), options)).error().code, Errc::too_large);
  ScriptedServer unannounced(answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')));
  EXPECT_EQ(run(http_request(get(unannounced.url()), options)).error().code, Errc::too_large);
  ScriptedServer header(answering("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"));
  EXPECT_EQ(run(http_request(get(header.url()), options)).error().code, Errc::too_large);
}

TEST(HttpClient, RefusesUrlsItCannotReachAndNeverRepeatsThem) {
  for (const char* url : {"", "ftp://x/", "http://", "http://user:secret@x/", "http://x:0/", "http://x:99999/",
                          "unix://relative", "http://x/#secret"}) {
    const auto answer = run(http_request(HttpRequest{.url = url}));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Errc::invalid_argument) << url;
    EXPECT_EQ(answer.error().message.find("secret"), std::string::npos);
  }
}

TEST(HttpClient, NamesTheServerButNotThePathInErrors) {
  ScriptedServer server(answering("nonsense\r\n\r\n"));
  const auto answer = run(http_request(get(server.url(), "/hook/token-1234")));
  EXPECT_EQ(answer.error().message.find("token-1234"), std::string::npos);
  EXPECT_NE(answer.error().message.find(server.url().substr(7)), std::string::npos) << answer.error().message;
}

TEST(HttpClient, SaysThatAHostDoesNotExist) {
  EXPECT_EQ(run(http_request(get("http://no-such-host.invalid/"), within(5'000))).error().code, Errc::unavailable);
}

TEST(Resolve, KnowsAddressesWithoutAskingAnybody) {
  EXPECT_EQ(run(resolve("127.0.0.1", Millis{1}))->front().to_string(), "127.0.0.1");
  EXPECT_EQ(run(resolve("[::1]", Millis{1}))->front().to_string(), "::1");
  EXPECT_TRUE(run(resolve("LocalHost", Millis{1}))->front().is_loopback());
}

TEST(Resolve, GivesUpOnANameServerThatDoesNotAnswerAndDelaysNobodyElse) {
  // Held until the end of the test; the thread that asks outlives the one who waited.
  const auto gate = std::make_shared<std::promise<void>>();
  const LookUp hanging =
      [opened = gate->get_future().share()](const std::string&) -> Result<std::vector<asio::ip::address>> {
    opened.wait();
    return fail(Errc::unavailable, "late");
  };
  const auto start = std::chrono::steady_clock::now();
  asio::io_context io;
  auto dead = asio::co_spawn(io, resolve_by(hanging, "dead.example", Millis{500}), asio::use_future);
  const LookUp quick = [](const std::string&) -> Result<std::vector<asio::ip::address>> {
    return std::vector<asio::ip::address>{asio::ip::address_v4::loopback()};
  };
  auto alive = asio::co_spawn(io, resolve_by(quick, "alive.example", Millis{5'000}), asio::use_future);
  io.run_until(start + Millis{5'000});
  EXPECT_EQ(dead.get().error().code, Errc::timeout);
  EXPECT_TRUE(alive.get());
  EXPECT_LT(elapsed_since(start), Millis{4'000});
  gate->set_value();
}

TEST(HttpStreamReader, HandsOnPiecesAsTheyComeUntilTheEnd) {
  ScriptedServer server([](tcp::socket socket) {
    error_code failed;
    asio::write(socket,
                asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")),
                failed);
    std::this_thread::sleep_for(Millis{50});
    asio::write(socket, asio::buffer(std::string_view("3\r\ntwo\r\n0\r\n\r\n")), failed);
  });
  const auto all = run([](std::string url) -> asio::awaitable<std::string> {
    auto reader = co_await HttpStreamReader::open(get(url));
    std::string text = std::to_string((*reader)->status());
    while (true) {
      const auto piece = co_await (*reader)->read(Millis{2'000});
      if (!piece || !*piece) co_return text + (piece ? "." : piece.error().message);
      text += "|" + **piece;
    }
  }(server.url()));
  EXPECT_EQ(all, "200|one|two.");
}

TEST(HttpStreamReader, TimesOutOnASilentStream) {
  ScriptedServer server([](tcp::socket socket) {
    error_code failed;
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")),
                failed);
    mute(std::move(socket));
  });
  const auto code = run([](std::string url) -> asio::awaitable<Errc> {
    auto reader = co_await HttpStreamReader::open(get(url));
    co_return (co_await (*reader)->read(Millis{100})).error().code;
  }(server.url()));
  EXPECT_EQ(code, Errc::timeout);
}

/// Certificates made for this run, and a server that presents them.
class TlsServer : public testing::Test {
 protected:
  void SetUp() override {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout " +
        key() + " -out " + certificate() + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << "openssl is needed to make a certificate";
    server_.emplace([this](tcp::socket socket) {
      namespace ssl = asio::ssl;
      ssl::context context(ssl::context::tls_server);
      context.use_certificate_chain_file(certificate());
      context.use_private_key_file(key(), ssl::context::pem);
      ssl::stream<tcp::socket> stream(std::move(socket), context);
      error_code failed;
      stream.handshake(ssl::stream_base::server, failed);
      char some[4096];
      if (!failed) stream.read_some(asio::buffer(some), failed);
      if (!failed)
        asio::write(stream, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure")),
                    failed);
    });
  }
  std::string key() const { return dir_.file("key.pem"); }
  std::string certificate() const { return dir_.file("cert.pem"); }
  Result<HttpResponse> ask(const std::string& host, const std::string& ca_file) {
    HttpClientOptions options;
    options.ca_file = ca_file;
    return run(http_request(get(server_->url(host, "https")), options));
  }

  TempDir dir_;
  std::optional<ScriptedServer> server_;
};

TEST_F(TlsServer, IsTrustedByItsCaFileAndName) {
  const auto answer = ask("localhost", certificate());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "secure");
}

TEST_F(TlsServer, IsRefusedUnderAnotherName) { EXPECT_EQ(ask("127.0.0.1", certificate()).error().code, Errc::refused); }

TEST_F(TlsServer, IsRefusedWhereTheSystemDoesNotTrustIt) {
  EXPECT_EQ(ask("localhost", "").error().code, Errc::refused);
}

TEST_F(TlsServer, IsNotAskedWhereTheCaFileIsMissing) {
  EXPECT_EQ(ask("localhost", dir_.file("none.pem")).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace anlan::test
