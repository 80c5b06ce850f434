// When to read which device behind one endpoint. Pure: time comes in, decisions go out.
//
// A healthy device is due at start + n × period, whatever the reads take (no drift); a slot that was missed altogether
// is left out, never made up for. A unit that does not answer is tried again with back-off, and only where no healthy
// device is due and preferably where none becomes due within its timeout. An endpoint that does not answer is
// tried again with back-off on behalf of all its devices.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/backoff.hpp"
#include "common/base/time.hpp"

namespace anlan::edge {

enum class PollOutcome {
  answered,       // whatever it answered, exceptions too
  unit_silent,    // no answer or no valid one: this unit's trouble
  endpoint_dead,  // no connection: everybody's
};

class PollSchedule {
 public:
  struct Device {
    int unit = 1;
    Millis period{1000};
    Millis timeout{1000};  // how long an attempt may take
  };

  /// `start`: when the first reads are due. REQUIRES devices to have period > 0.
  PollSchedule(std::vector<Device> devices, MonoTime start, std::uint64_t seed);

  struct Turn {
    std::size_t device = 0;  // index into the devices
    std::uint64_t slot = 0;  // number of the poll since the start, for poll classes
    MonoTime due{};          // when it should have begun
  };

  /// The device to read now; nullopt: none before wake(now).
  std::optional<Turn> next(MonoTime now) const;

  /// When to ask again where next(now) has none. Later than `now`.
  MonoTime wake(MonoTime now) const;

  /// Nothing is to be read at this slot (its poll classes have other slots).
  void skip(const Turn& turn, MonoTime now);

  /// How the read of `turn` ended, at `now`. True where this changed the health of the unit or endpoint.
  bool done(const Turn& turn, PollOutcome outcome, MonoTime now);

  bool healthy(std::size_t device) const;

 private:
  struct Health {
    std::optional<Backoff> backoff;  // set while it fails
    MonoTime retry{};
    MonoTime most_wait{};  // it has its retry then, whoever is due
  };
  MonoTime due(std::size_t device) const;
  MonoTime slot_time(std::size_t device, std::uint64_t slot) const;
  bool unit_fails(std::size_t device) const { return units_.at(devices_[device].unit).backoff.has_value(); }
  std::optional<std::size_t> first_due(MonoTime now, bool failing) const;
  void fail(Health& health, Millis at_least, MonoTime now);

  std::vector<Device> devices_;
  MonoTime start_;
  std::uint64_t seed_;
  std::vector<std::uint64_t> slots_;  // of each device's next read
  std::map<int, Health> units_;
  Health endpoint_;
};

}  // namespace anlan::edge
