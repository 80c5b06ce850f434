// The signed head of the centre's log as one line of text (docs/formats/audit-log.md). Values only: whoever checks the
// signature has the key (common/io/signature.hpp). The line itself is what is signed, stored, sent and shown, so nobody
// has to encode a value twice alike.
//
//   anlan-audit-head-v1 log=… generation=… size=12 at=2026-12-01T10:00:00.000Z root=… key=… signature=…
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/time.hpp"
#include "common/model/ids.hpp"

namespace anlan {

using LogId = Id<struct LogTag>;

struct TreeHead {
  LogId log;              // drawn with the log's first entry
  Generation generation;  // of the store: one that was restored goes on in another
  std::uint64_t size = 0;
  WallTime at{};          // when it was signed, by the centre's clock
  std::string root, key;  // 32 bytes each, in hex: of the tree of `size` entries; the public Ed25519 key
  bool operator==(const TreeHead&) const = default;
};

struct SignedTreeHead {
  TreeHead head;
  std::string text;       // the whole line, without a line end
  std::string signature;  // 64 bytes

  /// What is signed: the line before " signature=".
  std::string_view signed_text() const { return std::string_view(text).substr(0, text.rfind(" signature=")); }
  bool operator==(const SignedTreeHead&) const = default;
};

inline constexpr std::string_view kTreeHeadMark = "anlan-audit-head-v1 ";

/// The line that is to be signed.
std::string to_text(const TreeHead& head);
SignedTreeHead with_signature(const TreeHead& head, const std::string& signature);

/// Only the line that with_signature() writes, to the byte. Errors: malformed.
Result<SignedTreeHead> parse_tree_head(std::string_view line);

}  // namespace anlan
