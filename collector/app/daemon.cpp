#include "collector/app/daemon.hpp"

#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "collector/api/api.hpp"
#include "collector/app/audit_keeper.hpp"
#include "collector/app/collector_metrics.hpp"
#include "collector/app/disk_guard.hpp"
#include "collector/app/housekeeping.hpp"
#include "collector/app/pipeline.hpp"
#include "collector/app/precautions.hpp"
#include "collector/app/restore.hpp"
#include "collector/app/stores.hpp"
#include "collector/ingest/ingest.hpp"
#include "collector/notify/log/log_channel.hpp"
#include "collector/notify/notifier.hpp"
#include "collector/notify/webhook/webhook_channel.hpp"
#include "common/base/log.hpp"
#include "common/config/secret.hpp"
#include "common/io/directory_lock.hpp"
#include "common/io/file.hpp"
#include "common/io/http_server.hpp"
#include "common/io/paho_client.hpp"
#include "common/io/process_metrics.hpp"
#include "common/io/random.hpp"
#include "common/io/service_notify.hpp"
#include "common/io/signature.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr Millis kWatchEvery{1'000};
constexpr Millis kGrace{1'000};
constexpr Millis kLookAtCertificates{3600'000};

Result<std::vector<std::unique_ptr<Channel>>> channels(const Config& config) {
  std::vector<std::unique_ptr<Channel>> made;
  if (config.notify_log) made.push_back(std::make_unique<LogChannel>());
  for (const WebhookConfig& webhook : config.webhooks) {
    std::string secret;
    if (!webhook.secret_file.empty()) {
      auto read = read_secret(webhook.secret_file);
      if (!read) return fail(std::move(read.error()).within("webhook " + webhook.name));
      secret = std::move(*read);
    }
    made.push_back(
        std::make_unique<WebhookChannel>(WebhookOptions{webhook.name, webhook.url, std::move(secret), webhook.from}));
  }
  return made;
}

AuditSettings audit_settings(const Config& config) {
  const AuditConfig& audit = config.audit;
  return {audit.key_file, audit.heads_file.empty() ? config.data_dir + "/audit-heads.txt" : audit.heads_file,
          audit.head_every, audit.tell_every};
}

/// Which configuration is in force: the log holds its hash, so that a copy can be held against it.
std::map<std::string, std::string> configuration(const Config& config) {
  const auto sum = sha256_of_file(config.file);
  return {{"file", config.file}, {"sha256", sum ? *sum : "unreadable"}};
}

Result<MqttOptions> broker(const Config& config) {
  MqttOptions options;
  options.broker = config.broker;
  options.tls = config.tls;
  options.user = config.user;
  if (!config.password_file.empty()) {
    auto password = read_secret(config.password_file);
    if (!password) return fail(std::move(password.error()).within("broker"));
    options.password = std::move(*password);
  }
  return options;
}

}  // namespace

/// In order of construction; destroyed in reverse.
struct Daemon::Parts {
  boost::asio::io_context& loop;
  Config config;
  SystemClock clock;
  Metrics metrics;
  ServiceNotify service;
  DirectoryLock lock;
  std::unique_ptr<DiskGuard> disk;
  DiskState disk_said = DiskState::enough;
  std::unique_ptr<Records> records;
  std::unique_ptr<AsyncTelemetry> telemetry;
  std::unique_ptr<Notifier> notifier;
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<Ingest> ingest;
  std::unique_ptr<AuditKeeper> audit;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<Api> api;
  std::unique_ptr<Housekeeping> housekeeping;
  std::unique_ptr<HttpServer> server;

  explicit Parts(boost::asio::io_context& l, Config c) : loop(l), config(std::move(c)) {}

  Result<void> open();
  std::vector<ReadyCheck> checks() const;
  std::string disk_text() const;
  awaitable<void> watch();
  awaitable<void> watch_certificates();
  awaitable<void> watch_disk();
  awaitable<void> signals();
  awaitable<void> enter(std::string act, std::string reason, std::map<std::string, std::string> data = {});
  awaitable<void> reload();
};

Result<void> Daemon::Parts::open() {
  log::set_level(config.log_level);
  auto locked = DirectoryLock::take(config.data_dir);
  if (!locked) return fail(std::move(locked.error()));
  lock = std::move(*locked);
  if (auto whole = not_half_restored(config.data_dir); !whole) return whole;
  disk = std::make_unique<DiskGuard>(config.data_dir, config.keep_free_bytes,
                                     [folder = config.data_dir] { return free_bytes(folder); });
  disk->look();  // a full disk gives way before the databases are opened
  auto stores = open_stores(config.data_dir, config.telemetry);
  if (!stores) return fail(std::move(stores.error()));
  const StoreIdentity store_identity = stores->identity;
  records = std::move(stores->records);
  telemetry = std::make_unique<AsyncTelemetry>(std::move(stores->telemetry));
  auto made = channels(config);
  if (!made) return fail(std::move(made.error()));
  auto options = broker(config);
  if (!options) return fail(std::move(options.error()));
  notifier = std::make_unique<Notifier>(records->database(), records->worker(), clock, metrics, std::move(*made));
  pipeline = std::make_unique<Pipeline>(
      records->database(), HazardPolicy{}, notifier->rules(),
      [this] {
        notifier->wake();
        api->changed();
      },
      clock.mono());
  ingest = std::make_unique<Ingest>(loop.get_executor(), clock, *records, *telemetry, store_identity, *pipeline,
                                    std::move(*options), config.broker_queue, paho_factory(loop.get_executor()),
                                    metrics, random64());
  auto signer = audit_key(audit_settings(config), config.data_dir);
  if (!signer) return fail(std::move(signer.error()).within("audit"));
  audit = std::make_unique<AuditKeeper>(clock, *records, std::move(*signer), store_identity.ref.generation,
                                        audit_settings(config),
                                        [this](const std::string& head) { ingest->say_head(head); });
  if (!config.command_key_file.empty()) {
    auto key = SigningKey::load(config.command_key_file);
    if (!key) return fail(std::move(key.error()).within("command.key_file"));
    pipeline->give_orders([key = std::move(*key)](std::string_view message) { return key.sign(message); },
                          {[this] { return ingest->connected(); },
                           [this](const Commands::Order& order) {
                             return ingest->command({order.edge, order.site}, order.payload,
                                                    order.expires - order.issued);
                           }});
  }
  gate = std::make_unique<Gate>(*records, clock, PeoplePolicy{}, people_journal());
  api = std::make_unique<Api>(loop.get_executor(), ApiParts{*records,
                                                            *telemetry,
                                                            *pipeline,
                                                            *gate,
                                                            {config.api_open, config.public_host},
                                                            clock,
                                                            metrics,
                                                            ANLAN_VERSION,
                                                            [this] { return checks(); }});
  serve_metrics(metrics, config.data_dir, ANLAN_VERSION, telemetry_file(config.telemetry));
  if (stores->victoria != nullptr)
    serve_engine_metrics(metrics, [engine = stores->victoria] { return engine->status(); });
  housekeeping = std::make_unique<Housekeeping>(clock, *records, *telemetry, config.retention);
  auto serving = HttpServer::start(loop.get_executor(), {.listen = config.listen},
                                   [this](HttpRequest request) { return api->handle(std::move(request)); });
  if (!serving) return fail(std::move(serving.error()).within("http"));
  server = std::move(*serving);
  log::info("collector", "serving",
            {{"http", server->url()},
             {"log_in", config.api_open ? "none: open" : "needed"},
             {"broker", config.broker},
             {"data_dir", config.data_dir},
             {"store", store_identity.ref.id.hex()},
             {"generation", store_identity.ref.generation.hex()}});
  return {};
}

std::vector<ReadyCheck> Daemon::Parts::checks() const {
  return {{"broker", ingest->connected(),
           config.broker + (ingest->connected() ? " connected" : " is not connected: the edges cannot deliver")},
          {"disk", disk_said == DiskState::enough, disk_text()}};
}

std::string Daemon::Parts::disk_text() const {
  const std::string left = std::to_string(static_cast<long>(disk->free() / 1e6)) + " MB left in " + config.data_dir;
  if (disk_said == DiskState::enough) return left;
  return left + (disk_said == DiskState::low ? ": telemetry stays with the edges until there is room"
                                             : ": telemetry stays with the edges, alerts live on the last reserve");
}

/// Telemetry gives way first; what is said of it, in the centre too, is an alert of its own.
awaitable<void> Daemon::Parts::watch_disk() {
  bool told = false;  // whether the alert stands as it should
  while (true) {
    const DiskState is = disk->look();
    ingest->hold_telemetry(is != DiskState::enough);
    if (std::exchange(disk_said, is) != is) {
      told = false;
      if (is == DiskState::enough)
        log::info("store", "the disk has room again", {{"room", disk_text()}});
      else
        log::error("store", "the disk is too full for telemetry", {{"room", disk_text()}});
    }
    if (!told) {
      auto call = [this, is, now = clock.wall()](Database& database) -> Result<void> {
        pipeline->on_disk(database, is, disk_text(), now);
        return {};
      };
      const auto written = co_await records->transact(std::move(call));
      told = written.has_value();
      if (told) pipeline->committed();
    }
    co_await clock.sleep_for(kWatchEvery);
  }
}

/// An edge that falls silent is an alert of its own.
awaitable<void> Daemon::Parts::watch() {
  while (true) {
    service.status(checks().front().detail);
    co_await clock.sleep_for(kWatchEvery);
    auto call = [this, heard = ingest->take_heard(), now = clock.wall(), mono = clock.mono(),
                 after = config.silent_after](Database& database) -> Result<void> {
      pipeline->on_watch(database, heard, after, now, mono);
      return {};
    };
    const auto watched = co_await records->transact(std::move(call));
    if (watched)
      pipeline->committed();
    else
      log::error("collector", "the watch over silent edges cannot write", {{"reason", watched.error().message}});
  }
}

/// Its own certificates; edges tell of theirs.
awaitable<void> Daemon::Parts::watch_certificates() {
  while (true) {
    const auto files = certificates(config);
    show_certificates(files, metrics, kCertificateExpiry);
    const std::string trouble = certificate_trouble(files, clock.wall());
    auto call = [this, trouble, now = clock.wall()](Database& database) -> Result<void> {
      pipeline->on_certificates(database, trouble, now);
      return {};
    };
    const auto told = co_await records->transact(std::move(call));
    if (told)
      pipeline->committed();
    else
      log::error("collector", "cannot write of its certificates", {{"reason", told.error().message}});
    co_await clock.sleep_for(kLookAtCertificates);
  }
}

awaitable<void> Daemon::Parts::enter(std::string act, std::string reason, std::map<std::string, std::string> data) {
  Deed deed{{}, system_actor(), std::move(act), "collector", std::move(reason), std::move(data)};
  co_await audit->enter(std::move(deed));
}

awaitable<void> Daemon::Parts::reload() {
  auto fresh = load_config(config.file);
  auto read = configuration(config);
  if (!fresh) {
    co_await enter("config.refused", to_lines(fresh.error()).front(), std::move(read));
    log::error("collector", "the new configuration is not valid; the old one stays in force");
    for (const std::string& line : to_lines(fresh.error())) log::error("config", line);
    co_return;
  }
  config.silent_after = fresh->silent_after;
  config.retention = fresh->retention;
  log::set_level(fresh->log_level);
  log::info("collector",
            "configuration read again; silent_after_ms, [retention] and log level are in force, anything else at the "
            "next start");
  co_await enter("config.loaded", "SIGHUP", std::move(read));
}

awaitable<void> Daemon::Parts::signals() {
  boost::asio::signal_set set(loop, SIGTERM, SIGINT, SIGHUP);
  while (co_await set.async_wait(boost::asio::use_awaitable) == SIGHUP) {
    service.reloading();
    co_await reload();
    service.ready();
  }
  service.stopping();
  log::info("collector", "stopping");
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(boost::asio::io_context& loop, Config config) {
  auto parts = std::make_unique<Parts>(loop, std::move(config));
  if (auto opened = parts->open(); !opened) return fail(opened.error());
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

awaitable<int> Daemon::run() {
  using namespace boost::asio::experimental::awaitable_operators;
  for (const std::string& words : precautions(parts_->config, parts_->clock.wall())) log::warning("config", words);
  auto started = configuration(parts_->config);
  started["version"] = ANLAN_VERSION;
  co_await parts_->enter("collector.started", "", std::move(started));
  parts_->service.ready();
  co_await (parts_->signals() ||
            (parts_->ingest->run() && parts_->notifier->run() && parts_->watch() && parts_->watch_certificates() &&
             parts_->watch_disk() && parts_->audit->run() && parts_->housekeeping->run() &&
             watch_records(parts_->clock, *parts_->records, parts_->metrics) && parts_->api->run() &&
             parts_->service.feed_watchdog(parts_->clock)));
  co_await parts_->server->stop(kGrace);
  co_await parts_->enter("collector.stopped", "");
  co_await parts_->audit->sign();
  co_return 0;
}

}  // namespace anlan::collector
