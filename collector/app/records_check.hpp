// records.db held against what it promises, table by table.
#pragma once

#include "collector/store/store_faults.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

struct RecordsLooked {
  std::uint64_t rows = 0;
  std::uint64_t quarantined = 0;  // event records that this program cannot decode: kept, no faults
};

/// Pages and foreign keys; every event record against its checksum and its kind, and the received ranges against what
/// is there; ranges, definitions by their hash, JSON where it stands; rows that are numbered without a gap; the change
/// feed. Inside a transaction of the caller. Pages that cannot be read are faults.
RecordsLooked check_records(Database& database, StoreFaults& faults, const LookProgress& progress);

}  // namespace anlan::collector
