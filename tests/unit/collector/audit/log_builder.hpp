// Exported logs for tests, written and signed in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/audit/log_verifier.hpp"
#include "common/io/signature.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector::testing_audit {

inline const LogId kLog{0x106, 1};
inline const Generation kFirst{0x6E, 1}, kSecond{0x6E, 2};

/// A key in a file of its own; signatures once checked are remembered.
class Signer {
 public:
  Signer() : key_(SigningKey::make(dir_.file("key.pem")).value()) {}
  std::string key() const { return key_.public_hex(); }
  SignedTreeHead sign(TreeHead head) const {
    head.key = key();
    return with_signature(head, key_.sign(to_text(head)));
  }
  /// What LogVerifier asks of its caller.
  static bool good(const SignedTreeHead& head) {
    static std::map<std::string, bool> known;
    const auto [place, fresh] = known.try_emplace(head.text, false);
    if (fresh)
      if (const auto key = VerifyingKey::from_hex(head.head.key))
        place->second = key->verify(head.signed_text(), head.signature);
    return place->second;
  }

 private:
  test::TempDir dir_;
  SigningKey key_;
};

inline Deed deed(std::string act, std::map<std::string, std::string> data = {}, std::string subject = "hazard/1") {
  return {wall_from_ms(1'764'000'000'000),
          {"王芳", Role::DA},
          std::move(act),
          std::move(subject),
          "看过现场",
          std::move(data)};
}

/// What a collector writes, as text: entries, and heads in between.
class LogBuilder {
 public:
  explicit LogBuilder(const Signer& signer, LogId log = kLog) : signer_(signer), log_(log) {
    add({wall_from_ms(0), system_actor(), std::string(kLogBegan), "log", "", {{"log", log.hex()}, {"format", "1"}}});
    begin(kFirst);
    name_key(signer.key());
  }
  void begin(const Generation& generation, std::map<std::string, std::string> data = {}) {
    generation_ = generation;
    data["generation"] = generation.hex();
    add(deed(std::string(kGenerationBegan), data, std::string(kStoreSubject)));
  }
  void name_key(const std::string& key) { add(deed(std::string(kKeyNamed), {{"key", key}})); }

  void add(const Deed& deed) {
    entries_.push_back({entries_.size(), deed, entries_.empty() ? Sha256{} : leaves_.back()});
    texts_.push_back(to_line(entries_.back()));
    leaves_.push_back(leaf_hash(texts_.back()));
    tree_.append(leaves_.back());
  }
  SignedTreeHead sign() {
    heads_[entries_.size()] = signer_.sign(head());
    return heads_[entries_.size()];
  }
  TreeHead head() const {
    return {log_, generation_, tree_.size(), wall_from_ms(1'764'000'000'000), to_hex(tree_.root()), ""};
  }
  const std::vector<AuditEntry>& entries() const { return entries_; }

  std::vector<std::string> lines() const {
    std::vector<std::string> out{std::string(kExportMark) + "log=" + log_.hex() +
                                 " size=" + std::to_string(entries_.size())};
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      out.push_back(to_hex(leaves_[i]) + " " + texts_[i]);
      if (const auto head = heads_.find(i + 1); head != heads_.end()) out.push_back(head->second.text);
    }
    return out;
  }

 private:
  const Signer& signer_;
  LogId log_;
  Generation generation_;
  std::vector<AuditEntry> entries_;
  std::vector<std::string> texts_;
  std::vector<Sha256> leaves_;
  MerkleFrontier tree_;
  std::map<std::size_t, SignedTreeHead> heads_;
};

inline AuditReport verify(const std::vector<std::string>& lines, std::vector<SignedTreeHead> outside = {},
                          std::set<std::string> keys = {}) {
  LogVerifier verifier(Signer::good, std::move(keys), std::move(outside));
  for (const std::string& line : lines) verifier.take(line);
  return verifier.finish();
}

inline std::string told(const AuditReport& report) { return report.fault ? report.fault->what : "no fault"; }

}  // namespace anlan::collector::testing_audit
