// Reading JSON that somebody sent: all that is wrong with an object is reported at once, unknown members included.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan {

/// Errors: malformed (no JSON, more than 32 levels deep, or no object), saying at which byte.
Result<boost::json::object> parse_json_object(std::string_view text);

/// Takes the members of one object one by one. A member that is missing, of another type or out of its bounds is noted
/// and read as empty; check() tells. Text is valid UTF-8, without control characters but newline and tab.
class JsonFields {
 public:
  /// `object` must outlive this. `where` goes before each name in messages ("actor.").
  explicit JsonFields(const boost::json::object& object, std::string where = {});

  /// Required; `least` to `most` characters (bytes of UTF-8) once blanks around it are cut off.
  std::string text(std::string_view name, std::size_t least, std::size_t most);
  /// Absent and null are the empty text.
  std::string optional_text(std::string_view name, std::size_t most);
  /// Absent and null are nullopt. RFC 3339 text or epoch milliseconds.
  std::optional<WallTime> optional_time(std::string_view name);
  /// Absent and null are nullopt.
  std::optional<bool> optional_flag(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// Required; each to the last blank as it is written, "" included: passwords. Valid UTF-8, or noted.
  std::string verbatim(std::string_view name, std::size_t most);
  /// Absent and null are empty. Each 1 to `most` bytes; at most 100 of them.
  std::vector<std::string> optional_texts(std::string_view name, std::size_t most);
  /// nullptr where absent or null.
  const boost::json::object* optional_object(std::string_view name);

  /// Notes something that only the caller can see to be wrong.
  void wrong(std::string_view name, std::string why);
  /// Takes over what another reader has found.
  void include(const JsonFields& inner);

  /// Everything that is wrong, unknown members last (with the known ones named); empty where all is well.
  std::vector<std::string> faults() const;
  /// Errors: invalid_argument, listing faults().
  Result<void> check() const;

 private:
  const boost::json::value* find(std::string_view name);

  const boost::json::object& object_;
  std::string where_;
  std::vector<std::string> known_, faults_;
};

}  // namespace anlan
