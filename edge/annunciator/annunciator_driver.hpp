// Keeps a sounder informed: at once on a change, and at each beat. A sounder that is dead delays only this coroutine;
// it is tried again at each beat, and reported: one log line when it is lost and one when it is back, and the metrics
// anlan_edge_annunciator_{up,sounding,level,failures_total}.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/base/metrics.hpp"
#include "edge/annunciator/sounder.hpp"

namespace anlan::edge {

/// All on one strand. `sounder`, `clock` and `metrics` outlive it.
class AnnunciatorDriver {
 public:
  AnnunciatorDriver(boost::asio::any_io_executor executor, Annunciator annunciator, Sounder& sounder,
                    const Clock& clock, Metrics& metrics);

  /// Never waits. See Annunciator.
  void apply(const AlertTransition& transition);
  Result<Annunciator::Silence> silence(std::string_view by);

  /// Until stop(), or until the coroutine is cancelled (then it throws). Spawn it once; the spawner waits for it.
  boost::asio::awaitable<void> run();

  /// run() returns after the call to the sounder that it may be waiting for. The heartbeat ends with it, on purpose: a
  /// stopped edge is a dead one to the sounder. Idempotent.
  void stop();

  /// What the sounder was last told with success, for `status`; nullopt: nothing yet, or it is lost.
  const std::optional<AnnunciatorOutput>& shown() const { return shown_; }

 private:
  void note(const AnnunciatorOutput& output, const Result<void>& result);

  Annunciator annunciator_;
  Sounder& sounder_;
  const Clock& clock_;
  Metric &up_, &sounding_, &level_, &failures_;
  Event changed_;
  std::optional<AnnunciatorOutput> shown_;
  std::optional<bool> works_;  // the last attempt
  bool stopped_ = false;
};

}  // namespace anlan::edge
