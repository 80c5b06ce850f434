// Server-Sent Events out of bytes as they come (WHATWG HTML, 9.2.6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace anlan::collector::cli {

struct SentEvent {
  std::string id;  // the last one seen, also where this event has none of its own
  std::string name = "message";
  std::string data;
};

class EventReader {
 public:
  /// Events that `bytes` complete; those without data are none. Errors: too_large (a line or an event above 4 MiB).
  Result<std::vector<SentEvent>> feed(std::string_view bytes);

 private:
  void line(std::string_view text, std::vector<SentEvent>& events);

  std::string rest_;  // of a line that is not complete
  SentEvent event_;
  bool has_data_ = false, after_cr_ = false;
};

}  // namespace anlan::collector::cli
