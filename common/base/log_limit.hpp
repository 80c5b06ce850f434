// Keeps what arrives from outside from filling the log: of like lines at most one in an interval, which says how many
// were left out. Pure: the caller gives the time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/base/time.hpp"

namespace anlan {

/// One thread at a time. Memory is bounded by `most` keys.
class LogLimit {
 public:
  explicit LogLimit(Millis every = Millis{60'000}, std::size_t most = 1'000) : every_(every), most_(most) {}

  /// Before writing a line of the kind `key` ("malformed/edge-a"): how many like it were left out since the last that
  /// was written; nullopt: leave this one out too. Where there are more kinds than `most` within an interval, the
  /// newest share one.
  std::optional<std::uint64_t> pass(const std::string& key, MonoTime now) {
    auto kind = kinds_.find(key);
    if (kind == kinds_.end()) {
      if (kinds_.size() >= most_)
        std::erase_if(kinds_,
                      [&](const auto& k) { return k.second.written + every_ <= now && k.second.left_out == 0; });
      if (kinds_.size() >= most_) kind = kinds_.find("");
      if (kind == kinds_.end()) {
        kinds_.emplace(kinds_.size() >= most_ ? "" : key, Kind{now, 0});
        return 0;
      }
    }
    if (kind->second.written + every_ > now) {
      ++kind->second.left_out;
      return std::nullopt;
    }
    kind->second.written = now;
    return std::exchange(kind->second.left_out, 0);
  }

 private:
  struct Kind {
    MonoTime written;
    std::uint64_t left_out = 0;
  };
  Millis every_;
  std::size_t most_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace anlan
