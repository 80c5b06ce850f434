// The door of the collector: who calls, and how they got in. Log-in with lock-out, second factor, sessions that rotate,
// tokens of programs. Everything that takes a secret goes through here; nothing of it is logged.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "collector/people/login_guard.hpp"
#include "collector/people/password_worker.hpp"
#include "collector/people/people_journal.hpp"
#include "collector/people/person.hpp"
#include "collector/people/rate_limit.hpp"
#include "collector/people/session_rows.hpp"
#include "collector/people/subject.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"
#include "common/io/problem.hpp"

namespace anlan::collector {

/// Defaults of everything about people that has a number.
struct PeoplePolicy {
  HashCost cost{};
  int hashes_waiting = 16;
  LoginGuard::Policy guard{};
  Millis session_lasts{std::chrono::hours{12}}, idle{std::chrono::minutes{30}};  // idle: of browsers
  Millis rotate_after{std::chrono::minutes{15}}, grace{std::chrono::minutes{1}};
  Millis client_token_lasts{std::chrono::hours{1}}, task_lasts{std::chrono::days{7}};
  int sessions = 20;       // of one person
  Rate log_ins{0.2, 20};   // of one address
  Rate anonymous{20, 60};  // requests of one address without a valid token
  Rate requests{50, 200};  // of one person
};

struct LogIn {
  std::string name, password;
  std::string code;                         // of the second factor, or a recovery code; empty: none was given
  std::string address;                      // of the client
  SessionKind kind = SessionKind::program;  // browser or program
};

/// A session just opened or renewed: the only time that its token is known.
struct OpenedSession {
  SessionRow row;
  std::string token;
  Person person;
};

/// Who holds a token.
struct Recognised {
  Subject subject;
  SessionRow session;
  int per_minute = 0;                    // client: how often it may ask; 0: the policy's rate
  std::optional<std::string> new_token;  // browser: the session was rotated; this replaces the cookie
};

template <class T>
using Answered = std::expected<T, Problem>;

/// Every method on the loop. All that it is made with must outlive it.
class Gate {
 public:
  /// Blocks for one hash and one read.
  Gate(Records& records, const Clock& clock, PeoplePolicy policy, PeopleJournal journal);

  /// Problems: 401 wrong-credentials, code-needed, wrong-code; 423 locked; 503 unavailable.
  boost::asio::awaitable<Answered<OpenedSession>> log_in(LogIn wish);

  /// An invitation becomes a password, and a session. `wish.code` is not used. Problems: as log_in, 422 (password).
  boost::asio::awaitable<Answered<OpenedSession>> accept_invitation(std::string invitation, LogIn wish);

  /// nullopt: the token is none, has expired, was ended, or was used in the wrong place (a browser's as bearer, or the
  /// other way round). One that was replaced longer ago than the grace ends its session: somebody has a copy.
  boost::asio::awaitable<Result<std::optional<Recognised>>> recognise(std::string token, bool bearer);

  /// Whether a session that was recognised before has not ended since (streams that stay open ask).
  boost::asio::awaitable<bool> still(SessionRow session);

  boost::asio::awaitable<Result<void>> log_out(Subject who);

  /// Ends the person's other sessions. Problems: 401 wrong-credentials, 422, 423, 503.
  boost::asio::awaitable<Answered<OpenedSession>> change_password(Subject who, std::string address, std::string before,
                                                                  std::string after);

  struct NewSeed {
    std::string seed, uri;
  };
  /// Shown once; counts from confirm_second_factor() on. `code`: of the present second factor, where there is one.
  /// Problems: 401, 423, 503.
  boost::asio::awaitable<Answered<NewSeed>> begin_second_factor(Subject who, std::string address, std::string password,
                                                                std::string code);
  /// The recovery codes, shown once. Problems: 401 wrong-code, 409 refused (none was begun), 503.
  boost::asio::awaitable<Answered<std::vector<std::string>>> confirm_second_factor(Subject who, std::string address,
                                                                                   std::string code);

  /// OAuth 2.0 client credentials. `wanted`: empty for all that was granted. nullopt: id or secret is wrong.
  struct ClientToken {
    std::string token, actions;
    Millis lasts{};
    bool scope_refused = false;  // `wanted` holds what was not granted; there is no token
  };
  boost::asio::awaitable<Result<std::optional<ClientToken>>> client_token(std::string id, std::string secret,
                                                                          std::string wanted);

  /// What was committed beside this class (people_desk, client_desk, place_desk): what is remembered is read anew.
  boost::asio::awaitable<void> changed();

  const Places& places() const { return *places_; }
  std::shared_ptr<const Places> shared_places() const { return places_; }  // for workers
  const PeoplePolicy& policy() const { return policy_; }
  const PeopleJournal& journal() const { return journal_; }
  LoginGuard& guard() { return guard_; }
  const PasswordWorker& passwords() const { return passwords_; }

 private:
  using Remembered = std::shared_ptr<const Recognised>;

  boost::asio::awaitable<Answered<Person>> checked_password(std::string name, std::string address,
                                                            std::string password);
  boost::asio::awaitable<Answered<OpenedSession>> open(Person person, LogIn wish, std::string new_hash);
  boost::asio::awaitable<Result<Remembered>> find(std::string token_hash);
  boost::asio::awaitable<Result<void>> end_copied(Recognised copied);
  void forget();

  Records& records_;
  const Clock& clock_;
  PeoplePolicy policy_;
  PeopleJournal journal_;
  PasswordWorker passwords_;
  LoginGuard guard_;
  std::shared_ptr<const Places> places_;
  std::unordered_map<std::string, Remembered> remembered_;  // by fingerprint of the token
  std::unordered_map<std::string, WallTime> seen_;          // by session: its last request
  std::uint64_t generation_ = 0;                            // of what is remembered
};

}  // namespace anlan::collector
