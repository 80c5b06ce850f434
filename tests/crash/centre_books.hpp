// What the databases of a centre hold, judged without the code that wrote it where that is possible.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/ingest/registry.hpp"
#include "common/model/protocol.hpp"
#include "tests/crash/centre_script.hpp"

namespace anlan::test {

/// What the centre has said, and people have been told: it holds from then on.
struct Acknowledged {
  std::map<collector::Origin, RangesByPlace> records;
  std::set<std::string> acts;  // acknowledged, reported, delivered
  std::optional<StoreRef> store;
  bool new_generation = false;  // one is being begun: which it is, nobody knows yet
};

/// Opens the stores in `directory` as a start does. "" where all of this holds, otherwise what does not: both databases
/// are whole and name one store and generation, the acknowledged one; received ranges and records agree exactly, no
/// record twice, none otherwise than it was sent; everything acknowledged is there; alerts, hazards and outbox are
/// those of the stored events.
std::string fault_of_books(const std::string& directory, const Acknowledged& said,
                           const std::map<collector::Origin, const EdgeScript*>& scripts);

/// What stands in both databases, in sentences that name nothing drawn by chance and no time of the centre.
std::vector<std::string> facts_of(const std::string& directory);

}  // namespace anlan::test
