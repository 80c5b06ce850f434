// What the daemon does about its buffer beside filling it: frees what the centre has, keeps the side file, comes home
// from the refuge, brings what lies elsewhere, and tells people and the centre of trouble.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/async/event.hpp"
#include "common/base/backoff.hpp"
#include "common/base/metrics.hpp"
#include "common/model/protocol.hpp"
#include "edge/app/config.hpp"
#include "edge/box/box_sensor.hpp"
#include "edge/buffer/async_buffer.hpp"

namespace anlan::edge {

/// On the loop. All that it is given outlives it.
class BufferKeeper {
 public:
  /// `say` gets events for the event stream. Takes buffer.on_replaced.
  BufferKeeper(const boost::asio::any_io_executor& executor, Clock& clock, AsyncBuffer& buffer, const Config& config,
               std::function<void(EdgeEvent)> say, Metrics& metrics, std::uint64_t seed);

  /// Says what buffer.open() found.
  void opened();

  /// The disk took nothing, and the buffer went to its refuge.
  void in_refuge(const Error& reason);

  /// Once at the end, after the last commit.
  boost::asio::awaitable<void> close();

  /// Until cancelled.
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> adopt();

  /// When the oldest record was committed that waits for a receipt, as of a second ago; nullopt: none waits.
  const std::optional<WallTime>& oldest_due() const { return oldest_due_; }
  const std::optional<WallTime>& oldest_telemetry() const { return oldest_telemetry_; }

  /// For the health of the box.
  boost::asio::awaitable<BoxSensor::Inner> inner();

 private:
  boost::asio::awaitable<void> try_home();
  boost::asio::awaitable<void> keep_marks();
  void say_replaced(const std::string& reason);
  void say_disk(const std::string& trouble);

  Clock& clock_;
  AsyncBuffer& buffer_;
  const Config& config_;
  std::function<void(EdgeEvent)> say_;
  Metrics& metrics_;
  std::optional<WallTime> oldest_due_, oldest_telemetry_;
  bool said_good_ = false;  // of the disk
  Backoff waits_;           // a disk that comes and goes costs an epoch each time
  Millis wait_{};
  MonoTime next_try_{}, home_since_{};
  Event rows_elsewhere_;  // in a storage that was put aside or left
};

}  // namespace anlan::edge
