// The query parameters of one request, read one by one; all that is wrong is reported at once, unknown ones included.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/time.hpp"

namespace anlan::collector {

class QueryFields {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  /// `parameters` are decoded, valid UTF-8 (common/io/http_target.hpp) and must outlive this.
  explicit QueryFields(const Parameters& parameters);

  /// Absent: the empty text or nullopt. Present but empty, too long or malformed: noted, and read as absent.
  std::string text(std::string_view name, std::size_t most = 200);
  /// A name of the grammar of sites, devices and edges.
  std::string name(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<bool> flag(std::string_view name);  // "true" or "false"
  /// RFC 3339 or epoch milliseconds, 1970 to 9999.
  std::optional<WallTime> time(std::string_view name);
  /// One of `choices`; "" where it is absent.
  std::string choice(std::string_view name, const std::vector<std::string>& choices);
  /// Several of `choices`, separated by commas.
  std::vector<std::string> choices(std::string_view name, const std::vector<std::string>& choices);

  void wrong(std::string_view name, const std::string& why);
  /// Empty where all is well; unknown parameters come last, with the known ones named.
  std::vector<std::string> faults() const;

 private:
  const std::string* find(std::string_view name);

  const Parameters& parameters_;
  std::vector<std::string> known_, faults_;
};

}  // namespace anlan::collector
