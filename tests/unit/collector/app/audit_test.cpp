// The log from the keeper to the judge, over real files: signed, exported, restored, rewritten.
#include <fstream>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "collector/app/audit_command.hpp"
#include "collector/app/audit_keeper.hpp"
#include "collector/app/backup.hpp"
#include "collector/app/init_admin.hpp"
#include "collector/app/restore.hpp"
#include "collector/app/stores.hpp"
#include "collector/people/people_desk.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

namespace fs = std::filesystem;

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    std::ofstream(dir_.file("collector.toml")) << "[collector]\n";
    fs::create_directory(data());
    open();
  }

  std::string data() const { return dir_.file("data"); }
  std::string heads() const { return dir_.file("heads.txt"); }
  void open() {
    keeper_.reset();
    stores_ = open_stores(data()).value();
    keeper_ = std::make_unique<AuditKeeper>(clock_, *stores_->records, audit_key({}, data()).value(),
                                            stores_->identity.ref.generation, AuditSettings{"", heads()},
                                            [this](const std::string& head) { told_.push_back(head); });
  }
  void close() {
    keeper_.reset();
    stores_.reset();
  }
  void enter(const std::string& act) {
    ASSERT_TRUE(test::run_coro(io_, keeper_->enter({{}, {"王芳", Role::DA}, act, "hazard/1"})));
  }
  /// As the daemon does: compare, name the key, sign; then it sleeps.
  void keep() {
    boost::asio::co_spawn(io_, keeper_->run(), boost::asio::detached);
    const auto sleepers = clock_.sleepers();
    test::run_until(io_, [&] { return clock_.sleepers() > sleepers; });
  }
  void sign() { test::run_coro(io_, keeper_->sign()); }

  std::string exported(const std::string& name = "log.txt") {
    std::ostringstream out, said;
    const auto done = export_audit(data(), dir_.file(name), out, said);
    EXPECT_TRUE(done) << done.error().message;
    return dir_.file(name);
  }
  /// Exit code of the judgement; its words are in judged_.
  bool holds(const std::string& log, std::vector<std::string> heads = {}) {
    judged_.str("");
    return verify_audit({log, {}, std::move(heads)}, judged_).has_value();
  }
  void tamper(const std::string& sql) {
    auto database = Database::open("sqlite:///" + data() + "/records.db").value();
    ASSERT_TRUE(database->transaction([&]() -> Result<void> {
      database->exec(sql);
      return {};
    }));
  }
  std::string said(const std::string& words) {
    return judged_.str().find(words) == std::string::npos ? judged_.str() : "";
  }

  test::TempDir dir_;
  test::ManualClock clock_;
  boost::asio::io_context io_;  // outlives the workers: they hand their results over to it
  std::optional<Stores> stores_;
  std::unique_ptr<AuditKeeper> keeper_;
  std::vector<std::string> told_;
  std::ostringstream judged_;
};

TEST_F(AuditTest, ANewStoreHasALogThatHoldsAndItsHeadIsInTheFileAndWithTheEdges) {
  keep();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();
  EXPECT_EQ(said("heads from outside that hold: 1 of 1"), "");
  const auto permissions = fs::status(data() + "/audit-key.pem").permissions();
  EXPECT_EQ(permissions, fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AuditTest, TheKeyStaysOverRestartsAndAnotherIsNamed) {
  keep();
  const auto first = audit_key({}, data()).value().public_hex();
  close();
  open();
  keep();
  EXPECT_EQ(audit::known_key(stores_->records->database()), first);
  close();
  fs::remove(data() + "/audit-key.pem");
  open();
  keep();
  EXPECT_NE(audit::known_key(stores_->records->database()), first);
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();
}

TEST_F(AuditTest, AnExportIsUnreadableToNobodyAndAStrangeFileIsRefused) {
  keep();
  judged_.str("");
  EXPECT_EQ(verify_audit({dir_.file("none"), {}, {}}, judged_).error().code, Errc::invalid_argument);
  EXPECT_EQ(verify_audit({exported(), {dir_.file("none.pem")}, {}}, judged_).error().code, Errc::invalid_argument);
  EXPECT_EQ(verify_audit({exported(), {}, {dir_.file("collector.toml")}}, judged_).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(verify_audit({dir_.file("collector.toml"), {}, {}}, judged_).error().code, Errc::storage_corrupt);
}

TEST_F(AuditTest, PeopleAreManagedInTheLogTooAndNeitherIsThereWithoutTheOther) {
  close();
  ASSERT_TRUE(init_admin(data(), "root", "staff-1", "correct horse battery", clock_.wall()));
  open();
  auto& database = stores_->records->database();
  PersonWish wish;
  wish.name = "王芳";
  wish.role = Role::DA;
  wish.territory.district = "滨海";
  const auto make = [&](bool then_fail) {
    return database.transaction([&]() -> Result<void> {
      auto made = PeopleDesk(people_journal()).create(database, wish, {"root", Role::SA}, clock_.wall());
      if (!made) return fail(made.error());
      return then_fail ? fail(Errc::refused, "something else in the transaction") : Result<void>();
    });
  };
  const auto before = audit::size(database);
  EXPECT_FALSE(make(true));
  EXPECT_EQ(audit::size(database), before);
  ASSERT_TRUE(make(false));
  ASSERT_EQ(audit::size(database), before + 1);
  const Deed deed = parse_entry(audit::rows(database, before, 1).at(0).line).value().deed;
  EXPECT_EQ(deed.act, "person.created");
  EXPECT_EQ(deed.actor, (Actor{"root", Role::SA}));
  EXPECT_EQ(deed.subject.substr(0, 7), "person/");
  keep();
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();
}

TEST_F(AuditTest, TheFirstAdministratorMayBeMadeBeforeTheFirstStart) {
  close();
  fs::remove_all(data());
  fs::create_directory(data());
  ASSERT_TRUE(init_admin(data(), "root", "staff-1", "correct horse battery", clock_.wall()));
  fs::remove(heads());
  open();
  keep();
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();
}

TEST_F(AuditTest, WhoRewritesTheDatabaseAndSignsItAnewIsFoundByTheHeadThatAnEdgeHolds) {
  keep();
  enter("hazard.graded");
  sign();
  const std::string edge = dir_.file("edge.txt");
  std::ofstream(edge) << "received=2026-12-01T00:00:00.000Z " << told_.at(0) << "\n" << std::ifstream(heads()).rdbuf();
  enter("hazard.accepted");
  sign();
  EXPECT_TRUE(holds(exported(), {edge})) << judged_.str();
  // The owner of the centre, with its key: the log from its third entry on, another story.
  close();
  fs::remove(heads());
  tamper("DELETE FROM audit_entry WHERE number >= 3; DELETE FROM audit_head WHERE size > 2");
  open();
  for (int i = 0; i < 3; ++i) enter("hazard.rejected");
  keep();
  EXPECT_TRUE(holds(exported())) << "in itself it is without fault: " << judged_.str();
  EXPECT_FALSE(holds(exported(), {edge}));
  EXPECT_EQ(said("CONTRADICTED"), "");
  EXPECT_EQ(said("rewritten"), "");
}

TEST_F(AuditTest, TheCollectorItselfSeesThatItsLogIsNotWhatItSigned) {
  keep();
  enter("hazard.graded");
  sign();
  close();
  tamper("DELETE FROM audit_entry WHERE number >= 3; DELETE FROM audit_head WHERE size > 3");
  open();
  keep();
  const auto rows = audit::rows(stores_->records->database(), 3, 1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NE(rows[0].line.find("log.contradicted"), std::string::npos) << rows[0].line;
}

TEST_F(AuditTest, ARestoreIsNoTamperingAndSaysHowMuchIsGone) {
  keep();
  enter("hazard.graded");
  sign();
  std::ostringstream out;
  const auto backup = make_backup({data(), dir_.file("collector.toml"), dir_.file("backups"), 0}, clock_.wall(), out);
  ASSERT_TRUE(backup) << backup.error().message;
  for (int i = 0; i < 5; ++i) enter("hazard.progressed");
  sign();  // the edges have seen it
  close();
  const auto restored = restore_backup({data(), *backup}, clock_.wall(), out);
  ASSERT_TRUE(restored) << restored.error().message;
  open();
  keep();
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();
  EXPECT_EQ(said("RESTORED"), "");
  EXPECT_EQ(said("5 entries that it covers are gone"), "");
  const auto rows = audit::rows(stores_->records->database(), 0, 100, std::string(kStoreSubject));
  const auto entry = parse_entry(rows.back().line).value();
  EXPECT_EQ(entry.deed.data.at("replaced_size"), std::to_string(entry.number + 5));
  // What is gone is in the data that were put aside.
  std::ostringstream said;
  ASSERT_TRUE(export_audit(restored->before.string(), dir_.file("before.txt"), out, said));
  EXPECT_TRUE(holds(dir_.file("before.txt"))) << judged_.str();

  // The same backup again: the generation between is given up, and the log knows of it.
  enter("hazard.reported");
  sign();
  close();
  ASSERT_TRUE(restore_backup({data(), *backup}, clock_.wall() + Millis{1'000}, out));
  open();
  keep();
  EXPECT_TRUE(holds(exported(), {heads()})) << judged_.str();

  // Put back by hand it is tampering.
  close();
  for (const char* name : {"records.db", "telemetry.db"})
    fs::copy_file(*backup / name, data() + "/" + name, fs::copy_options::overwrite_existing);
  for (const char* name : {"records.db-wal", "records.db-shm", "telemetry.db-wal", "telemetry.db-shm"})
    fs::remove(data() + "/" + name);
  open();
  keep();
  EXPECT_FALSE(holds(exported(), {heads()}));
}

}  // namespace
}  // namespace anlan::collector
