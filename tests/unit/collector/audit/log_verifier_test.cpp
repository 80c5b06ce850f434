// Judge lines: "Any single changed, removed, added or reordered entry in the log is found (10,000 random edits), and a
// rewritten history is found by a head that an edge holds."
#include "collector/audit/log_verifier.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/collector/audit/log_builder.hpp"

namespace anlan::collector {
namespace {

using namespace testing_audit;
using Lines = std::vector<std::string>;

constexpr std::size_t kEntries = 48;

class LogVerifierTest : public ::testing::Test {
 protected:
  static LogBuilder log_of(const Signer& signer, std::size_t entries = kEntries, const std::string& word = "") {
    LogBuilder log(signer);
    while (log.entries().size() < entries) {
      log.add(
          deed("hazard.progressed", {{"step", std::to_string(log.entries().size()) + word}, {"note", "阀门 \"3\"\n"}}));
      if (log.entries().size() % 7 == 0) log.sign();
    }
    log.sign();
    return log;
  }
  Signer signer_;
};

TEST_F(LogVerifierTest, ALogThatNobodyTouchedHolds) {
  const auto report = verify(log_of(signer_).lines());
  EXPECT_TRUE(report.good()) << told(report);
  EXPECT_EQ(report.entries, kEntries);
  EXPECT_EQ(report.heads, 7u);
  EXPECT_EQ(report.log, kLog);
  EXPECT_EQ(report.keys, std::vector{signer_.key()});
}

// ---- ten thousand edits
// ----------------------------------------------------------------------------------------------

/// An exported log with one edit, and between which numbers the first altered entry is.
struct Edit {
  Lines lines;
  std::uint64_t least = 0, most = 0;
  std::string what;
};

class Forger {
 public:
  explicit Forger(const LogBuilder& log) : log_(log), lines_(log.lines()) {
    for (std::size_t i = 1; i < lines_.size(); ++i)
      if (!lines_[i].starts_with(kTreeHeadMark)) at_.push_back(i);
  }

  Edit next() {
    const std::uint64_t i = random_() % at_.size();
    switch (random_() % 9) {
      case 0:
        return changed_byte(i);
      case 1:
        return removed(i);
      case 2:
        return doubled(i);
      case 3:
        return swapped(i);
      case 4:
        return cut(i);
      case 5:
        return forged(i, false);
      case 6:
        return forged(i, true);
      case 7:
        return removed_with_care(i);
      default:
        return added_with_care(i);
    }
  }

 private:
  Edit changed_byte(std::uint64_t i) {
    Edit edit{lines_, i, i, "a byte of entry " + std::to_string(i)};
    std::string& line = edit.lines[at_[i]];
    const auto place = random_() % line.size();
    char other = line[place];
    while (other == line[place] || other == '\n') other = static_cast<char>(random_() % 256);
    line[place] = other;
    return edit;
  }
  Edit removed(std::uint64_t i) {
    Edit edit{lines_, i, i, "entry " + std::to_string(i) + " removed"};
    edit.lines.erase(edit.lines.begin() + static_cast<long>(at_[i]));
    return edit;
  }
  Edit doubled(std::uint64_t i) {
    const std::uint64_t before = random_() % (at_.size() + 1);
    // Beside itself it takes the place of the next.
    const std::uint64_t place = before == i ? i + 1 : before;
    Edit edit{lines_, place, place, "entry " + std::to_string(i) + " again before " + std::to_string(before)};
    const auto where = before == at_.size() ? lines_.size() : at_[before];
    edit.lines.insert(edit.lines.begin() + static_cast<long>(where), lines_[at_[i]]);
    return edit;
  }
  Edit swapped(std::uint64_t i) {
    std::uint64_t j = i;
    while (j == i) j = random_() % at_.size();
    Edit edit{lines_, std::min(i, j), std::min(i, j), "entries " + std::to_string(i) + " and " + std::to_string(j)};
    std::swap(edit.lines[at_[i]], edit.lines[at_[j]]);
    return edit;
  }
  Edit cut(std::uint64_t i) {
    Edit edit{lines_, i, i, "cut before entry " + std::to_string(i)};
    edit.lines.resize(at_[i]);
    return edit;
  }
  /// Another text with its right hash; with `care` everything behind it is worked out anew too, but for the signatures.
  Edit forged(std::uint64_t i, bool care) {
    auto entries = log_.entries();
    Deed& deed = entries[i].deed;
    if (random_() % 2)
      deed.actor.name += " ";
    else
      deed.data["note"] = "nothing was found";
    // Without care the next entry tells, unless a signed head comes first.
    const auto [from, end] = signed_around(i);
    return {rewritten(entries, i, care), care || end == i ? from : i, care ? end : i,
            (care ? "with care " : "") + std::to_string(i)};
  }
  Edit removed_with_care(std::uint64_t i) {
    auto entries = log_.entries();
    entries.erase(entries.begin() + static_cast<long>(i));
    for (std::size_t k = i; k < entries.size(); ++k) entries[k].number = k;
    const auto [from, end] = signed_around(i);
    return {rewritten(entries, i, true), from, std::max(end, i), "removed with care " + std::to_string(i)};
  }
  Edit added_with_care(std::uint64_t i) {
    auto entries = log_.entries();
    entries.insert(entries.begin() + static_cast<long>(i), {i, deed("hazard.accepted"), {}});
    for (std::size_t k = i; k < entries.size(); ++k) entries[k].number = k;
    const auto [from, end] = signed_around(i);
    return {rewritten(entries, i, true), from, std::max(end, i), "added with care " + std::to_string(i)};
  }

  /// The numbers under the same signed head as `i` and under no earlier one: nothing else can tell them apart.
  std::pair<std::uint64_t, std::uint64_t> signed_around(std::uint64_t i) const {
    std::uint64_t from = 0;
    for (std::uint64_t size = 1; size <= at_.size(); ++size) {
      const bool head = lines_.size() > at_[size - 1] + 1 && lines_[at_[size - 1] + 1].starts_with(kTreeHeadMark);
      if (head && size > i) return {from, size - 1};
      if (head) from = size;
    }
    return {from, at_.size() - 1};
  }
  /// `entries` from `i` on with their hashes, and with `care` their links; heads stay where they were.
  Lines rewritten(std::vector<AuditEntry> entries, std::uint64_t i, bool care) const {
    Lines out{lines_[0]};
    Sha256 previous{};
    for (std::uint64_t k = 0; k < entries.size(); ++k) {
      if (care && k >= i) entries[k].previous = previous;
      const std::string text = to_line(entries[k]);
      out.push_back(to_hex(leaf_hash(text)) + " " + text);
      previous = leaf_hash(text);
      if (k < at_.size() && at_[k] + 1 < lines_.size() && lines_[at_[k] + 1].starts_with(kTreeHeadMark))
        out.push_back(lines_[at_[k] + 1]);
    }
    return out;
  }

  const LogBuilder& log_;
  Lines lines_;
  std::vector<std::size_t> at_;  // where each entry stands
  std::mt19937_64 random_{20261201};
};

TEST_F(LogVerifierTest, TenThousandRandomEditsAreAllFoundAndTheFirstAlteredEntryIsNamed) {
  const auto log = log_of(signer_);
  Forger forger(log);
  for (int round = 0; round < 10'000; ++round) {
    const Edit edit = forger.next();
    const auto report = verify(edit.lines);
    ASSERT_TRUE(report.fault) << edit.what;
    ASSERT_GE(report.fault->number, edit.least) << edit.what << ": " << report.fault->what;
    ASSERT_LE(report.fault->number, edit.most) << edit.what << ": " << report.fault->what;
    ASSERT_NE(report.fault->what.find(std::to_string(report.fault->number)), std::string::npos) << report.fault->what;
  }
}

TEST_F(LogVerifierTest, WhatIsUnderNoSignedHeadIsAFault) {
  auto log = log_of(signer_);
  log.add(deed("hazard.accepted"));
  EXPECT_EQ(verify(log.lines()).fault->number, kEntries);
}

TEST_F(LogVerifierTest, AHeadByAnotherKeyIsFound) {
  const Signer other;
  auto log = log_of(signer_);
  auto lines = log.lines();
  TreeHead head = log.head();
  lines.back() = other.sign(head).text;
  EXPECT_NE(told(verify(lines)).find("not signed by a key that the log names"), std::string::npos);
  head.key = signer_.key();
  lines.back() = with_signature(head, std::string(64, 's')).text;
  EXPECT_NE(told(verify(lines)).find("not signed by"), std::string::npos);
  EXPECT_NE(told(verify(log.lines(), {}, {other.key()})).find("by a key that was given"), std::string::npos);
  EXPECT_TRUE(verify(log.lines(), {}, {other.key(), signer_.key()}).good());
}

TEST_F(LogVerifierTest, NoFileIsTooStrangeToBeRefused) {
  for (const Lines& lines : {Lines{}, Lines{""}, Lines{"anlan-audit-log-v1 log= size="}, Lines{"x", "y"},
                             Lines{"anlan-audit-log-v1 size=0 log=" + kLog.hex(), "anlan-audit-head-v1 "},
                             Lines{"anlan-audit-log-v1 log=" + kLog.hex() + " size=0", ""}})
    EXPECT_FALSE(verify(lines).good());
}

// ---- heads that an edge holds
// ----------------------------------------------------------------------------------------

TEST_F(LogVerifierTest, EveryHeadOfTheSameHistoryHolds) {
  LogBuilder log(signer_);
  std::vector<SignedTreeHead> held;
  for (int i = 0; i < 40; ++i) {
    log.add(deed("hazard.progressed"));
    held.push_back(log.sign());
  }
  const auto report = verify(log.lines(), held);
  ASSERT_TRUE(report.good()) << told(report);
  for (const auto& verdict : report.outside) EXPECT_EQ(verdict.kind, HeadVerdict::Kind::holds) << verdict.what;
}

TEST_F(LogVerifierTest, AHistoryThatTheCentreRewroteAndSignedAnewIsFoundByAHeadThatAnEdgeHolds) {
  const auto log = log_of(signer_);
  LogBuilder shorter = log_of(signer_, 20);
  const auto held = shorter.sign(), earlier = log_of(signer_, 14).sign();
  // From entry 16 on another story, by the centre's own key.
  LogBuilder other = log_of(signer_, 16);
  while (other.entries().size() < kEntries) other.add(deed("hazard.accepted"));
  other.sign();
  EXPECT_TRUE(verify(other.lines()).good()) << "in itself it is without fault";
  const auto report = verify(other.lines(), {held, earlier});
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.outside[0].kind, HeadVerdict::Kind::broken);
  EXPECT_NE(report.outside[0].what.find("one of the entries 14 to 19"), std::string::npos) << report.outside[0].what;
  EXPECT_EQ(report.outside[1].kind, HeadVerdict::Kind::holds);
  EXPECT_TRUE(verify(log.lines(), {held, earlier}).good());
}

TEST_F(LogVerifierTest, ALogThatWasCutShortAndSignedAnewIsFound) {
  const auto held = log_of(signer_).sign();
  const auto report = verify(log_of(signer_, 20).lines(), {held});
  EXPECT_FALSE(report.good());
  EXPECT_NE(report.outside[0].what.find("entry 20 to 47 are missing"), std::string::npos) << report.outside[0].what;
}

TEST_F(LogVerifierTest, HeadsOfOtherLogsKeysAndGenerationsAreNoProofOfThisOne) {
  const Signer other;
  const auto log = log_of(signer_);
  LogBuilder elsewhere(signer_, LogId{9, 9});
  auto strange = log.head();
  strange.generation = Generation{7, 7};
  const auto report = verify(log.lines(), {elsewhere.sign(), other.sign(log.head()), signer_.sign(strange)});
  ASSERT_EQ(report.outside.size(), 3u);
  for (const auto& verdict : report.outside) EXPECT_EQ(verdict.kind, HeadVerdict::Kind::broken) << verdict.what;
}

TEST_F(LogVerifierTest, ARestoreIsSaidToBeOneAndRewritingBeforeItIsStillFound) {
  LogBuilder log = log_of(signer_, 20);
  const auto before = log.sign();  // in the backup
  LogBuilder lost = log_of(signer_, 30);
  const auto after = lost.sign();  // an edge saw it; the restore lost it
  log.begin(kSecond, {{"why", "restored"}});
  log.add(deed("hazard.accepted"));
  const auto now = log.sign();
  const auto report = verify(log.lines(), {before, after, now});
  ASSERT_TRUE(report.good()) << told(report);
  EXPECT_EQ(report.outside[0].kind, HeadVerdict::Kind::holds);
  EXPECT_EQ(report.outside[1].kind, HeadVerdict::Kind::restored);
  EXPECT_NE(report.outside[1].what.find("10 entries"), std::string::npos) << report.outside[1].what;
  EXPECT_NE(report.outside[1].what.find("entry 20"), std::string::npos) << report.outside[1].what;
  EXPECT_EQ(report.outside[2].kind, HeadVerdict::Kind::holds);

  LogBuilder rewritten = log_of(signer_, 20, " or so");
  rewritten.begin(kSecond, {{"why", "restored"}});
  rewritten.sign();
  EXPECT_EQ(verify(rewritten.lines(), {before}).outside.at(0).kind, HeadVerdict::Kind::broken)
      << "a restore excuses nothing that was signed before the point it went back to";
}

TEST_F(LogVerifierTest, ARestoreThatReplacedARestoredStoreTellsOfIt) {
  LogBuilder between = log_of(signer_, 20);
  between.begin(kSecond);
  const auto held = between.sign();
  LogBuilder log = log_of(signer_, 20);
  log.begin(Generation{0x6E, 3}, {{"replaced_generation", kSecond.hex()}});
  log.sign();
  EXPECT_EQ(verify(log.lines(), {held}).outside.at(0).kind, HeadVerdict::Kind::restored);
  LogBuilder silent = log_of(signer_, 20);
  silent.begin(Generation{0x6E, 3});
  silent.sign();
  EXPECT_EQ(verify(silent.lines(), {held}).outside.at(0).kind, HeadVerdict::Kind::broken);
}

TEST_F(LogVerifierTest, AnotherKeyIsGoodFromWhereTheLogNamesIt) {
  const Signer next;
  LogBuilder log = log_of(signer_, 20);
  log.name_key(next.key());
  log.add(deed("hazard.accepted"));
  auto lines = log.lines();
  lines.push_back(next.sign(log.head()).text);
  const auto report = verify(lines);
  EXPECT_TRUE(report.good()) << told(report);
  EXPECT_EQ(report.keys, (std::vector{signer_.key(), next.key()}));
}

}  // namespace
}  // namespace anlan::collector
