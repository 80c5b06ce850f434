// The changes of the records as Server-Sent Events: one reader for all streams, which hold no queue of their own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "collector/store/changes.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/io/http.hpp"

namespace anlan::collector {

inline constexpr Millis kHeartbeat{15'000};
inline constexpr Millis kBatch{250};  // changes within this time go out together

/// Every method on one strand.
class ChangeFeed {
 public:
  /// All must outlive it; it must outlive the streams.
  ChangeFeed(const boost::asio::any_io_executor& executor, Records& records, Clock& clock);

  /// Something was committed.
  void wake() { woken_.set(); }

  /// Reads what was committed and hands it on, until cancelled. The caller waits for it.
  boost::asio::awaitable<void> run();

  /// A stream from after `since`; nullopt: from now on, beginning with the event `snapshot`. Where changes after
  /// `since` are no longer kept (or never were: a restored store) it says `reset`: read the lists anew; so does a
  /// stream that follows so slowly that they are pruned meanwhile. Errors: those of the store.
  /// `sees`: what of it goes out; on the loop.
  boost::asio::awaitable<Result<std::shared_ptr<HttpStream>>> open(std::optional<std::int64_t> since,
                                                                   std::function<bool(const Change&)> sees);

  std::size_t streams() const { return waiting_.size(); }

 private:
  class Stream;
  struct News {
    std::vector<Change> changes;
    std::int64_t newest = 0;
    bool missed = false;  // some after `seq` were pruned: nothing of `changes` is whole
  };

  static Result<News> read_after(Database& database, std::int64_t seq, int limit);
  boost::asio::awaitable<Result<News>> after(std::int64_t seq);
  boost::asio::awaitable<void> read_news();

  boost::asio::any_io_executor executor_;
  Records& records_;
  Clock& clock_;
  Event woken_;
  std::deque<Change> tail_;  // the newest changes, complete from after tail_from_
  std::int64_t tail_from_ = 0;
  bool tail_known_ = false;
  std::set<Event*> waiting_;  // one per stream
};

/// One change as an event: "id: 7\nevent: alert\ndata: {…}\n\n".
std::string to_event(const Change& change);

}  // namespace anlan::collector
