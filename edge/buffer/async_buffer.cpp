#include "edge/buffer/async_buffer.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

Stamp stamp(const Clock& clock) {
  return {clock.wall(), clock.mono(), clock.synced() ? ClockState::synced : ClockState::unsynced};
}

AsyncBuffer::AsyncBuffer(std::unique_ptr<Storage> storage, Buffer::Identity identity, std::uint64_t max_bytes,
                         const Clock& clock, Millis in_flight)
    : storage_(std::move(storage)), buffer_(*storage_, std::move(identity), max_bytes, in_flight), clock_(clock) {}

/// The call's result and the ledger after it come back together: the buffer belongs to its worker.
template <class F>
auto AsyncBuffer::run(F call) -> awaitable<decltype(call())> {
  auto both = [this, call = std::move(call), now = stamp(clock_),
               fresh = new_epoch ? std::optional(new_epoch()) : std::nullopt]() mutable {
    auto result = call();
    bool healed = false;
    if (!result && result.error().code == Errc::storage_corrupt && fresh) {
      const auto done = buffer_.heal(*fresh, now);
      healed = done || done.error().code != Errc::storage_corrupt;
    }
    return std::tuple(std::move(result), buffer_.snapshot(), healed);
  };
  auto [result, ledger, healed] = co_await worker_.run(std::move(both));
  if (healed && on_replaced) on_replaced(result.error());
  if (ledger != ledger_) {
    ledger_ = std::move(ledger);
    if (on_change) on_change();
  }
  co_return std::move(result);
}

awaitable<Result<std::string>> AsyncBuffer::open() {
  auto call = [this, now = stamp(clock_)] { return buffer_.open(now); };
  co_return co_await run(std::move(call));
}

awaitable<void> AsyncBuffer::adopt_all() {
  while (true) {
    auto call = [this, now = stamp(clock_)] { return buffer_.adopt(now); };
    const auto more = co_await run(std::move(call));
    if (!more || !*more) co_return;
  }
}

awaitable<Result<void>> AsyncBuffer::keep_marks() {
  auto call = [this] { return buffer_.keep_marks(); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::commit(Commit commit) {
  auto call = [this, now = stamp(clock_), commit = std::move(commit)]() mutable {
    return buffer_.commit(std::move(commit), now);
  };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::commit(std::function<Commit()> make) {
  auto call = [this, now = stamp(clock_), make = std::move(make)] { return buffer_.commit(make(), now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::mark_received(RangesByPlace data) {
  auto call = [this, data = std::move(data), now = clock_.mono()] { return buffer_.mark_received(data, now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::agree(Answer answer) {
  auto call = [this, answer = std::move(answer), now = stamp(clock_)] { return buffer_.agree(answer, now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::release(Millis retain) {
  auto call = [this, retain, now = clock_.mono()] { return buffer_.release(now, retain); };
  co_return co_await run(std::move(call));
}

/// Epochs and sequences are in the order of the commits: the first due record of each stream is its oldest.
awaitable<std::optional<WallTime>> AsyncBuffer::oldest_due() {
  std::optional<WallTime> oldest;
  const auto ledger = ledger_;
  for (const Stream stream : {Stream::event, Stream::telemetry})
    for (const auto& entry : ledger->epochs) {
      const Place place{entry.epoch, stream};
      const RangeSet due = ledger->at(place).due();
      if (due.empty()) continue;
      const auto first = due.ranges().front().first;
      const auto rows = co_await read(place, RangeSet(first, first + 1), 1, 1);
      if (rows && !rows->empty()) oldest = std::min(oldest.value_or(WallTime::max()), rows->front().wall);
      break;
    }
  co_return oldest;
}

awaitable<Result<std::vector<Record>>> AsyncBuffer::read(Place place, RangeSet wanted, std::size_t most,
                                                         std::size_t most_bytes) {
  auto call = [this, place, wanted = std::move(wanted), most, most_bytes, now = stamp(clock_)] {
    return buffer_.read(place, wanted, most, most_bytes, now);
  };
  co_return co_await run(std::move(call));
}

awaitable<Result<std::vector<Record>>> AsyncBuffer::read_to_send(Place place, RangeSet wanted, std::size_t most,
                                                                 std::size_t most_bytes) {
  auto call = [this, place, wanted = std::move(wanted), most, most_bytes, now = stamp(clock_)] {
    return buffer_.read_to_send(place, wanted, most, most_bytes, now);
  };
  co_return co_await run(std::move(call));
}

}  // namespace anlan::edge
