// What the centre knows of one edge's alerts, and what follows from it (PROTOCOL.md rules 11 and 12; the reference is
// the Collector of the protocol model: apply, note, take_hello, ring, check_alerts). Pure and copyable: no I/O, no
// clock; alert_book.hpp stores it. Transitions may arrive in any order and again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "common/model/alert.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

/// A transition that was decided this long before the newest hello (both on the edge's clock) is late: it does not ring
/// where that hello knows the alert to be over (rule 12). Anything fresher rings.
inline constexpr Millis kLateBeforeHello{10'000};

/// What a hello lists holds for so many hellos of its edge (rule 11).
inline constexpr std::uint64_t kLease = 4;

/// Numbers are the database's.
enum class EntryState : std::uint8_t {
  active = 0,
  continued = 1,  // a later epoch goes on with the alert: this epoch alone says nothing any more
  cleared = 2,
};

/// The newest thing known of one alert in one epoch. Versions are compared within one epoch only.
struct Entry {
  std::uint32_t version = 0;
  EntryState state = EntryState::active;
  AlertTransition newest;  // for `continued` and `ended`: the transition that the start or gap record quotes

  /// Breaks ties between equal versions: what ends wins.
  int rank() const { return state == EntryState::active ? 0 : 1; }
};

enum class Shown : std::uint8_t {
  over = 0,
  active = 1,
  uncertain = 2,  // nothing says that it is over, but what would say so may have been lost
};

/// How one alert stands, all its epochs taken together.
struct View {
  Shown shown = Shown::over;
  Epoch epoch;             // whose entry decides: among those that say "active" the highest level, then version
  AlertTransition newest;  // of that entry
  bool same_as(const View& other) const;  // as far as people see it (evidence may hold NaN, so no ==)
};

/// One alert id. It lives from the first that is heard of it; nothing is forgotten while a late transition may come.
struct Episode {
  std::map<Epoch, Entry> entries;
  Level peak = Level::none;  // the highest live level of all transitions heard, late and superseded ones included
  std::uint8_t rung = 0;     // bit n: level n has been notified; for good (rule 11: the key is (alert id, level))
};

/// What one input did.
struct Effects {
  struct Change {
    AlertId alert;
    View before, after;
  };
  struct Due {  // to be notified now
    AlertId alert;
    AlertTransition transition;  // its live level is the key's
  };
  std::vector<Change> changes;  // alerts that people see differently now
  std::vector<Due> due;
};

/// All of one edge (of both boxes, where two run under one identity). Methods may be given episodes in part: what they
/// look at is the alerts that the input names, and for hellos, starts and set_unclear every alert that is not over.
class EdgeAlerts {
 public:
  struct Listing {
    std::uint64_t number = 0;  // of the hello
    std::set<AlertId> alerts;
  };
  struct LastHello {
    std::map<Epoch, std::uint64_t> ends;  // of the event streams
    std::set<AlertId> alerts;
    WallTime at{};  // on the edge's clock
  };

  std::uint64_t hellos = 0;
  bool unclear = false;  // unknown event losses or quarantined records: a clearing may be among them
  std::map<Epoch, Listing> listed;
  LastHello last;
  std::map<AlertId, Episode> episodes;

  /// An alert record; `sequence` is its own in the event stream of `epoch`. It rings unless it is known to be over:
  /// superseded here, or late and committed before the newest hello was said, which does not list it (rule 12).
  Effects on_transition(const Epoch& epoch, std::uint64_t sequence, const AlertTransition& transition);

  /// A start record: its alerts are continued in the epochs it names and active in its own.
  Effects on_start(const Epoch& epoch, std::uint64_t sequence, const Start& start);

  /// A hello, after the caller has sorted out those with a lower counter (rule 5). A repeated one counts again.
  Effects on_hello(const Hello& hello);

  /// A gap record: alerts that were over and whose held transitions were summarised. They end in the epochs of the
  /// event ranges that it voids as summarised, and in its own.
  Effects on_gap(const Epoch& epoch, const Gap& gap);

  /// Whether the edge has unknown losses of events or quarantined records. Where that begins, what a hello's word kept
  /// from ringing rings.
  Effects set_unclear(bool now);

  View view(const AlertId& alert) const;

 private:
  using Views = std::map<AlertId, View>;
  bool note(const AlertId& alert, const Epoch& epoch, EntryState state, const AlertTransition& transition);
  void ring(const AlertId& alert, const AlertTransition& transition, Effects& effects);
  bool is_listed(const Epoch& epoch, const AlertId& alert) const;
  bool is_listed_anywhere(const AlertId& alert) const;
  bool known_over(const Epoch& epoch, std::uint64_t sequence, const AlertTransition& transition) const;
  Views views() const;
  void compare(const Views& before, Effects& effects) const;
  void compare(const AlertId& alert, const View& before, Effects& effects) const;
};

}  // namespace anlan::collector
