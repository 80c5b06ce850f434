#include "collector/app/stores.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "collector/alert/alert_book.hpp"
#include "collector/api/api.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/hazard/hazard_desk.hpp"
#include "collector/notify/outbox.hpp"
#include "collector/people/people_schema.hpp"
#include "collector/store/changes.hpp"
#include "collector/store/sqlite_telemetry.hpp"
#include "common/async/clock.hpp"
#include "common/base/log.hpp"
#include "common/config/secret.hpp"
#include "common/io/basic_authorization.hpp"
#include "common/io/directory_lock.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

StoreRef drawn() { return {random_id<StoreId>(), random_id<Generation>()}; }

void enter_generation(Database& database, const StoreIdentity& identity, const std::string& why,
                      std::map<std::string, std::string> details) {
  details["store"] = identity.ref.id.hex();
  details["generation"] = identity.ref.generation.hex();
  audit::append(database, {SystemClock().wall(), system_actor(), std::string(kGenerationBegan),
                           std::string(kStoreSubject), why, std::move(details)});
}

/// The identity stands in both databases. Before anything else uses them.
Result<StoreIdentity> agreed_identity(Records& records, TelemetryStore& telemetry) {
  const auto known = telemetry.identity();
  if (!known) return fail(known.error());
  StoreIdentity joined;
  auto agreed = records.database().transaction([&]() -> Result<void> {
    const auto found = load_store_identity(records.database(), drawn);
    joined = joined_identity(found, *known, random_id<Generation>());
    if (joined == found) {
      if (audit::known_generation(records.database()) != joined.ref.generation)
        enter_generation(records.database(), joined, "the log did not know it yet", {});
      return {};
    }
    enter_generation(records.database(), joined, "records.db and telemetry.db did not belong together", {});
    log::warning("store",
                 "records.db and telemetry.db do not belong together: one was lost or restored alone; the edges send "
                 "again what they hold",
                 {{"store", joined.ref.id.hex()}, {"generation", joined.ref.generation.hex()}});
    save_store_identity(records.database(), joined);
    return {};
  });
  if (!agreed) return fail(std::move(agreed.error()).within("reading the store's identity"));
  if (*known == joined.ref) return joined;
  if (auto named = telemetry.set_identity(joined.ref); !named) return fail(named.error());
  return joined;
}

Result<VictoriaOptions> victoria_options(const std::string& file, const TelemetryConfig& config) {
  VictoriaOptions options;
  options.file = file;
  options.journal_bytes = config.journal_max_bytes;
  options.every = config.flush;
  options.engine.write_url = config.write_url;
  options.engine.read_url = config.read_url;
  options.engine.storage_urls = config.storage_urls;
  options.engine.ca_file = config.ca_file;
  const auto secret = [](const std::string& name, std::string& out) -> Result<void> {
    if (name.empty()) return {};
    auto read = read_secret(name);
    if (!read) return fail(std::move(read.error()).within("telemetry"));
    out = std::move(*read);
    return {};
  };
  std::string password, token;
  if (auto read = secret(config.password_file, password); !read) return fail(std::move(read.error()));
  if (auto read = secret(config.token_file, token); !read) return fail(std::move(read.error()));
  if (auto read = secret(config.auth_key_file, options.engine.auth_key); !read) return fail(std::move(read.error()));
  if (!token.empty()) options.engine.authorization = "Bearer " + token;
  if (!config.user.empty()) options.engine.authorization = basic_authorization(config.user, password);
  return options;
}

Result<void> open_telemetry(Stores& stores, const std::string& file, const TelemetryConfig& config) {
  if (config.engine == TelemetryConfig::Engine::sqlite) {
    auto telemetry = open_sqlite_telemetry(file);
    if (!telemetry) return fail(std::move(telemetry.error()));
    stores.telemetry = std::move(*telemetry);
    return {};
  }
  auto options = victoria_options(file, config);
  if (!options) return fail(std::move(options.error()));
  auto telemetry = open_victoria_telemetry(std::move(*options));
  if (!telemetry) return fail(std::move(telemetry.error()));
  stores.victoria = telemetry->get();
  stores.telemetry = std::move(*telemetry);
  return {};
}

}  // namespace

std::vector<StageSchema> record_schemas() {
  return {{"audit", audit_schema()}, {"change", change_schema()}, {"people", people_schema()}, {"ingest", ingest_schema()},
          {"alert", alert_schema()}, {"hazard", hazard_schema()}, {"notify", notify_schema()},
          {"api", api_schema()}};
}

PeopleJournal people_journal() {
  return [](Database& database, const PeopleAct& act) {
    audit::append(database, {act.at, act.actor, act.what, act.subject, "", {{"detail", act.detail}}});
    log::info("people", act.what,
              {{"subject", act.subject},
               {"actor", act.actor.name},
               {"role", std::string(to_string(act.actor.role))},
               {"detail", act.detail}});
  };
}

Result<void> owned_by_this_user(const std::string& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return fail(Errc::not_found, "there is no " + file);
  if (found.st_uid == ::geteuid()) return {};
  return fail(Errc::invalid_argument, file +
                                          " belongs to another user: run this as that user (runuser -u "
                                          "anlan-collector -- anlan-collector …)");
}

Result<Stores> open_stores(const std::string& data_dir, const TelemetryConfig& config) {
  Stores stores;
  auto records = Records::open("sqlite:///" + data_dir + "/" + kRecordsFile, record_schemas());
  if (!records) return fail(std::move(records.error()).within("opening records.db in " + data_dir));
  stores.records = std::move(*records);
  const std::string file = telemetry_file(config);
  if (auto opened = open_telemetry(stores, data_dir + "/" + file, config); !opened)
    return fail(std::move(opened.error()).within("opening " + file + " in " + data_dir));
  auto identity = agreed_identity(*stores.records, *stores.telemetry);
  if (!identity) return fail(std::move(identity.error()));
  stores.identity = *identity;
  return stores;
}

Result<void> give_up_engine(const std::string& data_dir, const TelemetryConfig& config) {
  if (config.engine != TelemetryConfig::Engine::victoria)
    return fail(Errc::invalid_argument, "telemetry lies in telemetry.db: there is no engine to give up");
  auto lock = DirectoryLock::take(data_dir);
  if (!lock) return fail(std::move(lock.error()).within("stop the collector first (systemctl stop anlan-collector)"));
  const std::string file = data_dir + "/" + telemetry_file(config);
  if (auto own = owned_by_this_user(file); !own) return own;
  return forget_victoria_engine(file);
}

Result<StoreRef> identity_of(const std::string& data_dir) {
  auto database = Database::open("sqlite:///" + data_dir + "/" + kRecordsFile + "?readonly");
  if (!database) return fail(std::move(database.error()));
  StoreRef found;
  auto read = (*database)->transaction([&]() -> Result<void> {
    found = load_store_identity(**database, drawn).ref;
    return {};
  });
  if (!read) return fail(std::move(read.error()).within("reading the store's identity"));
  return found;
}

std::map<std::string, std::string> log_to_be_replaced(const std::string& data_dir) {
  std::map<std::string, std::string> told;
  const auto database = Database::open("sqlite:///" + data_dir + "/" + kRecordsFile + "?readonly");
  if (!database) return told;
  const auto read = (*database)->transaction([&]() -> Result<void> {
    const auto generation = audit::known_generation(**database);
    const auto size = audit::size(**database);
    if (!generation) return {};
    told = {{"replaced_generation", generation->hex()},
            {"replaced_size", std::to_string(size)},
            {"replaced_root", to_hex(root_of(size, audit::node_reader(**database)))}};
    return {};
  });
  return read ? told : std::map<std::string, std::string>();
}

Result<StoreIdentity> begin_generation(Stores& stores, const std::string& why,
                                       std::map<std::string, std::string> details) {
  Database& database = stores.records->database();
  StoreIdentity fresh = stores.identity;
  auto saved = database.transaction([&]() -> Result<void> {
    fresh.ref.generation = random_id<Generation>();
    fresh.first = false;
    fresh.drawn = false;
    save_store_identity(database, fresh);
    enter_generation(database, fresh, why, std::move(details));
    database.exec("DELETE FROM login_session");  // who had logged out since that copy must not be in again
    return {};
  });
  if (!saved) return fail(std::move(saved.error()).within("beginning a generation"));
  if (auto named = stores.telemetry->set_identity(fresh.ref); !named) return fail(named.error());
  stores.identity = fresh;
  return fresh;
}

}  // namespace anlan::collector
