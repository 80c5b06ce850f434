// Slows down who guesses passwords, without letting anybody lock somebody else out for good. Pure.
//
// Failures are counted by (name, address) and by name alone. The first lock holds one address off one name; the second,
// against many addresses, holds off only addresses from which that person has never logged in before. Either ends by
// itself, at the latest after `longest`. Names that nobody has are counted alike: a lock tells nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/base/time.hpp"

namespace anlan::collector {

class LoginGuard {
 public:
  struct Policy {
    int tries = 5;        // of one address at one name, then each further one waits twice as long
    int name_tries = 30;  // of all addresses at one name
    Millis first_wait{30'000}, longest{900'000};
    Millis forget{3'600'000};      // after the last failure
    std::size_t entries = 20'000;  // kept at most; the oldest give way
  };

  LoginGuard() = default;
  explicit LoginGuard(Policy policy) : policy_(policy) {}

  /// nullopt: try it; it counts as failed until succeeded() is said, so that attempts side by side are counted.
  /// Otherwise how long to wait: the password is not even looked at. `known`: this person has logged in from there.
  std::optional<Millis> begin(const std::string& name, const std::string& address, bool known, MonoTime now);
  void succeeded(const std::string& name, const std::string& address);

  std::size_t entries() const { return failures_.size(); }

 private:
  struct Failures {
    int count = 0;
    MonoTime last{}, until{};
  };
  Failures& at(const std::string& key, MonoTime now);
  void make_room(MonoTime now);
  void count(Failures& failures, int tries, MonoTime now) const;

  Policy policy_{};
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace anlan::collector
