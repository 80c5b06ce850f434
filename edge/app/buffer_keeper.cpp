#include "edge/app/buffer_keeper.hpp"

#include "common/base/log.hpp"
#include "common/model/disk_event.hpp"
#include "edge/app/edge_metrics.hpp"

namespace anlan::edge {
namespace {

using boost::asio::awaitable;

constexpr Millis kLook{1'000};
constexpr int kLooksToHousekeeping = 30;
constexpr Millis kFirstWait{10'000}, kLongestWait{1'800'000};
constexpr Millis kSettled{600'000};  // a disk that has been good for so long is tried soon again

}  // namespace

BufferKeeper::BufferKeeper(const boost::asio::any_io_executor& executor, Clock& clock, AsyncBuffer& buffer,
                           const Config& config, std::function<void(EdgeEvent)> say, Metrics& metrics,
                           std::uint64_t seed)
    : clock_(clock),
      buffer_(buffer),
      config_(config),
      say_(std::move(say)),
      metrics_(metrics),
      waits_(kFirstWait, kLongestWait, seed),
      rows_elsewhere_(executor) {
  buffer_.on_replaced = [this](const Error& damage) {
    say_replaced(damage.message);
    rows_elsewhere_.set();
  };
}

void BufferKeeper::opened() {
  if (buffer_.found().damaged) say_replaced("found at the start");
  if (buffer_.found().lost) {
    log::warning("buffer",
                 "the buffer lacks records that it once had: it was lost or an older copy was put in its place",
                 {{"data_dir", config_.data_dir}});
    say_({config_.id, "buffer-lost", "records that the side file names are not there", ""});
  }
  if (buffer_.home_unknown())
    in_refuge({Errc::storage_failed, "what is there could not be read at the start: mend it, then restart"});
  else if (!buffer_.in_refuge())
    say_disk("");
}

void BufferKeeper::say_replaced(const std::string& reason) {
  log::error("buffer", "the buffer was damaged: it was put aside, and what can be saved of it is taken over",
             {{"reason", reason}, {"data_dir", config_.data_dir}});
  metrics_.at(kBufferReplaced).add();
  say_({config_.id, "buffer-replaced", reason, ""});
}

void BufferKeeper::in_refuge(const Error& reason) {
  if (clock_.mono() - home_since_ >= kSettled) waits_.reset();
  wait_ = waits_.next();
  next_try_ = clock_.mono() + wait_;
  say_disk(reason.message);
  rows_elsewhere_.set();
}

/// The centre raises an alert by what is said here, and clears it.
void BufferKeeper::say_disk(const std::string& trouble) {
  if (!trouble.empty())
    log::error("buffer", "the disk takes nothing: the buffer goes on in memory, where a power cut ends it",
               {{"reason", trouble}, {"data_dir", config_.data_dir}});
  said_good_ = trouble.empty();
  metrics_.at(kInRefuge).set(trouble.empty() ? 0 : 1);
  say_({config_.id, std::string(trouble.empty() ? kDiskGood : kDiskTakesNothing), trouble, ""});
}

awaitable<void> BufferKeeper::run() {
  for (int look = 1;; ++look) {
    co_await clock_.sleep_for(kLook);
    oldest_telemetry_ = co_await buffer_.oldest_due(Stream::telemetry);
    const auto event = co_await buffer_.oldest_due(Stream::event);
    oldest_due_ = event && oldest_telemetry_ ? std::min(event, oldest_telemetry_) : event ? event : oldest_telemetry_;
    if (buffer_.in_refuge() && clock_.mono() >= next_try_) co_await try_home();
    if (look % kLooksToHousekeeping != 0) continue;
    const auto released = co_await buffer_.release(config_.uplink.retain_received);
    if (!released) log::error("buffer", "cannot free what the centre has", {{"reason", released.error().message}});
    co_await keep_marks();
  }
}

awaitable<void> BufferKeeper::try_home() {
  const auto home = co_await buffer_.go_home();
  next_try_ = clock_.mono() + wait_;
  if (!home) co_return;
  home_since_ = clock_.mono();
  if (home->put_aside) say_replaced("found when the disk could be written again");
  log::info("buffer", "the disk takes what is stored again", {{"data_dir", config_.data_dir}});
  rows_elsewhere_.set();
}

/// What has no room now is asked for again. The disk is said to be good when everything is on it.
awaitable<void> BufferKeeper::adopt() {
  while (true) {
    co_await buffer_.adopt_all();
    if (!said_good_ && !buffer_.in_refuge() && !buffer_.bringing()) say_disk("");
    co_await rows_elsewhere_.wait(kLook * kLooksToHousekeeping);
  }
}

awaitable<void> BufferKeeper::keep_marks() {
  const auto kept = co_await buffer_.keep_marks();
  if (!kept) log::error("buffer", "cannot write the side file", {{"reason", kept.error().message}});
}

awaitable<void> BufferKeeper::close() {
  if (buffer_.in_refuge()) co_await try_home();
  if (!buffer_.in_refuge() && buffer_.bringing()) co_await buffer_.adopt_all();
  if (buffer_.in_refuge() || buffer_.bringing())
    log::error("buffer", "ends while the disk takes nothing: what was not sent from memory is lost");
  co_await keep_marks();
}

awaitable<BoxSensor::Inner> BufferKeeper::inner() {
  const auto ledger = buffer_.ledger();
  BoxSensor::Inner inner;
  inner.mib = static_cast<double>(ledger->bytes()) / (1 << 20);
  for (const auto& [place, state] : ledger->places) inner.due += static_cast<double>(state.due().count());
  inner.oldest = co_await buffer_.oldest_due();
  co_return inner;
}

}  // namespace anlan::edge
