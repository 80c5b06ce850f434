#include "collector/app/audit_keeper.hpp"

#include <filesystem>
#include <fstream>

#include "common/base/log.hpp"
#include "common/io/file.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr std::streamoff kTail = 16 * 1024;  // of the file of heads: the newest are at its end

/// The newest head in the file; nullopt where it has none.
std::optional<SignedTreeHead> last_head_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  in.seekg(std::max<std::streamoff>(0, in.tellg() - kTail));
  std::optional<SignedTreeHead> newest;
  for (std::string line; std::getline(in, line);)
    if (auto head = parse_tree_head(line)) newest = std::move(*head);
  return newest;
}

}  // namespace

Result<SigningKey> audit_key(const AuditSettings& settings, const std::string& data_dir) {
  if (!settings.key_file.empty()) return SigningKey::load(settings.key_file);
  const std::string file = data_dir + "/audit-key.pem";
  if (std::filesystem::exists(file)) return SigningKey::load(file);
  auto made = SigningKey::make(file);
  if (made)
    log::warning(
        "audit",
        "a key to sign the log was made: whoever may read this file can sign a log of their own, so move it to "
        "the service's credentials ([audit] key_file)",
        {{"file", file}, {"public_key", made->public_hex()}});
  return made;
}

std::string contradiction(Database& database, const SignedTreeHead& head, const Generation& generation) {
  const auto log = audit::log_id(database);
  if (log != head.head.log || head.head.generation != generation) return "";
  const auto size = audit::size(database);
  if (head.head.size > size)
    return "it covers " + std::to_string(head.head.size) + " entries, the log has " + std::to_string(size);
  if (to_hex(root_of(head.head.size, audit::node_reader(database))) != head.head.root)
    return "the log's first " + std::to_string(head.head.size) + " entries are not those that it was signed over";
  return "";
}

AuditKeeper::AuditKeeper(Clock& clock, Records& records, SigningKey key, Generation generation, AuditSettings settings,
                         std::function<void(const std::string&)> tell)
    : clock_(clock),
      records_(records),
      key_(std::move(key)),
      generation_(generation),
      settings_(std::move(settings)),
      tell_(std::move(tell)) {}

awaitable<Result<void>> AuditKeeper::enter(Deed deed) {
  deed.at = clock_.wall();
  auto call = [deed = std::move(deed)](Database& database) -> Result<void> {
    audit::append(database, deed);
    return {};
  };
  auto entered = co_await records_.transact(std::move(call));
  if (!entered) log::error("audit", "an entry of the log cannot be written", {{"reason", entered.error().message}});
  co_return entered;
}

awaitable<void> AuditKeeper::compare() {
  auto look = [file = settings_.heads_file] { return last_head_in(file); };
  const auto last = co_await disk_.run(std::move(look));
  if (!last) co_return;
  auto call = [head = *last, generation = generation_](Database& database) -> Result<std::string> {
    return contradiction(database, head, generation);
  };
  const auto wrong = co_await records_.read(std::move(call));
  if (!wrong || wrong->empty()) co_return;
  log::error("audit", "the log is not the one that was signed: see docs/operations.md",
             {{"reason", *wrong}, {"head", last->text}});
  co_await enter({{},
                  system_actor(),
                  "log.contradicted",
                  "log/" + last->head.log.hex(),
                  *wrong,
                  {{"head", last->text}, {"file", settings_.heads_file}}});
}

awaitable<void> AuditKeeper::name_key() {
  auto call = [key = key_.public_hex(), now = clock_.wall()](Database& database) -> Result<std::uint64_t> {
    if (audit::known_key(database) != key)
      audit::append(database, {now,
                               system_actor(),
                               std::string(kKeyNamed),
                               std::string(kKeySubject),
                               "heads are signed with this key from here on",
                               {{"key", key}}});
    const auto newest = audit::newest_head(database);
    return newest ? newest->head.size : 0;
  };
  const auto newest = co_await records_.transact(std::move(call));
  if (newest) signed_ = *newest;
}

awaitable<void> AuditKeeper::sign() {
  struct State {
    LogId log;
    std::uint64_t size = 0;
    Sha256 root{};
  };
  auto look = [](Database& database) -> Result<State> {
    const auto size = audit::size(database);
    if (size == 0) return fail(Errc::not_found, "the log has not begun");
    return State{*audit::log_id(database), size, root_of(size, audit::node_reader(database))};
  };
  const auto state = co_await records_.read(std::move(look));
  if (!state || state->size <= signed_) co_return;
  const TreeHead head{state->log, generation_, state->size, clock_.wall(), to_hex(state->root), key_.public_hex()};
  const SignedTreeHead made = with_signature(head, key_.sign(to_text(head)));
  auto keep = [made](Database& database) -> Result<void> {
    audit::keep_head(database, made);
    return {};
  };
  if (const auto kept = co_await records_.transact(std::move(keep)); !kept) {
    log::error("audit", "a signed head of the log cannot be stored", {{"reason", kept.error().message}});
    co_return;
  }
  signed_ = state->size;
  untold_ = made.text;
  auto write = [file = settings_.heads_file, line = made.text + "\n"] { return append_durably(file, line); };
  const auto written = co_await disk_.run(std::move(write));
  if (!written && !file_failing_)
    log::error("audit", "a signed head of the log cannot be added to the file of heads",
               {{"file", settings_.heads_file}, {"reason", written.error().message}});
  file_failing_ = !written;
}

awaitable<void> AuditKeeper::run() {
  co_await compare();
  co_await name_key();
  while (true) {
    co_await sign();
    const MonoTime now = clock_.mono();
    if (!untold_.empty() && (!told_once_ || now - told_at_ >= settings_.tell_every)) {
      tell_(untold_);
      untold_.clear();
      told_once_ = true;
      told_at_ = now;
    }
    co_await clock_.sleep_for(settings_.head_every);
  }
}

}  // namespace anlan::collector
