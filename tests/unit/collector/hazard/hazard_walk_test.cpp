// Actions by random people on random hazards, over simulated months: no hazard ever comes into a state that the life
// cycle forbids, every step is in the history and in the log, and the log verifies at the end. What is allowed is
// written here once more, apart from the table that the program runs. ANLAN_WALK_ACTIONS says how many; the long test
// takes 100,000.
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "collector/alert/alert_book.hpp"
#include "collector/audit/audit_log.hpp"
#include "collector/audit/log_verifier.hpp"
#include "collector/hazard/hazard_desk.hpp"
#include "collector/hazard/hazard_rows.hpp"
#include "collector/hazard/transition_table.hpp"
#include "collector/store/changes.hpp"
#include "tests/support/records_db.hpp"
#include "tests/unit/collector/hazard/hazard_builder.hpp"

namespace anlan::collector {
namespace {

using namespace testing_hazard;
using test::at;

constexpr int kTogether = 500;

int wished_actions() {
  const char* wish = std::getenv("ANLAN_WALK_ACTIONS");
  return wish == nullptr ? 15'000 : std::stoi(wish);
}

/// "from event to": who may have done it.
const std::map<std::string, std::set<Role>> kAllowed = [] {
  std::map<std::string, std::set<Role>> allowed;
  const auto add = [&](const std::string& from, const std::string& event, const std::string& to, std::set<Role> who) {
    allowed[from + " " + event + " " + to] = std::move(who);
  };
  using enum Role;
  add("reported", "reported", "reported", {EM, EP, DA, CR, SA});
  add("reported", "graded", "graded", {SYS, DA});
  add("reported", "rejected", "rejected", {DA});
  add("reported", "merged", "merged", {DA});
  add("graded", "dispatched", "dispatched", {SYS});
  add("dispatched", "dispatched", "dispatched", {DA});
  add("dispatched", "disputed", "disputed", {EP});
  add("disputed", "arbitrated", "dispatched", {CR});
  add("rectifying", "self_checked", "self-checked", {EP});
  add("self-checked", "submitted", "awaiting", {SYS});
  add("awaiting", "third_party_requested", "third-party", {SYS, DA, CR});
  add("third-party", "inspector_assigned", "third-party", {DA, CR});
  add("third-party", "inspected", "awaiting", {SA, CR, DA, EP, EM});
  add("awaiting", "accepted", "closed", {DA, CR});
  add("awaiting", "failed", "rectifying", {DA, CR});
  add("closed", "reopened", "reopened", {SYS, DA, CR});
  add("rectifying", "progressed", "rectifying", {EP});
  add("rectifying", "extended", "rectifying", {EP, DA, CR});
  add("rectifying", "extension_asked", "rectifying", {EP});
  add("rectifying", "extension_denied", "rectifying", {DA, CR});
  for (const std::string state : {"dispatched", "rectifying"}) add(state, "graded", state, {DA});
  for (const std::string state : {"dispatched", "reopened"}) {
    add(state, "started", "rectifying", {EP});
    add(state, "planned", state, {EP});
    add(state, "plan_approved", state, {DA, CR});
  }
  for (const std::string state : {"dispatched", "reopened", "rectifying", "awaiting", "third-party"})
    for (const char* event : {"downgrade_asked", "downgraded", "downgrade_refused"}) add(state, event, state, {DA, CR});
  for (const std::string state : {"dispatched", "disputed", "reopened", "rectifying", "awaiting", "third-party"}) {
    add(state, "supervised", state, {CR});
    add(state, "supervision_ended", state, {CR});
    add(state, "verification_begun", state, {DA});
  }
  for (const std::string state :
       {"reported", "dispatched", "disputed", "reopened", "rectifying", "awaiting", "third-party"})
    for (const char* event : {"reminded", "overdue", "escalated"}) add(state, event, state, {SYS});
  return allowed;
}();

/// What must be true of a hazard wherever it has come to.
void check(const Hazard& h) {
  const bool worked_on = h.state == HazardState::rectifying || h.state == HazardState::awaiting ||
                         h.state == HazardState::third_party || h.state == HazardState::closed;
  if (worked_on) {
    EXPECT_FALSE(h.plan.measures.empty() || h.plan.funds.empty() || h.plan.responsible_person.empty() ||
                 h.plan.contingency_plan.empty() || !h.plan.time_limit)
        << "five elements before a timed rectification";
    EXPECT_FALSE(h.rectifiers.empty());
  }
  EXPECT_EQ(h.state == HazardState::disputed, h.paused_at.has_value());
  EXPECT_EQ(h.deadline.has_value(), is_open(h.state)) << to_string(h.state);
  EXPECT_LE(h.extensions, 2);
  EXPECT_EQ(h.closed_at.has_value(), h.state == HazardState::closed);
  EXPECT_TRUE(!h.supervised || h.grade == HazardGrade::major);
  EXPECT_NE(h.state, HazardState::graded) << "the system dispatches at once";
  EXPECT_NE(h.state, HazardState::self_checked) << "the system submits at once";
}

class Walk {
 public:
  Walk()
      : db_({{"audit", audit_schema()},
             {"changes", change_schema()},
             {"alert", alert_schema()},
             {"hazard", hazard_schema()}}) {
    db_.commit([&] {
      return audit::append(db_.database(), {at(0),
                                            system_actor(),
                                            std::string(kGenerationBegan),
                                            std::string(kStoreSubject),
                                            "",
                                            {{"generation", Generation{1, 1}.hex()}}});
    });
    desk_.emplace(db_.database(), HazardPolicy{}, [this] { return HazardId{0x4A, ++ids_}; });
  }

  void run(int actions) {
    for (int done = 0; done < actions; done += kTogether)
      db_.commit([&] {
        for (int i = 0; i < kTogether; ++i) one();
        return true;
      });
  }
  void look_at_the_end();
  int taken = 0, refused = 0;
  std::map<std::string, int> events;

 private:
  template <class T>
  const T& any(const std::vector<T>& of) {
    return of[random_() % of.size()];
  }
  bool sometimes(unsigned one_in) { return random_() % one_in == 0; }

  void one() {
    now_ += static_cast<std::int64_t>(random_() % 1'200'000);
    if (sometimes(20)) desk_->on_time(at(now_), 200);
    if (known_.size() < 30 || sometimes(200)) return report();
    auto place = known_.begin();
    std::advance(place, static_cast<long>(random_() % known_.size()));
    act(place->first);
  }

  void report() {
    const auto change =
        desk_->report({.site = "tj-bh-017", .description = "x", .location = "y"}, any(people_), at(now_));
    ASSERT_TRUE(change) << change.error().message;
    known_[change->hazard.id] = change->hazard;
  }

  /// Half of the time something that the state has an arrow for.
  std::string action_for(const Hazard& hazard) {
    const auto possible = actions_in(hazard.state);
    if (!possible.empty() && !sometimes(4)) return any(possible);
    return std::string(hazard_arrows()[random_() % hazard_arrows().size()].action);
  }

  /// Of a role that may take the step, where there is one; else the walk would hardly come far.
  const Actor& somebody_for(const Hazard& hazard, const std::string& action) {
    const Arrow* arrow = find_arrow(hazard.state, action);
    for (int i = 0; arrow && i < 20; ++i)
      if (const Actor& actor = any(people_); arrow->who & role_bit(actor.role)) return actor;
    return any(people_);
  }

  std::string fields_of(const Hazard& hazard, const std::string& action) {
    const Arrow* arrow = find_arrow(hazard.state, action);
    ActFields fields = arrow ? fields_for(*arrow) : ActFields{};
    if (arrow && (arrow->needs & needs_approved_plan) && hazard.grade == HazardGrade::major) fields.clear();
    const auto later = [&](int days) {
      const auto due = hazard.due_at.value_or(at(now_));
      return to_rfc3339(std::max(due, at(now_)) + std::chrono::hours{static_cast<int>(random_() % 24) + 24 * days});
    };
    if (fields.contains("time_limit"))
      fields["time_limit"] =
          to_rfc3339(std::max(hazard.due_at.value_or(at(now_)), at(now_)) - std::chrono::hours{random_() % 48});
    if (fields.contains("until")) fields["until"] = later(static_cast<int>(random_() % 10));
    if (fields.contains("grade")) fields["grade"] = sometimes(3) ? "major" : "general";
    if (fields.contains("into"))
      fields["into"] = std::next(known_.begin(), static_cast<long>(random_() % known_.size()))->first.hex();
    if (fields.contains("inspector")) fields["inspector"] = any(people_).name;
    if (sometimes(25) && !fields.empty()) fields.erase(fields.begin());
    if (sometimes(50)) fields["colour"] = "blue";
    std::string json;
    for (const auto& [name, value] : fields) json += (json.empty() ? "{\"" : ",\"") + name + "\":\"" + value + "\"";
    return json.empty() ? "{}" : json + "}";
  }

  void act(const HazardId& id) {
    const Hazard before = get(id);  // reminders came meanwhile
    const std::string action = action_for(before);
    const Actor& actor = sometimes(3) ? somebody_for(before, action) : any(people_);
    const std::int64_t version = sometimes(15) ? before.version - 1 : before.version;
    const std::string reason = sometimes(25) ? "" : "as seen on site";
    const auto change = desk_->act(id, action, actor, reason, fields_of(before, action), version, at(now_));
    const Hazard after = get(id);
    if (!change) {
      ++refused;
      EXPECT_EQ(after.version, before.version) << "what is refused changes nothing";
      EXPECT_EQ(after.state, before.state);
      return;
    }
    ++taken;
    EXPECT_EQ(version, before.version) << "a stale version was taken: " << action;
    EXPECT_GT(after.version, before.version);
    check(after);
    if (after.state == HazardState::closed) {
      EXPECT_TRUE(before.grade != HazardGrade::major || (actor.role == Role::CR && before.inspected));
      for (const auto& name : before.rectifiers) EXPECT_NE(name, actor.name) << "accepted by who rectified it";
    }
    if (before.grade == HazardGrade::major && after.grade != HazardGrade::major)
      EXPECT_NE(before.downgrade_by, actor.name) << "downgraded by one person";
    known_[id] = after;
    if (!is_open(after.state) && (after.state != HazardState::closed || sometimes(2))) known_.erase(id);
  }

  Hazard get(const HazardId& id) { return *HazardRows(db_.database()).find(id); }

  test::RecordsDb db_;
  std::optional<HazardDesk> desk_;
  std::map<HazardId, Hazard> known_;
  // Some act in several roles, as people do.
  std::vector<Actor> people_{{"李雷", Role::EP}, {"赵强", Role::EP}, {"钱伟", Role::EP}, {"韩梅", Role::EM},
                             {"孙检", Role::EM}, {"王芳", Role::DA}, {"吴敏", Role::DA}, {"郑凯", Role::DA},
                             {"周明", Role::CR}, {"冯涛", Role::CR}, {"李雷", Role::DA}, {"赵强", Role::CR},
                             {"陈管", Role::SA}};
  std::mt19937_64 random_{20261201};
  std::uint64_t ids_ = 0;
  std::int64_t now_ = 0;
};

void Walk::look_at_the_end() {
  auto& database = db_.database();
  // Every line of every history is an arrow of the life cycle, by somebody who may, and versions have no hole.
  std::map<std::string, std::int64_t> version;
  std::map<std::string, std::string> state;
  std::map<std::string, std::vector<std::string>> history;
  for (std::int64_t number = 0;;) {
    const auto rows = database.query(
        "SELECT number, hazard, version, what, from_state, to_state, role FROM hazard_event WHERE number > :p1 ORDER "
        "BY number LIMIT 5000",
        {number});
    if (rows.empty()) break;
    for (const auto& row : rows) {
      number = row.integer(0);
      const std::string hazard = row.text(1), step = row.text(4) + " " + row.text(3) + " " + row.text(5);
      const auto allowed = kAllowed.find(step);
      ASSERT_NE(allowed, kAllowed.end()) << step;
      EXPECT_TRUE(allowed->second.contains(role_from(row.text(6)).value())) << step << " by " << row.text(6);
      if (state.contains(hazard)) EXPECT_EQ(state[hazard], row.text(4)) << "it was somewhere else: " << step;
      state[hazard] = row.text(5);
      const bool remark = row.text(3) == "reminded" || row.text(3) == "overdue" || row.text(3) == "escalated";
      EXPECT_EQ(row.integer(2), version[hazard] + (remark ? 0 : 1)) << step;
      version[hazard] = row.integer(2);
      history[hazard].push_back("hazard." + row.text(3));
      ++events[row.text(3)];
    }
  }
  // The log tells the same story, and holds.
  LogVerifier verifier([](const SignedTreeHead&) { return true; }, {std::string(64, 'a')}, {});
  const auto size = audit::size(database);
  const auto log = *audit::log_id(database);
  verifier.take(std::string(kExportMark) + "log=" + log.hex() + " size=" + std::to_string(size));
  for (std::uint64_t from = 0; from < size;) {
    for (const auto& row : audit::rows(database, from, 5000)) {
      from = row.number + 1;
      verifier.take(row.leaf + " " + row.line);
      const Deed deed = parse_entry(row.line).value().deed;
      if (deed.act == "hazard.evidence" || !deed.subject.starts_with("hazard/")) continue;
      auto& told = history[deed.subject.substr(7)];
      ASSERT_FALSE(told.empty()) << deed.act;
      EXPECT_EQ(told.front(), deed.act);
      told.erase(told.begin());
    }
  }
  for (const auto& [hazard, left] : history) EXPECT_TRUE(left.empty()) << hazard << " has steps without an entry";
  const TreeHead head{
      log, {1, 1}, size, at(0), to_hex(root_of(size, audit::node_reader(database))), std::string(64, 'a')};
  verifier.take(with_signature(head, std::string(64, 's')).text);
  const auto report = verifier.finish();
  ASSERT_TRUE(report.good()) << report.fault->what;
  EXPECT_EQ(report.entries, size);
}

TEST(HazardWalk, NoActOfAnybodyLeadsWhereTheLifeCycleForbidsAndTheLogVerifies) {
  const int actions = wished_actions();
  Walk walk;
  walk.run(actions);
  walk.look_at_the_end();
  EXPECT_GT(walk.taken, actions / 20) << "otherwise it proves little";
  EXPECT_GT(walk.refused, actions / 20);
  std::set<std::string> missing;
  for (const auto& arrow : hazard_arrows())
    if (!walk.events.contains(std::string(arrow.event))) missing.insert(std::string(arrow.event));
  EXPECT_EQ(missing, std::set<std::string>{}) << "every arrow was walked";
  std::printf("taken %d, refused %d\n", walk.taken, walk.refused);
}

}  // namespace
}  // namespace anlan::collector
