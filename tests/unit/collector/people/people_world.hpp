// Accounts in a real database, a gate before them, a clock that stands: hashes cost next to nothing, and what the
// journal was told is kept.
#pragma once

#include <gtest/gtest.h>

#include "collector/people/gate.hpp"
#include "collector/people/one_time_code.hpp"
#include "collector/people/people_desk.hpp"
#include "collector/people/people_schema.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records_db.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::test {

using namespace collector;

inline const Actor kAdmin{"root", Role::SA};
inline const std::string kPassword = "correct horse battery", kHome = "10.0.0.1";

class PeopleWorld {
 public:
  template <class T>
  T await(boost::asio::awaitable<T> work) {
    return run_coro(io, std::move(work));
  }

  Invited invite(PersonWish wish) {
    auto made = db.commit([&] { return desk.create(db.database(), std::move(wish), kAdmin, clock.wall()); });
    if (!made) throw std::runtime_error(made.error().message);
    await(gate.changed());
    return *made;
  }

  /// Somebody with kPassword who has logged in from kHome.
  Person join(PersonWish wish) {
    const std::string name = wish.name;
    const Invited invited = invite(std::move(wish));
    auto opened = await(gate.accept_invitation(invited.invitation, log_in_of(name)));
    if (!opened) throw std::runtime_error(opened.error().detail);
    return opened->person;
  }
  Person join_officer(const std::string& name = "王芳", const std::string& district = "滨海") {
    return join(officer(name, district));
  }

  static PersonWish officer(const std::string& name, const std::string& district = "滨海") {
    PersonWish wish;
    wish.name = name;
    wish.staff_number = "staff-" + name;
    wish.role = Role::DA;
    wish.territory.district = district;
    return wish;
  }

  static LogIn log_in_of(const std::string& name, const std::string& password = kPassword,
                         const std::string& address = kHome, SessionKind kind = SessionKind::program) {
    return {name, password, {}, address, kind};
  }

  Answered<OpenedSession> log_in(LogIn wish) { return await(gate.log_in(std::move(wish))); }
  std::optional<Recognised> who(const std::string& token, bool bearer = true) {
    auto found = await(gate.recognise(token, bearer));
    if (!found) throw std::runtime_error(found.error().message);
    return *found;
  }
  void pass(Millis time) { clock.advance(io, time); }

  /// Sets up one-time codes; the seed. Recovery codes go to `codes`.
  std::string second_factor(const Subject& subject, std::vector<std::string>* codes = nullptr) {
    const auto seed = await(gate.begin_second_factor(subject, kHome, kPassword, ""));
    if (!seed) throw std::runtime_error(seed.error().detail);
    auto made = await(gate.confirm_second_factor(subject, kHome, code_at(seed->seed, clock.wall())));
    if (!made) throw std::runtime_error(made.error().detail);
    if (codes != nullptr) *codes = *made;
    pass(Millis{30'000});  // the code that was shown is used up
    return seed->seed;
  }

  static PeoplePolicy policy() {
    PeoplePolicy policy;
    policy.cost = {1, 8192};
    policy.guard.tries = 4;
    return policy;
  }

  boost::asio::io_context io;
  ManualClock clock;
  RecordsDb db{{{"people", people_schema()}}};
  std::vector<PeopleAct> journal;
  PeopleJournal note = [this](Database&, const PeopleAct& act) { journal.push_back(act); };
  PeopleDesk desk{note};
  Gate gate{db.records(), clock, policy(), note};
};

}  // namespace anlan::test
