#include "edge/app/daemon.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/log.hpp"
#include "common/config/secret.hpp"
#include "common/io/certificate.hpp"
#include "common/io/paho_client.hpp"
#include "common/io/random.hpp"
#include "common/io/service_notify.hpp"
#include "common/io/signature.hpp"
#include "common/model/certificate_event.hpp"
#include "edge/annunciator/modbus_sounder.hpp"
#include "edge/annunciator/mqtt_sounder.hpp"
#include "edge/app/acquisition.hpp"
#include "edge/app/buffer_file.hpp"
#include "edge/app/buffer_keeper.hpp"
#include "edge/app/clock_watch.hpp"
#include "edge/app/control.hpp"
#include "edge/app/edge_metrics.hpp"
#include "edge/app/firmware_memory.hpp"
#include "edge/app/head_shelf.hpp"
#include "edge/app/precautions.hpp"
#include "edge/app/reload.hpp"
#include "edge/box/box_sensor.hpp"
#include "edge/buffer/sqlite_homes.hpp"
#include "edge/sensor/modbus_bus.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr Millis kLookAtClock{1'000};
constexpr Millis kGrace{500};
constexpr Millis kLookAtCertificates{3600'000};
constexpr Millis kRemindOfCertificates{24 * 3600'000};

/// The kernel's name of this boot; where it has none, a random one: delays then go on by wall time.
BootId boot_id() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  std::erase(text, '-');
  return BootId::from_hex(text).value_or(random_id<BootId>());
}

Scorer::Titles titles(const Config& config) {
  Scorer::Titles titles;
  for (const DeviceConfig& device : config.devices) titles[config.site + "/" + device.name] = device.title;
  if (config.box) titles[config.site + "/" + std::string(kBoxDevice)] = config.box->title;
  return titles;
}

std::vector<ReportRule> report_rules(const Config& config) {
  std::vector<ReportRule> rules;
  for (std::size_t i = 0; i < config.origins.size(); ++i) {
    const DeviceConfig& device = config.devices[config.origins[i].device];
    const auto deadband = device.report_deadband.find(config.definition->points[i].path.point);
    rules.push_back(
        {device.report_changes, deadband == device.report_deadband.end() ? 0 : deadband->second, device.heartbeat});
  }
  return rules;
}

Result<MqttOptions> broker(const UplinkConfig& uplink) {
  MqttOptions options;
  options.broker = uplink.broker;
  options.tls = uplink.tls;
  options.user = uplink.user;
  if (!uplink.password_file.empty()) {
    auto password = read_secret(uplink.password_file);
    if (!password) return fail(std::move(password.error()).within("uplink"));
    options.password = std::move(*password);
  }
  return options;
}

MqttOptions alarm_broker(const Config& config) {
  MqttOptions options;
  options.broker = config.annunciator->connect.str();
  options.client_id = "anlan-" + config.id + "-alarm";
  return options;
}

/// In order of construction; destroyed in reverse.
struct Parts {
  boost::asio::io_context& loop;
  Config config;
  SystemClock clock;
  Metrics metrics;
  ServiceNotify service;
  Epoch epoch = random_id<Epoch>();
  BootId boot = boot_id();
  bool unusable = false;  // what is configured does not fit the buffer that is there: another start would not help
  std::unique_ptr<AsyncBuffer> buffer;
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<Uplink> uplink;
  std::unique_ptr<BufferKeeper> keeper;
  std::unique_ptr<Bus> alarm_bus;
  std::unique_ptr<Sounder> sounder;
  std::unique_ptr<AnnunciatorDriver> annunciator;
  std::unique_ptr<FirmwareMemory> firmware;
  std::unique_ptr<HeadShelf> heads;
  std::unique_ptr<Acquisition> acquisition;
  std::unique_ptr<BoxSensor> box;
  std::unique_ptr<WriteDesk> writes;
  std::unique_ptr<Control> control;
  std::unique_ptr<HttpServer> socket, metrics_server;

  std::optional<std::string> certificates_said;  // nothing yet
  MonoTime certificates_said_at{};

  Parts(boost::asio::io_context& l, Config c) : loop(l), config(std::move(c)) {}

  Result<void> build();
  Result<void> listen();
  Result<void> take_orders(const Incarnation& incarnation);
  void obey(const Command& command);
  void answer(const Command& command, const std::optional<Error>& trouble);
  awaitable<Result<void>> open();
  std::string state() const;
  awaitable<void> watch_certificates();
  void look_at_certificates();
  awaitable<void> watch_clock();
  std::optional<BoxSensor::Place> box_place() const;
  awaitable<void> signals();
  Result<Reloaded> reload(const std::string& by);
};

Result<void> Parts::build() {
  const auto executor = loop.get_executor();
  auto options = broker(config.uplink);
  if (!options) return fail(std::move(options.error()));
  auto keys = load_keys(config.buffer);
  if (!keys) return fail(std::move(keys.error()).within("buffer"));
  auto homes = std::make_unique<SqliteHomes>(buffer_file(config), config.id, std::move(*keys));
  buffer = std::make_unique<AsyncBuffer>(std::move(homes), Buffer::Identity{config.id, epoch, boot, ANLAN_VERSION},
                                         config.buffer.max_bytes, clock, 3 * config.uplink.resend_after);
  pipeline = std::make_unique<Pipeline>(
      executor, clock, *buffer, Scorer(config.definition, random_id<AlertId>, titles(config)),
      Pipeline::Settings{config.buffer.commit_every, config.id, boot, report_rules(config)}, metrics);
  const auto incarnation = random_id<Incarnation>();
  uplink = std::make_unique<Uplink>(
      executor, clock, *buffer,
      UplinkMachine::Settings{config.uplink.hello_every, config.uplink.resend_after,
                              static_cast<std::size_t>(config.uplink.window), config.uplink.window_bytes},
      UplinkMachine::Identity{config.id, config.site, ANLAN_VERSION, incarnation, epoch}, std::move(*options),
      paho_factory(executor), metrics, random64());
  heads = std::make_unique<HeadShelf>(executor, clock, config.id, config.data_dir,
                                      [this](EdgeEvent event) { pipeline->on_event(Kind::edge_event, event); });
  heads->load();
  uplink->on_head = [this](const std::string& line) { heads->take(line); };
  const BusFactory bus = modbus_factory(executor, metrics, random64());
  if (auto orders = take_orders(incarnation); !orders) return orders;
  if (const auto& alarm = config.annunciator) {
    if (alarm->connect.is_modbus()) {
      alarm_bus = bus(alarm->connect);
      sounder = std::make_unique<ModbusSounder>(
          *alarm_bus, ModbusSounderSettings{alarm->connect.str(), alarm->unit, alarm->coil, alarm->level_register,
                                            alarm->heartbeat_register, alarm->beat});
    } else {
      sounder = std::make_unique<MqttSounder>(paho_factory(executor), alarm_broker(config), alarm->topic, alarm->beat,
                                              clock, random64());
    }
    annunciator =
        std::make_unique<AnnunciatorDriver>(executor, Annunciator(alarm->from, alarm->beat), *sounder, clock, metrics);
  }
  buffer->on_change = [this] {
    const auto& epochs = buffer->ledger()->epochs;
    if (buffer->ledger()->knows(epoch)) epoch = epochs.back().epoch;  // another one after healing
    uplink->wake();
  };
  buffer->new_epoch = random_id<Epoch>;
  keeper = std::make_unique<BufferKeeper>(
      executor, clock, *buffer, config, [this](EdgeEvent event) { pipeline->on_event(Kind::edge_event, event); },
      metrics, random64());
  uplink->tell_oldest([this] { return keeper->oldest_telemetry(); });
  pipeline->on_refuge = [this](const Error& reason) { keeper->in_refuge(reason); };
  pipeline->on_alert = [this](const AlertTransition& t) {
    if (annunciator) annunciator->apply(t);
  };
  acquisition = std::make_unique<Acquisition>(
      executor, clock, bus, "anlan-" + config.id + "-sensors",
      [this](std::vector<Sample> samples) { pipeline->on_samples(std::move(samples)); },
      [this](EdgeEvent event) { pipeline->on_event(Kind::edge_event, event); }, metrics, random64());
  firmware = std::make_unique<FirmwareMemory>(executor, config.data_dir + "/firmware.json");
  firmware->load();
  acquisition->known_firmware = [this](const std::string& device) { return firmware->of(device); };
  acquisition->on_firmware = [this](const std::string& device, const std::string& has) {
    firmware->learned(device, has);
  };
  pipeline->on_raised = [this](std::uint32_t point) { acquisition->raise(point); };
  writes = std::make_unique<WriteDesk>(
      executor, clock, config,
      [this](std::uint32_t point, WriteOrder order) { acquisition->write(point, std::move(order)); },
      [this](EdgeEvent event) { pipeline->on_event(Kind::edge_event, event); });
  control = std::make_unique<Control>(Control::View{config, *buffer, *pipeline, *uplink, *heads, annunciator.get(),
                                                    metrics, clock, *writes, [this](const std::string& by) {
                                                      service.reloading();
                                                      auto done = reload(by);
                                                      service.ready();
                                                      return done;
                                                    }});
  box = std::make_unique<BoxSensor>(
      clock, [paths = BoxPaths{.data_dir = config.data_dir}] { return read_box(paths); },
      [this] { return keeper->inner(); },
      [this](std::vector<Sample> samples) { pipeline->on_samples(std::move(samples)); });
  serve_metrics(metrics, {config, *buffer, *pipeline, *uplink, clock, epoch, keeper->oldest_due()}, ANLAN_VERSION);
  return listen();
}

/// Without the centre's key its orders are not even asked for.
Result<void> Parts::take_orders(const Incarnation& incarnation) {
  if (config.uplink.command_key_file.empty()) return {};
  auto key = VerifyingKey::load(config.uplink.command_key_file);
  if (!key) return fail(std::move(key.error()).within("uplink.command_key_file"));
  const auto verify = [key = std::move(*key)](std::string_view message, std::string_view signature) {
    return key.verify(message, signature);
  };
  uplink->take_orders(
      {CommandGate(config.id, incarnation, config.uplink.hello_every, verify),
       [this](const Command& command) { obey(command); },
       [this](const Command& command, const std::string& why) { answer(command, Error{Errc::refused, why}); }});
  return {};
}

void Parts::obey(const Command& command) {
  const auto done = command.what == kCommandReset
                        ? pipeline->reset(command.alert, command.actor)
                        : fail(Errc::unsupported, "this edge knows no order '" + command.what + "'");
  answer(command, done ? std::nullopt : std::optional(done.error()));
}

void Parts::answer(const Command& command, const std::optional<Error>& trouble) {
  EdgeEvent event{config.id, std::string(trouble ? kCommandRefused : kCommandObeyed), command.what, command.actor};
  if (!command.reason.empty()) event.detail += " (" + command.reason + ")";
  if (trouble) event.detail += ": " + trouble->message;
  event.alert = command.alert;
  pipeline->on_event(Kind::edge_event, event);
}

Result<void> Parts::listen() {
  const auto answer = [this](HttpRequest request) { return control->answer(std::move(request)); };
  auto listening = HttpServer::start(loop.get_executor(), {.listen = control_url(config.data_dir)}, answer);
  if (!listening && listening.error().code != Errc::storage_failed)
    return fail(std::move(listening.error()).within("control socket"));
  if (listening)
    socket = std::move(*listening);
  else
    log::error("edge", "there is no control socket until the next start: the disk takes nothing",
               {{"reason", listening.error().message}});
  if (config.metrics_listen.empty()) return {};
  const auto only_metrics = [this](HttpRequest request) -> awaitable<HttpResponse> {
    if (request.target != "/metrics") co_return HttpResponse{404, {}, "only /metrics is here\n"};
    co_return HttpResponse{200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics.text()};
  };
  auto scraped = HttpServer::start(loop.get_executor(), {.listen = config.metrics_listen}, only_metrics);
  if (!scraped) return fail(std::move(scraped.error()).within("metrics"));
  metrics_server = std::move(*scraped);
  return {};
}

std::optional<BoxSensor::Place> Parts::box_place() const {
  if (!config.box) return std::nullopt;
  return BoxSensor::Place{static_cast<std::uint32_t>(config.origins.size()), config.box->poll};
}

/// A buffer that cannot be written now (a full disk) does not keep the alarms from working.
awaitable<Result<void>> Parts::open() {
  const auto engine_state = co_await buffer->open();
  unusable = !engine_state && engine_state.error().code == Errc::refused;
  if (!engine_state) co_return fail(Error(engine_state.error()).within("opening the buffer in " + config.data_dir));
  const auto opened = co_await pipeline->open(*engine_state);
  if (!opened)
    log::error("buffer", "cannot be written now; alarms work, samples wait in memory",
               {{"reason", opened.error().message}});
  keeper->opened();
  acquisition->configure(config);
  box->configure(box_place());
  log::info("edge", "serving",
            {{"edge", config.id},
             {"site", config.site},
             {"devices", config.devices.size()},
             {"points", config.definition->points.size()},
             {"broker", config.uplink.broker},
             {"data_dir", config.data_dir}});
  co_return Result<void>{};
}

/// One line for `systemctl status`.
std::string Parts::state() const {
  const Uplink::Status& line = uplink->status();
  return std::to_string(config.definition->points.size()) + " points of " + std::to_string(config.devices.size()) +
         " devices; " +
         (line.connected ? "connected to " + config.uplink.broker
                         : "no line to the centre" + (line.trouble.empty() ? "" : ": " + line.trouble));
}

awaitable<void> Parts::watch_clock() {
  ClockWatch watch(clock.wall(), clock.mono());
  while (true) {
    service.status(state());
    co_await clock.sleep_for(kLookAtClock);
    const auto step = watch.look(clock.wall(), clock.mono());
    if (!step) continue;
    log::warning("clock", "the wall clock was set", {{"by_ms", step->count()}});
    box->clock_stepped(*step);
    pipeline->on_event(Kind::clock_step, {config.id, "clock-step", std::to_string(step->count()) + " ms", ""});
  }
}

/// The centre raises an alert by what is said here, and clears it.
void Parts::look_at_certificates() {
  const auto files = certificates(config);
  if (files.empty()) return;
  show_certificates(files, metrics, kCertificateExpiry);
  const std::string trouble = certificate_trouble(files, clock.wall());
  const bool remind = !trouble.empty() && clock.mono() - certificates_said_at >= kRemindOfCertificates;
  if (certificates_said == trouble && !remind) return;
  certificates_said = trouble;
  certificates_said_at = clock.mono();
  if (!trouble.empty()) log::warning("certificates", trouble);
  const auto what = trouble.empty() ? kCertificatesGood : kCertificateExpiring;
  pipeline->on_event(Kind::edge_event, {config.id, std::string(what), trouble, ""});
}

awaitable<void> Parts::watch_certificates() {
  while (true) {
    look_at_certificates();
    co_await clock.sleep_for(kLookAtCertificates);
  }
}

/// Limits, devices and profiles come into force at once; what a running process cannot change is named.
Result<Reloaded> Parts::reload(const std::string& by) {
  auto fresh = load_config(config.file);
  if (!fresh) {
    std::string faults;
    for (const std::string& line : to_lines(fresh.error())) {
      log::error("config", line);
      faults += (faults.empty() ? "" : "\n") + line;
    }
    return fail(Errc::invalid_argument, "the new configuration is not valid:\n" + faults);
  }
  const auto active = pipeline->scorer().active();
  if (auto allowed = may_replace(config, *fresh, active, by); !allowed) return fail(std::move(allowed.error()));
  Reloaded done{.devices = fresh->devices.size(),
                .points = fresh->definition->points.size(),
                .ended = ended_by(config, *fresh, active),
                .waiting = waiting_for_restart(config, *fresh)};
  log::set_level(fresh->log_level);
  config.log_level = fresh->log_level;
  const bool changed = !(fresh->definition == config.definition) || !(fresh->devices == config.devices);
  config.devices = std::move(fresh->devices);
  config.profiles = std::move(fresh->profiles);
  config.poll_classes = std::move(fresh->poll_classes);
  config.definition = std::move(fresh->definition);
  config.origins = std::move(fresh->origins);
  config.box = std::move(fresh->box);
  if (changed) pipeline->reconfigure(config.definition, titles(config), report_rules(config), by);
  acquisition->configure(config);
  look_at_certificates();
  box->configure(box_place());
  std::string waiting;
  for (const std::string& key : done.waiting) waiting += (waiting.empty() ? "" : ", ") + key;
  pipeline->on_event(
      Kind::edge_event,
      {config.id, "configured",
       std::to_string(done.points) + " points" + (waiting.empty() ? "" : "; at the next start: " + waiting), by});
  log::info("edge", "configuration read again: devices, points, limits and log level are in force",
            {{"by", by}, {"points", done.points}, {"alerts_ended", done.ended.size()}, {"at_next_start", waiting}});
  return done;
}

awaitable<void> Parts::signals() {
  boost::asio::signal_set set(loop, SIGTERM, SIGINT, SIGHUP);
  while (co_await set.async_wait(boost::asio::use_awaitable) == SIGHUP) {
    service.reloading();
    if (const auto done = reload(""); !done)
      log::error("edge", "the new configuration is refused; the old one stays in force",
                 {{"reason", done.error().message}});
    service.ready();
  }
  service.stopping();
  log::info("edge", "stopping");
}

awaitable<void> sound(AnnunciatorDriver* driver) {
  if (driver) co_await driver->run();
}

}  // namespace

awaitable<int> serve(boost::asio::io_context& loop, Config config) {
  using namespace boost::asio::experimental::awaitable_operators;
  log::set_level(config.log_level);
  Parts parts(loop, std::move(config));
  auto built = parts.build();
  if (built) built = co_await parts.open();
  if (!built) {
    log::error("edge", "cannot start", {{"reason", built.error().message}});
    co_return parts.unusable ? 2 : 1;
  }
  for (const std::string& words : precautions(parts.config, parts.clock.wall())) log::warning("config", words);
  parts.service.ready();
  co_await (parts.signals() ||
            (parts.acquisition->run() && parts.firmware->run() && parts.heads->run() && parts.pipeline->run() &&
             parts.uplink->run() && parts.keeper->run() && parts.keeper->adopt() && parts.watch_clock() &&
             parts.watch_certificates() && parts.service.feed_watchdog(parts.clock) &&
             parts.pipeline->watch_maintenance() && parts.box->run() && sound(parts.annunciator.get())));
  const auto flushed = co_await parts.pipeline->finish();
  if (!flushed) log::error("buffer", "the last samples could not be stored", {{"reason", flushed.error().message}});
  co_await parts.keeper->close();
  if (parts.socket) co_await parts.socket->stop(kGrace);
  if (parts.metrics_server) co_await parts.metrics_server->stop(kGrace);
  co_return flushed ? 0 : 1;
}

}  // namespace anlan::edge
