// The log in a real database: what is appended is proved, exported, and gone with the transaction that failed.
#include "collector/audit/audit_log.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "collector/audit/log_export.hpp"
#include "tests/support/records_db.hpp"
#include "tests/unit/collector/audit/log_builder.hpp"

namespace anlan::collector {
namespace {

using namespace testing_audit;

class AuditLogTest : public ::testing::Test {
 protected:
  AuditLogTest() : db_({{"audit", audit_schema()}}) {}

  std::uint64_t append(const Deed& deed) {
    return db_.commit([&] { return audit::append(db_.database(), deed); });
  }
  void begin() {
    append(deed(std::string(kGenerationBegan), {{"generation", kFirst.hex()}}, std::string(kStoreSubject)));
    append(deed(std::string(kKeyNamed), {{"key", signer_.key()}}, std::string(kKeySubject)));
  }
  SignedTreeHead sign() {
    auto& database = db_.database();
    const auto size = audit::size(database);
    const auto head = signer_.sign({*audit::log_id(database), kFirst, size, wall_from_ms(0),
                                    to_hex(root_of(size, audit::node_reader(database))), ""});
    db_.commit([&] {
      audit::keep_head(database, head);
      return true;
    });
    return head;
  }
  std::vector<std::string> exported() {
    std::ostringstream out;
    EXPECT_TRUE(export_log(db_.database(), out));
    std::istringstream in(out.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  test::RecordsDb db_;
  Signer signer_;
};

TEST_F(AuditLogTest, BeginsWithAnEntryThatNamesItAndGoesOnAfterARestart) {
  EXPECT_EQ(audit::size(db_.database()), 0u);
  EXPECT_FALSE(audit::log_id(db_.database()));
  EXPECT_FALSE(audit::known_generation(db_.database()));
  EXPECT_EQ(append(deed("hazard.reported")), 1u);
  const auto log = audit::log_id(db_.database());
  ASSERT_TRUE(log);
  db_.reopen();
  EXPECT_EQ(append(deed("hazard.graded")), 2u);
  EXPECT_EQ(audit::log_id(db_.database()), log);
  begin();
  EXPECT_EQ(audit::known_generation(db_.database()), kFirst);
  EXPECT_EQ(audit::known_key(db_.database()), signer_.key());
  const auto rows = audit::rows(db_.database(), 1, 2);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(parse_entry(rows[0].line).value().deed, deed("hazard.reported"));
  EXPECT_EQ(parse_entry(rows[1].line).value().number, 2u);
  EXPECT_EQ(audit::rows(db_.database(), 0, 10, "hazard/1").size(), 2u);
}

TEST_F(AuditLogTest, AnEntryGoesWithTheChangeThatFailed) {
  append(deed("hazard.reported"));
  const auto failed = db_.database().transaction([&]() -> Result<void> {
    audit::append(db_.database(), deed("hazard.graded"));
    return fail(Errc::refused, "the change itself");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(append(deed("hazard.rejected")), 2u) << "no hole";
}

TEST_F(AuditLogTest, WhatIsStoredProvesEachEntryAndEachEarlierHead) {
  begin();
  std::vector<SignedTreeHead> held;
  for (int i = 0; i < 100; ++i) {
    append(deed("hazard.progressed", {{"step", std::to_string(i)}}));
    held.push_back(sign());
  }
  auto& database = db_.database();
  const auto node = audit::node_reader(database);
  const auto& now = held.back().head;
  const Sha256 root = sha256_from_hex(now.root).value();
  for (const auto& row : audit::rows(database, 0, 1000)) {
    EXPECT_EQ(row.leaf, to_hex(leaf_hash(row.line)));
    EXPECT_TRUE(
        proves_inclusion(leaf_hash(row.line), row.number, now.size, inclusion_path(row.number, now.size, node), root));
  }
  for (const auto& head : held)
    EXPECT_TRUE(proves_consistency(head.head.size, now.size, sha256_from_hex(head.head.root).value(), root,
                                   consistency_path(head.head.size, now.size, node)));
  const auto report = verify(exported(), held);
  EXPECT_TRUE(report.good()) << told(report);
  EXPECT_EQ(report.heads, 100u);
}

TEST_F(AuditLogTest, IsExportedUpToTheNewestSignedHead) {
  begin();
  std::ostringstream out;
  EXPECT_EQ(export_log(db_.database(), out).error().code, Errc::not_found);
  db_.commit([&] {
    for (int i = 0; i < 2500; ++i) audit::append(db_.database(), deed("hazard.progressed"));
    return true;
  });
  sign();
  sign();  // the same size: one is kept
  append(deed("hazard.accepted"));
  const auto exported = export_log(db_.database(), out).value();
  EXPECT_EQ(exported.entries, 2503u);
  EXPECT_EQ(exported.heads, 1u);
  EXPECT_EQ(exported.unsigned_entries, 1u);
  EXPECT_TRUE(verify(this->exported()).good());
}

TEST_F(AuditLogTest, AnEditInTheDatabaseIsFoundInWhatIsExported) {
  begin();
  for (int i = 0; i < 20; ++i) append(deed("hazard.progressed"));
  sign();
  const auto tamper = [&](const std::string& sql) { db_.commit([&] { return db_.database().exec(sql); }); };
  tamper("UPDATE audit_entry SET line = replace(line, 'DA', 'CR') WHERE number = 9");
  auto report = verify(exported());
  ASSERT_TRUE(report.fault);
  EXPECT_EQ(report.fault->number, 9u) << report.fault->what;
  tamper("DELETE FROM audit_entry WHERE number = 7");
  report = verify(exported());
  ASSERT_TRUE(report.fault);
  EXPECT_EQ(report.fault->number, 7u) << report.fault->what;
  tamper("DELETE FROM audit_entry WHERE number > 5");
  EXPECT_EQ(verify(exported()).fault->number, 6u);
}

}  // namespace
}  // namespace anlan::collector
