// What an MQTT topic in a profile or configuration may look like.
#pragma once

#include <string_view>

namespace anlan::edge {

/// A topic to publish or listen on, or part of one: no wildcards, no '/' at its ends, no empty part. "" is one too.
inline bool plain_topic(std::string_view topic) {
  return !topic.starts_with('/') && !topic.ends_with('/') && !topic.contains("//") &&
         topic.find_first_of("+#") == topic.npos;
}

}  // namespace anlan::edge
