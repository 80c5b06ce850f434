#include "collector/cli/event_reader.hpp"

namespace anlan::collector::cli {

namespace {
constexpr std::size_t kLongest = 4 * 1024 * 1024;
}

Result<std::vector<SentEvent>> EventReader::feed(std::string_view bytes) {
  std::vector<SentEvent> events;
  for (const char c : bytes) {
    const bool second_of_two = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (second_of_two) continue;
    if (c != '\r' && c != '\n') {
      rest_ += c;
      if (rest_.size() + event_.data.size() > kLongest)
        return fail(Errc::too_large, "the stream holds an event of more than 4 MiB");
      continue;
    }
    line(rest_, events);
    rest_.clear();
  }
  return events;
}

void EventReader::line(std::string_view text, std::vector<SentEvent>& events) {
  if (text.empty()) {
    if (has_data_) events.push_back(event_);
    event_ = SentEvent{event_.id, "message", ""};
    has_data_ = false;
    return;
  }
  const auto colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == text.npos ? "" : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.name = value;
  } else if (field == "id" && value.find('\0') == value.npos) {
    event_.id = value;
  }
}

}  // namespace anlan::collector::cli
