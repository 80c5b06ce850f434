// What a perfect witness knows of a walk, and the invariants that it checks (I1 to I9; the first six are those of the
// protocol's reference model).
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "edge/buffer/buffer.hpp"
#include "edge/buffer/storage.hpp"

namespace anlan::walk {

struct Store;
struct Box;

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string name_of(const RecordId& id);
std::vector<Void> voids_of(const Record& record);

class Witness {
 public:
  // ---- what it sees -----------------------------------------------------------------------------------------------
  void committed(const edge::Changes& changes, const std::vector<Record>& freed, std::int64_t now);
  void stored(const RecordId& id) { ever_stored_.insert(id); }
  void said(const Hello& hello, std::int64_t now) { hellos_[{hello.incarnation, hello.counter}] = now; }
  std::int64_t said_at(const Hello& hello) const { return hellos_.at({hello.incarnation, hello.counter}); }

  /// Something was lost that may have been known to nobody else: losses are to be reported, and may be.
  void bruise() { bruised_ = true; }
  void damaged(const RecordId& id, const std::map<RecordId, Record>& rows, std::int64_t now);
  /// The disk of a box is another one now. `traceable`: the edge or its token can tell.
  void lost_on_edge(const std::map<RecordId, Record>& rows, bool traceable, std::int64_t now);
  void lost_in_centre(const RecordId& id) { lost_centre_.insert(id); }

  // ---- what must hold at once -------------------------------------------------------------------------------------
  void check_freed(const std::vector<Record>& freed, const edge::Changes& changes,
                   const std::optional<StoreRef>& agreed, const Store& store) const;
  static void check_stamp(const Record& record, const edge::Stamp& now);

  // ---- what must hold when everything is delivered ----------------------------------------------------------------
  void check(const Store& store, const std::vector<std::unique_ptr<Box>>& boxes,
             const std::set<std::pair<AlertId, Level>>& rung) const;

  /// Records that left a full buffer, by reason.
  const std::map<LossReason, std::uint64_t>& left() const { return left_; }

 private:
  void check_record(const RecordId& id, const Store& store, const std::vector<std::unique_ptr<Box>>& boxes) const;
  void check_ranges(const Store& store) const;
  void check_alerts(const Store& store, const std::vector<std::unique_ptr<Box>>& boxes,
                    const std::set<std::pair<AlertId, Level>>& rung) const;
  void check_samples(const Store& store) const;
  void check_order(const Store& store) const;

  struct Seen {
    Kind kind;
    std::int64_t at;  // the true time of its commit
  };
  std::map<RecordId, Seen> synced_;             // every record that was ever durable on a box
  std::map<RecordId, std::int64_t> lost_edge_;  // may be gone from the box since then
  std::set<RecordId> untraceable_, lost_centre_, damaged_, ever_stored_;
  std::map<RecordId, std::uint32_t> voided_;                              // left a box by rule 9; samples in it
  std::map<std::pair<Incarnation, std::uint64_t>, std::int64_t> hellos_;  // when each was said
  std::map<LossReason, std::uint64_t> left_;
  std::uint64_t samples_ = 0;  // committed
  bool bruised_ = false;
};

}  // namespace anlan::walk
