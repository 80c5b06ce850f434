// Brings what the journal holds to the engine, group by group, on a thread of its own; what the engine has for good
// leaves the journal.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <thread>

#include "collector/store/victoria/departures.hpp"
#include "collector/store/victoria/engine.hpp"
#include "common/async/clock.hpp"
#include "common/base/backoff.hpp"
#include "common/base/log_limit.hpp"

namespace anlan::collector::victoria {

class Mover {
 public:
  /// Moves every `every`, sooner where much waits; never by itself where that is 0. `engine` and `meter` outlive it.
  Mover(SQLite::Database db, Engine& engine, JournalMeter& meter, Millis every);
  ~Mover();  // ends a request under way

  /// After a commit: much may be waiting now.
  void wake();

  /// Moves all that waits, on the calling thread. Errors: those of Engine; storage_corrupt where the engine was lost.
  Result<void> move_all();

  /// Held while somebody reads engine and journal together: meanwhile nothing leaves the journal, so that what is
  /// being moved is seen in one of them at least.
  std::shared_lock<std::shared_mutex> hold() { return std::shared_lock(moving_out_); }

  /// Whether the engine holds what was moved last; asks it, through `engine`, where that is not known yet. Any thread.
  Result<void> check_engine(const Engine& engine);

  const std::string& label() const { return label_; }

  /// nullopt: it works. For people.
  std::optional<std::string> trouble() const;

 private:
  void run(const std::stop_token& stop);
  Result<bool> move_group();
  bool pause(Millis time);
  void say(const Result<void>& moved);

  Engine& engine_;
  JournalMeter& meter_;
  Millis every_;
  SystemClock clock_;
  Backoff backoff_;
  LogLimit quiet_;

  std::mutex one_at_a_time_;  // guards departures_
  Departures departures_;
  std::string label_;
  std::shared_mutex moving_out_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  Mark mark_;                  // departures_' own
  bool engine_known_ = false;  // that it holds `mark_`
  bool failing_ = false;
  std::string trouble_;
  bool stopping_ = false;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace anlan::collector::victoria
