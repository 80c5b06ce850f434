// Messages between the lanes of ingest and the line.
#pragma once

#include <functional>
#include <string>

#include "collector/ingest/registry.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

/// A message of an edge, decoded, from the topic of `origin`.
struct Incoming {
  Origin origin;
  Message message;
};

/// Sends an answer or a receipt down to an edge; on the loop. Lost where the line is down: the edge asks again.
using Reply = std::function<void(const Origin& to, const Message& message)>;

}  // namespace anlan::collector
