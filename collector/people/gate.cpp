#include "collector/people/gate.hpp"

#include "collector/people/client_desk.hpp"
#include "collector/people/person_rows.hpp"
#include "collector/people/place_desk.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kRemembered = 20'000;

Subject subject_of(const Person& person, const SessionRow& session) {
  Subject subject;
  subject.id = person.id.hex();
  subject.name = person.is.name;
  subject.role = person.is.role;
  subject.capacity = capacity_of(person.is.role, person.is.duty);
  subject.territory = person.is.territory;
  subject.session = session.id;
  return subject;
}

std::optional<Recognised> recognised(Database& database, SessionRow session) {
  Recognised found;
  if (session.kind == SessionKind::client) {
    const auto id = ClientId::from_hex(session.holder);
    const auto client = id ? find_client(database, *id) : std::nullopt;
    if (!client || client->off) return std::nullopt;
    found.subject = subject_of(*client, session.actions);
    found.subject.session = session.id;
    found.per_minute = client->per_minute;
  } else if (session.kind == SessionKind::task) {
    found.subject.kind = Subject::Kind::inspector;
    found.subject.id = session.id;
    found.subject.name = session.holder;
    found.subject.capacity = Capacity::IN;
    found.subject.hazard = session.hazard;
    found.subject.session = session.id;
  } else {
    const auto id = PersonId::from_hex(session.holder);
    const auto person = id ? find_person(database, *id) : std::nullopt;
    if (!person || person->person.state != PersonState::active) return std::nullopt;
    found.subject = subject_of(person->person, session);
  }
  found.session = std::move(session);
  return found;
}

}  // namespace

Gate::Gate(Records& records, const Clock& clock, PeoplePolicy policy, PeopleJournal journal)
    : records_(records),
      clock_(clock),
      policy_(policy),
      journal_(std::move(journal)),
      passwords_(policy.cost, policy.hashes_waiting),
      guard_(policy.guard),
      places_(std::make_shared<Places>(PlaceDesk::all(records.reading_database()))) {}

void Gate::forget() {
  ++generation_;
  remembered_.clear();
}

asio::awaitable<void> Gate::changed() {
  forget();
  auto fresh = co_await records_.read([](Database& database) -> Result<Places> { return PlaceDesk::all(database); });
  if (fresh) places_ = std::make_shared<Places>(std::move(*fresh));
}

asio::awaitable<Result<Gate::Remembered>> Gate::find(std::string token_hash) {
  if (const auto known = remembered_.find(token_hash); known != remembered_.end()) co_return known->second;
  const std::uint64_t generation = generation_;
  auto found = co_await records_.read([token_hash](Database& database) -> Result<std::optional<Recognised>> {
    auto session = find_session(database, token_hash);
    return session ? recognised(database, std::move(*session)) : std::nullopt;
  });
  if (!found) co_return fail(found.error());
  if (!*found) co_return nullptr;
  auto entry = std::make_shared<const Recognised>(std::move(**found));
  if (generation == generation_) {  // nothing changed while it was read
    if (remembered_.size() >= kRemembered) remembered_.clear();
    remembered_[token_hash] = entry;
  }
  co_return entry;
}

asio::awaitable<Result<void>> Gate::end_copied(Recognised copied) {
  const WallTime now = clock_.wall();
  auto call = [this, copied, now](Database& database) -> Result<void> {
    end_session(database, copied.session.id);
    journal_(database, {"session.copied", "person/" + copied.subject.id, copied.subject.actor(),
                        "a token that had been replaced was used again: its session has ended", now});
    return {};
  };
  auto done = co_await records_.transact(std::move(call));
  forget();
  co_return done;
}

asio::awaitable<Result<std::optional<Recognised>>> Gate::recognise(std::string token, bool bearer) {
  const std::string token_hash = fingerprint(token);
  const auto found = co_await find(token_hash);
  if (!found) co_return fail(found.error());
  if (!*found || ((*found)->session.kind == SessionKind::browser) == bearer) co_return std::nullopt;
  Recognised out = **found;
  const SessionRow& session = out.session;
  const WallTime now = clock_.wall();
  if (session.expires_at <= now) co_return std::nullopt;
  if (session.kind != SessionKind::browser) co_return out;

  const bool replaced = token_hash != session.token_hash;
  if (replaced && now - session.rotated_at > policy_.grace) {
    if (auto ended = co_await end_copied(std::move(out)); !ended) co_return fail(ended.error());
    co_return std::nullopt;
  }
  const auto last = seen_.find(session.id);
  const WallTime seen = std::max(session.rotated_at, last == seen_.end() ? WallTime{} : last->second);
  if (now - seen >= policy_.idle) co_return std::nullopt;
  if (seen_.size() >= kRemembered) seen_.clear();  // then the last rotation counts
  seen_[session.id] = now;
  if (replaced || now - session.rotated_at < policy_.rotate_after) co_return out;

  std::string fresh = random_token();
  auto call = [id = session.id, token_hash, fresh_hash = fingerprint(fresh), now](Database& database) -> Result<bool> {
    return rotate_session(database, id, token_hash, fresh_hash, now);
  };
  const auto rotated = co_await records_.transact(std::move(call));
  if (!rotated) co_return fail(rotated.error());
  ++generation_;  // what is being read just now may be of before
  remembered_.erase(token_hash);
  if (*rotated) out.new_token = std::move(fresh);
  co_return out;
}

asio::awaitable<bool> Gate::still(SessionRow session) {
  if (session.expires_at <= clock_.wall()) co_return false;
  const auto found = co_await find(session.token_hash);
  co_return found && *found && (*found)->session.id == session.id;
}

asio::awaitable<Result<void>> Gate::log_out(Subject who) {
  const WallTime now = clock_.wall();
  auto call = [this, who, now](Database& database) -> Result<void> {
    end_session(database, who.session);
    journal_(database, {"session.ended", "person/" + who.id, who.actor(), "logged out", now});
    return {};
  };
  auto done = co_await records_.transact(std::move(call));
  seen_.erase(who.session);
  forget();
  co_return done;
}

asio::awaitable<Result<std::optional<Gate::ClientToken>>> Gate::client_token(std::string id, std::string secret,
                                                                             std::string wanted) {
  const WallTime now = clock_.wall();
  ClientToken made{random_token(), {}, policy_.client_token_lasts, false};
  auto call = [id, secret_hash = fingerprint(secret), wanted, now, made,
               this](Database& database) -> Result<std::optional<ClientToken>> {
    const auto client_id = ClientId::from_hex(id);
    const auto client = client_id ? find_client(database, *client_id) : std::nullopt;
    if (!client || client->off || !same_secret(client->secret_hash, secret_hash)) return std::nullopt;
    ClientToken given = made;
    const auto actions = chosen_actions(*client, wanted);
    if (!actions) {
      given.scope_refused = true;
      return given;
    }
    given.actions = *actions;
    SessionRow row{random_id<ClientId>().hex(),
                   SessionKind::client,
                   id,
                   fingerprint(made.token),
                   {},
                   {},
                   {},
                   *actions,
                   now,
                   now,
                   now + policy_.client_token_lasts};
    insert_session(database, row);
    keep_newest_sessions(database, id, policy_.sessions, now);
    journal_(database, {"client.token", "client/" + id, {client->name, Role::EM}, *actions, now});
    return given;
  };
  auto given = co_await records_.transact(std::move(call));
  forget();  // older tokens may have ended with it
  co_return given;
}

}  // namespace anlan::collector
