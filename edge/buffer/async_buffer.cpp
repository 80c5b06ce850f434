#include "edge/buffer/async_buffer.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

Stamp stamp(const Clock& clock) {
  return {clock.wall(), clock.mono(), clock.synced() ? ClockState::synced : ClockState::unsynced};
}

AsyncBuffer::AsyncBuffer(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes,
                         const Clock& clock, Millis in_flight)
    : residence_(std::move(homes), std::move(identity), max_bytes, in_flight), clock_(clock) {}

std::optional<Epoch> AsyncBuffer::fresh() const { return new_epoch ? std::optional(new_epoch()) : std::nullopt; }

/// The call's result and the ledger after it come back together: the buffer belongs to its worker.
template <class F>
auto AsyncBuffer::run(F call) -> awaitable<decltype(call())> {
  auto both = [this, call = std::move(call), now = stamp(clock_), fresh = fresh()]() mutable {
    auto result = call();
    bool healed = false;
    if (!result && result.error().code == Errc::storage_corrupt && fresh) {
      const auto done = residence_.heal(*fresh, now);
      healed = done || buffer().heir();
      if (!done) result = fail(done.error());
    }
    return std::tuple(std::move(result), buffer().snapshot(), healed, residence_.in_refuge(), residence_.bringing());
  };
  auto [result, ledger, healed, in_refuge, bringing] = co_await worker_.run(std::move(both));
  in_refuge_ = in_refuge;
  bringing_ = bringing;
  if (healed && on_replaced) on_replaced(result.error());
  if (ledger != ledger_) {
    ledger_ = std::move(ledger);
    if (on_change) on_change();
  }
  co_return std::move(result);
}

awaitable<Result<std::string>> AsyncBuffer::open() {
  auto call = [this, now = stamp(clock_)] {
    auto opened = residence_.open(now);
    if (opened) found_ = buffer().found();
    home_unknown_ = residence_.home_unknown();
    return opened;
  };
  auto opened = co_await worker_.run(std::move(call));
  if (!opened) co_return opened;
  auto nothing = [] { return Result<void>{}; };  // the ledger comes to the loop
  (void)co_await run(std::move(nothing));
  co_return std::move(opened);
}

awaitable<Result<void>> AsyncBuffer::take_refuge() {
  const auto epoch = fresh();
  if (!epoch) co_return fail(Errc::unsupported, "no epoch to begin anew with");
  auto call = [this, now = stamp(clock_), epoch = *epoch] { return residence_.take_refuge(epoch, now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<Residence::Home>> AsyncBuffer::go_home() {
  const auto epoch = fresh();
  if (!epoch) co_return fail(Errc::unsupported, "no epoch to begin anew with");
  auto probe = [this] { return residence_.probe(); };
  if (auto takes = co_await disk_.run(std::move(probe)); !takes) co_return fail(std::move(takes.error()));
  auto call = [this, now = stamp(clock_), epoch = *epoch] { return residence_.go_home(epoch, now); };
  co_return co_await run(std::move(call));
}

awaitable<void> AsyncBuffer::adopt_all() {
  while (true) {
    auto call = [this, now = stamp(clock_)] { return buffer().adopt(now); };
    const auto more = co_await run(std::move(call));
    if (!more) co_return;
    if (!*more) break;
  }
  auto anew = [this] {
    buffer().look_again();
    return Result<void>{};
  };
  (void)co_await run(std::move(anew));
  while (co_await bring_piece()) {
  }
}

/// A disk that takes nothing may be slow to read too: that is nobody's business but this coroutine's.
awaitable<bool> AsyncBuffer::bring_piece() {
  auto look = [this]() -> Result<std::optional<Residence::Elsewhere>> { return residence_.elsewhere(); };
  auto piece = co_await run(std::move(look));
  if (!piece || !*piece) co_return false;
  auto wanted = std::make_shared<Residence::Elsewhere>(std::move(**piece));
  auto read = [wanted] { return Residence::read(*wanted); };
  auto rows = wanted->at_home ? co_await disk_.run(std::move(read)) : co_await worker_.run(std::move(read));
  auto bring = [this, wanted, rows = std::move(rows), now = stamp(clock_)]() mutable {
    return residence_.bring(*wanted, std::move(rows), now);
  };
  const auto brought = co_await run(std::move(bring));
  co_return brought.has_value();
}

awaitable<Result<void>> AsyncBuffer::keep_marks() {
  auto call = [this] { return buffer().keep_marks(); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::commit(Commit commit) {
  auto call = [this, now = stamp(clock_), commit = std::move(commit)]() mutable {
    return buffer().commit(std::move(commit), now);
  };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::commit(std::function<Commit()> make) {
  auto call = [this, now = stamp(clock_), make = std::move(make)] { return buffer().commit(make(), now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::mark_received(RangesByPlace data) {
  auto call = [this, data = std::move(data), now = clock_.mono()] { return buffer().mark_received(data, now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::agree(Answer answer) {
  auto call = [this, answer = std::move(answer), now = stamp(clock_)] { return buffer().agree(answer, now); };
  co_return co_await run(std::move(call));
}

awaitable<Result<void>> AsyncBuffer::release(Millis retain) {
  auto call = [this, retain, now = clock_.mono()] { return buffer().release(now, retain); };
  co_return co_await run(std::move(call));
}

awaitable<std::optional<WallTime>> AsyncBuffer::oldest_due() {
  const auto event = co_await oldest_due(Stream::event), telemetry = co_await oldest_due(Stream::telemetry);
  if (event && telemetry) co_return std::min(*event, *telemetry);
  co_return event ? event : telemetry;
}

/// Epochs and sequences are in the order of the commits: the first due record of a stream is its oldest.
awaitable<std::optional<WallTime>> AsyncBuffer::oldest_due(Stream stream) {
  const auto ledger = ledger_;
  for (const auto& entry : ledger->epochs) {
    const Place place{entry.epoch, stream};
    const RangeSet due = ledger->at(place).due();
    if (due.empty()) continue;
    const auto first = due.ranges().front().first;
    const auto rows = co_await read(place, RangeSet(first, first + 1), 1, 1);
    if (rows && !rows->empty()) co_return rows->front().wall;
    co_return std::nullopt;
  }
  co_return std::nullopt;
}

awaitable<Result<std::vector<Record>>> AsyncBuffer::read(Place place, RangeSet wanted, std::size_t most,
                                                         std::size_t most_bytes) {
  auto call = [this, place, wanted = std::move(wanted), most, most_bytes, now = stamp(clock_)] {
    return buffer().read(place, wanted, most, most_bytes, now);
  };
  co_return co_await run(std::move(call));
}

awaitable<Result<std::vector<Record>>> AsyncBuffer::read_to_send(Place place, RangeSet wanted, std::size_t most,
                                                                 std::size_t most_bytes) {
  auto call = [this, place, wanted = std::move(wanted), most, most_bytes, now = stamp(clock_)] {
    return buffer().read_to_send(place, wanted, most, most_bytes, now);
  };
  co_return co_await run(std::move(call));
}

}  // namespace anlan::edge
