// Samples that are not there any more, counted by point, and said in as few words as there is room for. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "common/model/definition.hpp"
#include "common/model/protocol.hpp"

namespace anlan::edge {

/// The losses of one point and reason are one: from the first to the last, and how many in all.
class Losses {
 public:
  /// An unknown count stays unknown, whatever is added to it.
  void add(const Loss& loss);
  void add(const std::vector<Loss>& losses);

  /// Every sample of a record. `definition` null: not known, so the points are not named.
  void add(const Samples& samples, const Definition* definition, LossReason reason);

  /// Names less: first the device for its points ("site/device/*"), then nothing. False: it cannot say it shorter.
  bool coarsen();

  std::vector<Loss> list() const;
  bool empty() const { return losses_.empty(); }

 private:
  std::map<std::pair<std::string, LossReason>, Loss> losses_;
};

/// Voids of one place and reason become one.
std::vector<Void> merged(const std::vector<Void>& a, const std::vector<Void>& b);

}  // namespace anlan::edge
