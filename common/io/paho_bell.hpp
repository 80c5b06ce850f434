// Wakes Paho's two threads at once. They sleep for a second: the receiving one does not look at a socket that was made
// meanwhile, the sending one misses a command that came just before it fell asleep. So one more Paho connection leads
// to a socket of our own: what is written there wakes the receiver, what is published there wakes the sender.
#pragma once

#include <string>

#include "common/base/result.hpp"

namespace anlan {

/// The far end of that connection: a broker of one connection and hardly a word (MQTT 3.1.1 §3.2, §3.13). One thread
/// only.
class BellSocket {
 public:
  ~BellSocket();
  BellSocket() = default;
  BellSocket(const BellSocket&) = delete;
  BellSocket& operator=(const BellSocket&) = delete;

  /// Listens on a free port of 127.0.0.1; returns the port. Errors: unavailable.
  Result<int> listen();

  /// Waits at most two seconds for the connection whose CONNECT holds `client_id`, and accepts it. Errors: timeout.
  Result<void> welcome(const std::string& client_id);

  /// Wakes whoever reads at the other end, and throws away what it said.
  void ring();

 private:
  int listener_ = -1, socket_ = -1;
};

}  // namespace anlan
