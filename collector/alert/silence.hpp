// When an edge counts as silent. Pure; monotonic time. Judged by messages heard, never by a Will (PROTOCOL.md rule 14).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/time.hpp"

namespace anlan::collector {

class SilenceWatch {
 public:
  /// An edge that is only known from before counts from `started`.
  explicit SilenceWatch(MonoTime started) : started_(started) {}

  /// An edge known from an earlier run; no effect where it was heard in this one.
  void know(const std::string& edge) { heard_.try_emplace(edge, started_); }

  /// True where it was not known before.
  bool heard(const std::string& edge, MonoTime now) { return heard_.insert_or_assign(edge, now).second; }

  /// Edges unheard for longer than `after`.
  std::vector<std::string> silent(MonoTime now, Millis after) const {
    std::vector<std::string> edges;
    for (const auto& [edge, at] : heard_)
      if (now - at > after) edges.push_back(edge);
    return edges;
  }

 private:
  MonoTime started_;
  std::map<std::string, MonoTime> heard_;
};

}  // namespace anlan::collector
