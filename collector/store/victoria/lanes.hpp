// In a series of the engine a time stands once: which of a point's parallel series ("lanes") takes a sample. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace anlan::collector::victoria {

inline constexpr std::size_t kMostLanes = 16;

/// The last time of each lane of one (point, epoch). A sample goes to the first lane whose last time lies before its
/// own, so that no lane ever has two samples of one time, and the same samples in the same order get the same lanes.
/// Live data use one lane, a backlog beside them another; so do repeated times.
class Lanes {
 public:
  /// The lane; nullopt where all lanes are past this time.
  std::optional<std::uint8_t> take(std::int64_t time) {
    for (std::size_t lane = 0; lane < last_.size(); ++lane)
      if (last_[lane] < time) {
        last_[lane] = time;
        return static_cast<std::uint8_t>(lane);
      }
    if (last_.size() == kMostLanes) return std::nullopt;
    last_.push_back(time);
    return static_cast<std::uint8_t>(last_.size() - 1);
  }

  /// As the table lane keeps it.
  std::string bytes() const;
  /// Errors: malformed.
  static Result<Lanes> parse(std::string_view bytes);

  bool operator==(const Lanes&) const = default;

 private:
  std::vector<std::int64_t> last_;
};

}  // namespace anlan::collector::victoria
