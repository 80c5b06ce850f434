#include "edge/box/box_sensor.hpp"

#include <algorithm>
#include <utility>

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr Millis kLookEvery{1'000};  // whether the configuration wants it now

}  // namespace

awaitable<void> BoxSensor::run() {
  std::optional<MonoTime> polled;
  while (true) {
    const bool due = place_ && (!polled || clock_.mono() - *polled >= place_->period);
    if (due) {
      polled = clock_.mono();
      co_await poll();
    }
    const Millis left = place_ && polled ? *polled + place_->period - clock_.mono() : kLookEvery;
    co_await clock_.sleep_for(std::clamp(left, Millis{1}, kLookEvery));
  }
}

awaitable<void> BoxSensor::poll() {
  BoxFacts facts = co_await worker_.run(read_);
  const Inner inner = co_await ask_();
  if (!place_) co_return;  // a reload took it away meanwhile
  fact(facts, BoxPoint::clock_synced) = clock_.synced() ? 1 : 0;
  fact(facts, BoxPoint::clock_step) = static_cast<double>(std::exchange(stepped_, Millis{0}).count());
  fact(facts, BoxPoint::buffer_due) = inner.due;
  fact(facts, BoxPoint::buffer_size) = inner.mib;
  const Millis age = inner.oldest ? std::max(clock_.wall() - *inner.oldest, Millis{0}) : Millis{0};
  fact(facts, BoxPoint::buffer_age) = static_cast<double>(age.count()) / 1000;
  samples_(box_samples(facts, place_->first, clock_.wall(), clock_.mono()));
}

}  // namespace anlan::edge
