// The buffer as the loop sees it: each call runs on the buffer's own thread and is awaited, so that a slow disk delays
// storing and nothing else.
#pragma once

#include <functional>
#include <memory>

#include "common/async/clock.hpp"
#include "common/async/worker.hpp"
#include "edge/buffer/residence.hpp"

namespace anlan::edge {

/// Both clocks now.
Stamp stamp(const Clock& clock);

class AsyncBuffer {
 public:
  /// Nothing is opened yet. `max_bytes`, `in_flight`: see Buffer.
  AsyncBuffer(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes, const Clock& clock,
              Millis in_flight = Millis{30'000});

  /// As Buffer's functions of the same names; awaited on the loop, from any coroutine of its strand.
  boost::asio::awaitable<Result<std::string>> open();
  const Buffer::Found& found() const { return found_; }  // after open()
  boost::asio::awaitable<Result<void>> commit(Commit commit);
  /// The same for what is costly to make: `make` runs on the buffer's thread, so what it reads must not change
  /// meanwhile.
  boost::asio::awaitable<Result<void>> commit(std::function<Commit()> make);
  boost::asio::awaitable<Result<void>> mark_received(RangesByPlace data);
  boost::asio::awaitable<Result<void>> agree(Answer answer);
  boost::asio::awaitable<Result<void>> release(Millis retain);
  boost::asio::awaitable<Result<std::vector<Record>>> read(Place place, RangeSet wanted, std::size_t most,
                                                           std::size_t most_bytes);

  boost::asio::awaitable<Result<std::vector<Record>>> read_to_send(Place place, RangeSet wanted, std::size_t most,
                                                                   std::size_t most_bytes);

  /// When the oldest record was committed that no receipt covers yet; nullopt: none waits, or it cannot be read now.
  boost::asio::awaitable<std::optional<WallTime>> oldest_due();
  boost::asio::awaitable<std::optional<WallTime>> oldest_due(Stream stream);

  /// Takes over what a damaged storage still gives, and what lies in the one that was left, as far as it can be had
  /// now.
  boost::asio::awaitable<void> adopt_all();
  boost::asio::awaitable<Result<void>> keep_marks();

  /// Where home takes nothing: goes on in the refuge in memory. See Residence.
  boost::asio::awaitable<Result<void>> take_refuge();
  boost::asio::awaitable<Result<Residence::Home>> go_home();
  bool in_refuge() const { return in_refuge_; }        // as of the last awaited call
  bool home_unknown() const { return home_unknown_; }  // after open(): see Residence
  bool bringing() const { return bringing_; }          // at home, and not everything yet: the same

  /// The newest durable state, as of the last awaited call.
  const std::shared_ptr<const Ledger>& ledger() const { return ledger_; }

  /// Called on the loop after each call that changed the ledger.
  std::function<void()> on_change;

  /// Called on the loop when a damaged storage was put aside, with what had shown the damage: a new one has begun, the
  /// call failed, and adopt_all() is due. Without new_epoch nothing is healed while it runs, nor is a refuge taken.
  std::function<void(const Error&)> on_replaced;
  std::function<Epoch()> new_epoch;

 private:
  Buffer& buffer() { return residence_.buffer(); }
  std::optional<Epoch> fresh() const;
  template <class F>
  auto run(F call) -> boost::asio::awaitable<decltype(call())>;

  Residence residence_;
  Buffer::Found found_;
  bool in_refuge_ = false, bringing_ = false, home_unknown_ = false;
  const Clock& clock_;
  std::shared_ptr<const Ledger> ledger_ = std::make_shared<Ledger>();
  boost::asio::awaitable<bool> bring_piece();

  Worker disk_;    // for a disk that takes nothing: it may be slow besides
  Worker worker_;  // last: ends before what it works on
};

}  // namespace anlan::edge
