// Reads an exported log line by line, without the database, and says whether it is the one that was written
// (docs/formats/audit-log.md). What each check can find alone:
//   an entry's own hash   an edit of the file
//   `previous`            an edit whose hash was worked out anew
//   a signed head         an edit after which the whole chain was worked out anew
//   a head from outside   a history that the centre itself rewrote and signed anew: an edge, or the file of heads on
//                         another machine, holds what was signed before
// Pure: whether a signature is good is asked of the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/audit/entry.hpp"
#include "collector/audit/merkle.hpp"
#include "common/model/tree_head.hpp"

namespace anlan::collector {

inline constexpr std::string_view kExportMark = "anlan-audit-log-v1 ";

struct AuditFault {
  std::uint64_t number = 0;  // of the first entry that is altered, as far as it can be told
  std::string what;          // in words, with that number
  bool operator==(const AuditFault&) const = default;
};

/// What a head from outside says of the log.
struct HeadVerdict {
  enum class Kind : std::uint8_t {
    holds,     // the log begins with exactly what the head was signed over
    restored,  // entries that it covers are gone by a restore that the log itself tells of
    broken,    // the log contradicts it, or it cannot be told: never to be taken lightly
  };
  SignedTreeHead head;
  Kind kind = Kind::broken;
  std::string what;
};

struct AuditReport {
  std::uint64_t entries = 0, heads = 0;
  std::optional<LogId> log;
  std::optional<WallTime> first, last;  // times of the entries
  std::vector<std::string> keys;        // that signed its heads, in the order of their first head
  std::optional<AuditFault> fault;      // the first; nothing behind it was looked at
  std::vector<HeadVerdict> outside;     // in the order in which they were given; empty where there is a fault
  bool good() const;                    // no fault, no broken head
};

class LogVerifier {
 public:
  using CheckSignature = std::function<bool(const SignedTreeHead&)>;

  /// `keys`: the public keys (64 hex digits) that may have signed; empty: those that the log itself names.
  LogVerifier(CheckSignature signature, std::set<std::string> keys, std::vector<SignedTreeHead> outside);

  /// Each line of the export in turn, without its line end. After a fault nothing more is looked at.
  void take(std::string_view line);
  AuditReport finish();

 private:
  struct Span {  // of a generation: sizes that heads of it may have
    Generation generation;
    std::uint64_t begin = 0;
    AuditEntry entry;  // that began it
  };

  void take_header(std::string_view line);
  void take_entry(std::string_view line);
  void take_head(std::string_view line);
  void learn(const AuditEntry& entry);
  bool trusted(const SignedTreeHead& head) const;
  HeadVerdict judge(const SignedTreeHead& head) const;
  HeadVerdict judge_lost(const SignedTreeHead& head) const;
  std::string rewritten_between(const SignedTreeHead& head) const;
  void fault(std::uint64_t number, std::string what);

  CheckSignature signature_;
  std::set<std::string> keys_given_, keys_named_;
  std::vector<SignedTreeHead> outside_;
  std::map<std::uint64_t, std::optional<Sha256>> roots_;  // of the sizes that outside heads have
  AuditReport report_;
  MerkleFrontier tree_;
  Sha256 previous_{};
  std::uint64_t lines_ = 0, promised_ = 0, covered_ = 0;  // covered_: entries under the newest good head
  std::vector<Span> generations_;
};

}  // namespace anlan::collector
