// The readable chain of the collector's stages: ingest → alert → hazard → notify, all inside one transaction. Every
// change of an alert or a hazard, by an edge, by time or by a person, goes through join().
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "collector/alert/alert_book.hpp"
#include "collector/api/commands.hpp"
#include "collector/app/disk_guard.hpp"
#include "collector/hazard/hazard_desk.hpp"
#include "collector/ingest/event_sink.hpp"
#include "collector/notify/outbox.hpp"

namespace anlan::collector {

/// Methods with a Database& run on the records' worker; committed() on the loop.
class Pipeline final : public EventSink, public Commands {
 public:
  /// `channels`: who is told of what. `after_commit` wakes the notifier and the event stream.
  Pipeline(Database& database, HazardPolicy policy, std::vector<ChannelRule> channels,
           std::function<void()> after_commit, MonoTime started);

  void on_event(Database& database, const Origin& origin, const Record& record, const EventBody& body,
                WallTime now) override;
  void on_hello(Database& database, const Hello& hello, WallTime now) override;
  void on_unclear(Database& database, const Origin& origin, bool unclear, WallTime now) override;
  void on_two_boxes(Database& database, const Origin& origin, WallTime now) override;

  /// Edges that were heard since the last call, then the watch over silent ones.
  void on_watch(Database& database, const std::set<Origin>& heard, Millis silent_after, WallTime now, MonoTime mono);

  /// `trouble`: what is to be said of the centre's own certificates; empty: nothing.
  void on_certificates(Database& database, const std::string& trouble, WallTime now);

  /// The centre's own disk. `room`: what is to be said of it.
  void on_disk(Database& database, DiskState state, const std::string& room, WallTime now);

  Result<void> acknowledge(Database& database, const AlertId& id, const Actor& actor, const std::string& note,
                           std::int64_t expected_revision, WallTime now) override;
  Result<HazardId> report(Database& database, const HazardReport& report, const Actor& actor, WallTime now) override;
  Result<void> act(Database& database, const HazardId& id, std::string_view action, const Actor& actor,
                   const std::string& reason, std::string_view fields, std::int64_t expected_version,
                   WallTime now) override;

  Result<Order> order_reset(Database& database, const AlertId& id, const Actor& actor, const std::string& reason,
                            std::int64_t expected_revision, WallTime now) override;
  bool has_line() const override { return !line_.connected || line_.connected(); }  // without a key: refused by that
  bool send(const Order& order) override { return line_.send && line_.send(order); }

  struct CommandLine {
    std::function<bool()> connected;
    std::function<bool(const Order&)> send;
  };
  /// Without these no order is given. Call before anything is asked.
  void give_orders(std::function<std::string(std::string_view)> sign, CommandLine line) {
    sign_ = std::move(sign);
    line_ = std::move(line);
  }

  void committed() override { after_commit_(); }

 private:
  void join(Database& database, const AlertOutcome& alerts, WallTime now);
  void on_certificates(Database& database, const EdgeRef& whose, const std::string& trouble, WallTime now);
  void stands(Database& database, const EdgeRef& whose, std::string_view rule, Level level, const std::string& trouble,
              WallTime now);

  AlertBook alerts_;
  HazardDesk hazards_;
  std::vector<ChannelRule> channels_;
  std::function<void()> after_commit_;
  std::function<std::string(std::string_view)> sign_;
  CommandLine line_;
};

}  // namespace anlan::collector
