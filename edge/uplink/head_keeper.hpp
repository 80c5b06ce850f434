// The signed heads of the centre's log that this edge holds: the proof that nobody, not even the centre, rewrote the
// log later (docs/decisions/0081). Pure. What it keeps is bounded: the newest, one a day and one a month, so that a
// centre that signs many new ones cannot push the old ones out in less than years; heads that contradict one that is
// held are kept apart and never make room.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/tree_head.hpp"

namespace anlan::edge {

struct HeldHead {
  WallTime received{};  // by this edge's clock
  SignedTreeHead head;
  bool operator==(const HeldHead&) const = default;
};

class HeadKeeper {
 public:
  /// Whether a head is signed by the key that it names.
  using CheckSignature = std::function<bool(const SignedTreeHead&)>;

  static constexpr std::size_t kNewest = 16, kDays = 32, kMonths = 60, kContradictions = 16;

  explicit HeadKeeper(CheckSignature good) : good_(std::move(good)) {}

  enum class Taken { news, known, refused, contradiction };
  struct Outcome {
    Taken taken = Taken::known;
    std::string why;  // of refused and contradiction, in words
  };
  /// `line` as the centre sent it.
  Outcome take(std::string_view line, WallTime now);

  const std::vector<HeldHead>& held() const { return held_; }  // in the order in which they came
  const std::vector<HeldHead>& contradictions() const { return contradictions_; }
  const HeldHead* newest() const;  // signed last; nullptr where none is held

  /// One line for each: "received=TIME " and the head; contradictions have "contradicts=TIME ".
  std::string text() const;
  /// What text() wrote; lines that are damaged are left out. Returns how many.
  std::size_t load(std::string_view text);

 private:
  std::string contradicted_by(const TreeHead& head) const;
  void thin();

  CheckSignature good_;
  std::vector<HeldHead> held_, contradictions_;
};

}  // namespace anlan::edge
