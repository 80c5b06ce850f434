// Signs the log's newest state and gives the signed heads away, so that the centre itself cannot rewrite what it
// signed: into records.db, to a file that is only ever added to (best on another machine's disk), and to the edges.
// docs/decisions/0081.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "collector/audit/audit_log.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"
#include "common/async/worker.hpp"
#include "common/io/signature.hpp"

namespace anlan::collector {

struct AuditSettings {
  std::string key_file;       // private Ed25519 key; empty: audit-key.pem in the data directory, made where missing
  std::string heads_file;     // empty: audit-heads.txt in the data directory
  Millis head_every{60'000};  // a head where the log has grown
  Millis tell_every{10 * 60'000};  // the edges are told of the newest
};

/// The configured key, or the one in `data_dir`, which is made there at the first start and said so. Errors: those of
/// SigningKey.
Result<SigningKey> audit_key(const AuditSettings& settings, const std::string& data_dir);

/// On the loop. The file is written on a thread of its own: a disk that hangs holds up nobody else.
class AuditKeeper {
 public:
  /// `settings.heads_file` is a path. `tell`: gives a head to the edges.
  AuditKeeper(Clock& clock, Records& records, SigningKey key, Generation generation, AuditSettings settings,
              std::function<void(const std::string& head)> tell);

  /// Enters what no stage does: that the collector started, which configuration is in force, that it stops.
  boost::asio::awaitable<Result<void>> enter(Deed deed);

  /// Holds the log against the file of heads, then signs until cancelled.
  boost::asio::awaitable<void> run();

  /// A head where the log has grown since the last.
  boost::asio::awaitable<void> sign();

 private:
  boost::asio::awaitable<void> compare();
  boost::asio::awaitable<void> name_key();

  Clock& clock_;
  Records& records_;
  SigningKey key_;
  Generation generation_;
  AuditSettings settings_;
  std::function<void(const std::string&)> tell_;
  std::uint64_t signed_ = 0;
  std::string untold_;  // the newest head, where the edges have not been told of it
  MonoTime told_at_{};
  bool told_once_ = false, file_failing_ = false;
  Worker disk_;
};

/// What contradicts `head`, which the file holds, in the log as it stands; empty: nothing. Heads of other logs and of
/// generations before this one say nothing here: `audit verify` judges them.
std::string contradiction(Database& database, const SignedTreeHead& head, const Generation& generation);

}  // namespace anlan::collector
