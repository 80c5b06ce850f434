// How somebody gets in: name and password, second factor, invitation.
#include "collector/people/gate.hpp"
#include "collector/people/one_time_code.hpp"
#include "collector/people/password_rules.hpp"
#include "collector/people/person_rows.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

namespace asio = boost::asio;

int seconds_up(Millis wait) { return static_cast<int>((wait.count() + 999) / 1000); }

std::unexpected<Problem> wrong() {
  return std::unexpected(Problem{401, "wrong-credentials", "name or password is not right"});
}

std::unexpected<Problem> locked(Millis wait) {
  Problem problem{423, "locked", "too many log-ins failed; try again later"};
  problem.retry_after = seconds_up(wait);
  return std::unexpected(std::move(problem));
}

/// A code of the clock, or one of those on paper; each is taken once.
bool take_code(Database& database, PersonRow& row, const std::string& code, WallTime now) {
  if (const auto step = matching_step(row.secrets.code_seed, code, now, row.secrets.code_step)) {
    row.secrets.code_step = *step;
    update_person(database, row);
    return true;
  }
  return take_recovery_code(database, row.person.id, fingerprint(code));
}

SessionRow new_session(const PersonId& person, SessionKind kind, const std::string& token, WallTime now, Millis lasts) {
  const std::string csrf = kind == SessionKind::browser ? random_token() : std::string();
  return {random_id<PersonId>().hex(), kind, person.hex(), fingerprint(token), {}, csrf, {}, {}, now, now, now + lasts};
}

}  // namespace

/// The same work whether that name exists or not; counts against whoever fails.
asio::awaitable<Answered<Person>> Gate::checked_password(std::string name, std::string address, std::string password) {
  struct Found {
    std::optional<PersonRow> row;
    bool known = false;
  };
  const std::string key = person_key(name);
  const auto found = co_await records_.read([key, address](Database& database) -> Result<Found> {
    Found read{find_person_by(database, "name_key", key)};
    read.known = knows_address(database, read.row ? read.row->person.id : PersonId{}, address);
    return read;
  });
  if (!found) co_return std::unexpected(to_problem(found.error()));
  if (const auto wait = guard_.begin(key, address, found->known, clock_.mono())) co_return locked(*wait);
  const bool may = found->row && found->row->person.state == PersonState::active;
  const auto matched =
      co_await passwords_.matches(may ? found->row->secrets.password_hash : std::string(), std::move(password));
  if (!matched) co_return std::unexpected(Problem{503, "unavailable", matched.error().message});
  if (!*matched) co_return wrong();
  co_return found->row->person;
}

asio::awaitable<Answered<OpenedSession>> Gate::log_in(LogIn wish) {
  const auto person = co_await checked_password(wish.name, wish.address, wish.password);
  wipe(wish.password);
  if (!person) co_return std::unexpected(person.error());
  co_return co_await open(*person, std::move(wish), {});
}

/// `new_hash`: a password that was chosen just now; empty: the one that was checked stays.
asio::awaitable<Answered<OpenedSession>> Gate::open(Person person, LogIn wish, std::string new_hash) {
  const WallTime now = clock_.wall();
  const std::string token = random_token();
  const SessionRow row = new_session(person.id, wish.kind, token, now, policy_.session_lasts);
  auto call = [this, person, wish, new_hash, row, now](Database& database) -> Result<Answered<Person>> {
    auto found = find_person(database, person.id);
    if (!found || found->person.version != person.version) return Answered<Person>(wrong());
    if (found->person.state == PersonState::off) return Answered<Person>(wrong());
    if (!new_hash.empty()) {
      found->person.state = PersonState::active;
      ++found->person.version;
      found->secrets.password_hash = new_hash;
      found->secrets.invitation_hash.clear();
      update_person(database, *found);
      journal_(
          database,
          {"person.joined", "person/" + person.id.hex(), {person.is.name, person.is.role}, "chose a password", now});
    } else if (found->person.second_factor) {
      if (wish.code.empty())
        return Answered<Person>(std::unexpected(Problem{401, "code-needed", "this account asks for a one-time code"}));
      if (!take_code(database, *found, wish.code, now))
        return Answered<Person>(std::unexpected(Problem{401, "wrong-code", "this code is not right, or was used"}));
    }
    insert_session(database, row);
    keep_newest_sessions(database, person.id.hex(), policy_.sessions, now);
    note_address(database, person.id, wish.address, now);
    journal_(database, {"session.opened",
                        "person/" + person.id.hex(),
                        {person.is.name, person.is.role},
                        std::string(to_string(wish.kind)) + " from " + wish.address,
                        now});
    return Answered<Person>(found->person);
  };
  const auto opened = co_await records_.transact(std::move(call));
  if (!opened) co_return std::unexpected(to_problem(opened.error()));
  // A missing code counts too: otherwise who has the password could go on guessing codes between two such calls.
  if (!*opened) co_return std::unexpected(opened->error());
  guard_.succeeded(person_key(wish.name), wish.address);
  forget();  // older sessions may have ended with it
  co_return OpenedSession{row, token, **opened};
}

asio::awaitable<Answered<OpenedSession>> Gate::accept_invitation(std::string invitation, LogIn wish) {
  const std::string key = person_key(wish.name), hash = fingerprint(invitation);
  if (const std::string fault = password_fault(wish.password, wish.name); !fault.empty())
    co_return std::unexpected(Problem{422, "invalid", "password " + fault, {"password " + fault}});
  if (const auto wait = guard_.begin(key, wish.address, false, clock_.mono())) co_return locked(*wait);
  const auto found = co_await records_.read([hash](Database& database) -> Result<std::optional<PersonRow>> {
    return find_person_by(database, "invitation_hash", hash);
  });
  if (!found) co_return std::unexpected(to_problem(found.error()));
  const bool good = *found && (*found)->person.state == PersonState::invited &&
                    person_key((*found)->person.is.name) == key && (*found)->secrets.invitation_until > clock_.wall();
  if (!good)
    co_return std::unexpected(
        Problem{401, "wrong-invitation", "this invitation is not that person's, was used, or has expired"});
  auto new_hash = co_await passwords_.hash(std::move(wish.password));
  if (!new_hash) co_return std::unexpected(Problem{503, "unavailable", new_hash.error().message});
  co_return co_await open((*found)->person, std::move(wish), std::move(*new_hash));
}

asio::awaitable<Answered<OpenedSession>> Gate::change_password(Subject who, std::string address, std::string before,
                                                               std::string after) {
  if (const std::string fault = password_fault(after, who.name); !fault.empty())
    co_return std::unexpected(Problem{422, "invalid", "password " + fault, {"password " + fault}});
  const auto person = co_await checked_password(who.name, address, std::move(before));
  if (!person) co_return std::unexpected(person.error());
  auto new_hash = co_await passwords_.hash(std::move(after));
  if (!new_hash) co_return std::unexpected(Problem{503, "unavailable", new_hash.error().message});
  const WallTime now = clock_.wall();
  const std::string token = random_token();
  auto call = [this, who, person = *person, new_hash = *new_hash, token,
               now](Database& database) -> Result<std::optional<SessionRow>> {
    auto found = find_person(database, person.id);
    if (!found || found->person.version != person.version) return std::nullopt;
    ++found->person.version;
    found->person.changed_at = now;
    found->secrets.password_hash = new_hash;
    update_person(database, *found);
    const auto held = database.query("SELECT kind FROM login_session WHERE id = :p1", {who.session});
    const auto kind = !held.empty() && held[0].text(0) == to_string(SessionKind::browser) ? SessionKind::browser
                                                                                          : SessionKind::program;
    end_sessions_of(database, person.id.hex());
    const SessionRow row = new_session(person.id, kind, token, now, policy_.session_lasts);
    insert_session(database, row);
    journal_(database, {"person.password", "person/" + person.id.hex(), who.actor(), "changed their password", now});
    return row;
  };
  const auto row = co_await records_.transact(std::move(call));
  forget();
  if (!row) co_return std::unexpected(to_problem(row.error()));
  if (!*row) co_return wrong();
  guard_.succeeded(person_key(who.name), address);
  co_return OpenedSession{**row, token, *person};
}

/// Where there is one already, its code is asked for too: a password alone does not replace it.
asio::awaitable<Answered<Gate::NewSeed>> Gate::begin_second_factor(Subject who, std::string address,
                                                                   std::string password, std::string code) {
  const auto person = co_await checked_password(who.name, address, std::move(password));
  if (!person) co_return std::unexpected(person.error());
  const std::string seed = new_code_seed();
  auto call = [id = person->id, seed, code, now = clock_.wall()](Database& database) -> Result<Answered<bool>> {
    auto found = find_person(database, id);
    if (!found) return Answered<bool>(wrong());
    if (found->person.second_factor && !take_code(database, *found, code, now))
      return Answered<bool>(
          std::unexpected(Problem{401, code.empty() ? "code-needed" : "wrong-code",
                                  "a code of the present second factor (or a recovery code) is needed to replace it"}));
    found->secrets.pending_seed = seed;
    update_person(database, *found);
    return Answered<bool>(true);
  };
  const auto done = co_await records_.transact(std::move(call));
  if (!done) co_return std::unexpected(to_problem(done.error()));
  if (!*done) co_return std::unexpected(done->error());
  guard_.succeeded(person_key(who.name), address);
  co_return NewSeed{seed, code_uri(seed, who.name)};
}

asio::awaitable<Answered<std::vector<std::string>>> Gate::confirm_second_factor(Subject who, std::string address,
                                                                                std::string code) {
  if (const auto wait = guard_.begin("code " + who.id, address, true, clock_.mono())) co_return locked(*wait);
  std::vector<std::string> codes, hashes;
  for (int i = 0; i < 10; ++i) {
    codes.push_back(random_recovery_code());
    hashes.push_back(fingerprint(codes.back()));
  }
  const WallTime now = clock_.wall();
  auto call = [this, who, code, hashes, now](Database& database) -> Result<Answered<bool>> {
    const auto id = PersonId::from_hex(who.id);
    auto found = id ? find_person(database, *id) : std::nullopt;
    if (!found || found->secrets.pending_seed.empty())
      return Answered<bool>(std::unexpected(Problem{409, "refused", "no second factor was begun"}));
    const auto step = matching_step(found->secrets.pending_seed, code, now, 0);
    if (!step) return Answered<bool>(std::unexpected(Problem{401, "wrong-code", "this code is not right"}));
    found->secrets.code_seed = std::exchange(found->secrets.pending_seed, {});
    found->secrets.code_step = *step;
    ++found->person.version;
    found->person.changed_at = now;
    update_person(database, *found);
    set_recovery_codes(database, *id, hashes);
    end_sessions_of(database, who.id, who.session);
    journal_(database, {"person.second-factor", "person/" + who.id, who.actor(), "set up one-time codes", now});
    return Answered<bool>(true);
  };
  const auto done = co_await records_.transact(std::move(call));
  forget();
  if (!done) co_return std::unexpected(to_problem(done.error()));
  if (!*done) co_return std::unexpected(done->error());
  guard_.succeeded("code " + who.id, address);
  co_return codes;
}

}  // namespace anlan::collector
