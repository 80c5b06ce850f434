// The centre of a walk: what it keeps durable, a value, and the real state machines over it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/alert/episode.hpp"
#include "collector/ingest/edge_ledger.hpp"

namespace anlan::walk {

struct World;

inline constexpr Kind kNewerKind{99};  // of an edge that is newer than the centre

/// A value, so that it can be backed up and put back.
struct Store {
  StoreRef ref;
  bool first = true;
  std::map<RecordId, Record> events, telemetry;
  std::map<RecordId, Record> raw;  // not decodable yet
  collector::EdgeLedger ledger;
  collector::EdgeAlerts alerts;
  std::set<DefinitionHash> definitions;
  std::set<std::pair<AlertId, Level>> outbox;
};

class Centre {
 public:
  explicit Centre(World& world) : world_(world) {}

  Store store;  // as durable
  std::vector<Store> backups;
  bool runs = true, full = false;
  bool dies_in_commit = false;  // in the next one, which then never was
  std::set<std::pair<AlertId, Level>> rung;

  void deliver(const std::string& frame);
  /// What is owed for the last commits is said, or forgotten by a process that dies.
  void pay();
  void forget_debts() { owed_.clear(); }
  /// `noted`: it is durable that the outbox was delivered.
  void notify(bool noted);
  void replace(Store backup);
  void upgrade();

 private:
  void take(const Message& message);
  void take(const RecordBatch& batch);
  void take(const Hello& hello);
  void apply(const Record& record);
  void effects(const collector::Effects& done);
  void judge_clarity();
  std::vector<DefinitionHash> wanted() const;
  std::optional<Credit> credit();

  World& world_;
  std::vector<std::string> owed_;  // sent only after the commit
  bool upgraded_ = false;
};

}  // namespace anlan::walk
