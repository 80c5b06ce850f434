// Polls the box's health for ever and hands over samples like any other device's. A system that does not answer delays
// only this: the poll is then late, and says so by its time.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/async/worker.hpp"
#include "edge/box/box_reader.hpp"

namespace anlan::edge {

class BoxSensor {
 public:
  /// What the daemon itself knows; asked on the loop at each poll.
  struct Inner {
    double due = 0, mib = 0;         // of the buffer
    std::optional<WallTime> oldest;  // when the oldest record that is due was committed
  };
  using Ask = std::function<boost::asio::awaitable<Inner>()>;
  using Samples = std::function<void(std::vector<Sample>)>;

  /// `read` blocks; it is called on a thread of its own. References outlive run().
  BoxSensor(Clock& clock, std::function<BoxFacts()> read, Ask ask, Samples samples)
      : clock_(clock), read_(std::move(read)), ask_(std::move(ask)), samples_(std::move(samples)) {}

  /// Where its points begin in the definition, and how often they are read; nullopt: not at all. At any time.
  struct Place {
    std::uint32_t first = 0;
    Millis period{};
    bool operator==(const Place&) const = default;
  };
  void configure(std::optional<Place> place) { place_ = place; }

  /// The wall clock was set by so much.
  void clock_stepped(Millis step) { stepped_ += step; }

  /// Until cancelled.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> poll();

  Clock& clock_;
  std::function<BoxFacts()> read_;
  Ask ask_;
  Samples samples_;
  std::optional<Place> place_;
  Millis stepped_{0};
  Worker worker_;
};

}  // namespace anlan::edge
