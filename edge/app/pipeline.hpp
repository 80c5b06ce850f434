// The readable chain of the edge's stages: samples → score → buffer (→ uplink). Samples are committed in groups, alert
// events at once; what cannot be stored is counted and said in a gap record (DESIGN.md promises 1, 3, 6).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "common/async/event.hpp"
#include "common/base/metrics.hpp"
#include "common/base/shared.hpp"
#include "edge/buffer/async_buffer.hpp"
#include "edge/buffer/losses.hpp"
#include "edge/sample/reporter.hpp"
#include "edge/score/scorer.hpp"

namespace anlan::edge {

class Pipeline {
 public:
  struct Settings {
    Millis commit_every{250};
    std::string edge;
    BootId boot;
    std::vector<ReportRule> report{};  // by point of the definition; points beyond are reported whole
  };

  Pipeline(boost::asio::any_io_executor executor, const Clock& clock, AsyncBuffer& buffer, Scorer scorer,
           Settings settings, Metrics& metrics);

  /// Takes up what the buffer kept of the scoring engine and announces the present definition. Call before samples.
  boost::asio::awaitable<Result<void>> open(const std::string& engine_state);

  /// Scores every sample; those that are to be reported are committed. On the loop; returns at once.
  void on_samples(std::vector<Sample> samples);

  /// Something for the event stream (device lost, silenced …).
  void on_event(Kind kind, const EdgeEvent& event);

  /// A new configuration is in force. Alerts that it ends are ended by `by`, where that names somebody.
  void reconfigure(Shared<Definition> definition, Scorer::Titles titles, std::vector<ReportRule> report = {},
                   const std::string& by = {});

  /// See Scorer. The transition is committed like any other.
  Result<AlertTransition> reset(std::string_view source, std::string_view rule, std::string_view actor);

  /// The same by the alert's id. Errors: not_found too, where no such alert is active.
  Result<AlertTransition> reset(const AlertId& alert, std::string_view actor);

  /// See Scorer. What begins and ends is committed as events "maintenance-begin" and "maintenance-end".
  Result<MaintenanceChange> begin_maintenance(std::string_view device, std::string_view by, std::string_view reason,
                                              Millis duration);
  Result<MaintenanceChange> end_maintenance(std::string_view device, std::string_view by, bool all);

  /// Ends what runs out, until cancelled; waits for no disk.
  boost::asio::awaitable<void> watch_maintenance();

  /// Commits groups until cancelled; then call flush().
  boost::asio::awaitable<void> run();

  /// The last thing before the end: also what the reporter holds back, then flush().
  boost::asio::awaitable<Result<void>> finish();

  /// Commits what is waiting, what is to be said of losses too, once. Errors: those of the buffer; what is waiting
  /// stays.
  boost::asio::awaitable<Result<void>> flush();

  const Scorer& scorer() const { return scorer_; }

  /// Called on the loop with each transition, before it is committed: the local alarm waits for no disk. After open()
  /// it has also been called with the newest transition of each alert that goes on.
  std::function<void(const AlertTransition&)> on_alert;

  /// Called on the loop when the disk took nothing, with what it said, and the buffer goes on in its refuge.
  std::function<void(const Error&)> on_refuge;

  /// Called on the loop with each sample whose point deserves a closer look (Scorer::raised).
  std::function<void(std::uint32_t point)> on_raised;

 private:
  /// Samples of one definition, in the order in which they were taken.
  struct Group {
    DefinitionHash hash;
    Shared<Definition> definition;
    std::vector<Sample> samples;
  };
  /// What waits for a commit, oldest first. The last group is of the present definition.
  struct Waiting {
    std::deque<Group> samples;
    std::vector<Entry> events;
    std::vector<std::pair<DefinitionHash, std::string>> definitions;
    Losses losses;  // to be said in a gap
    bool alerts_changed = false;
    bool empty() const;
  };
  class Taken;

  void take(std::vector<AlertTransition> transitions);
  Instant now() const;
  void expire_maintenance();
  void settle(const MaintenanceChange& change);
  void announce();
  void lose(const Group& group, std::size_t count);
  void bound_waiting();
  void say_losses();
  void put_back(Waiting taken);
  Commit events_only(const Waiting& waiting) const;
  boost::asio::awaitable<Result<void>> commit_waiting();
  boost::asio::awaitable<bool> took_refuge(Error error);

  const Clock& clock_;
  AsyncBuffer& buffer_;
  Scorer scorer_;
  Settings settings_;
  Reporter reporter_;
  Metrics& metrics_;
  Metric& samples_;
  Event event_;
  Event maintenance_begun_;

  Waiting waiting_;
  std::uint64_t saved_revision_ = 0;

  Losses losses_;  // samples that found no room, not yet said
  MonoTime losses_said_{};
};

}  // namespace anlan::edge
