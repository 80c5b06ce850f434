// The log of everything that people and the system do (docs/decisions/0080). Whoever changes a hazard, an alert or
// anything else that people are answerable for appends a Deed inside the transaction that changes it: there is no
// change without its entry and no entry without its change. Nothing is ever updated or deleted here.
//
// On the Database's worker, inside the caller's transaction; throw DatabaseError. One entry costs three statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/audit/entry.hpp"
#include "collector/audit/merkle.hpp"
#include "common/io/database.hpp"
#include "common/model/tree_head.hpp"

namespace anlan::collector {

/// Migration steps of the tables audit_entry and audit_head.
const std::vector<std::string>& audit_schema();

namespace audit {

/// Returns the entry's number. The first of all also draws the log's id, in an entry of its own before it.
std::uint64_t append(Database& database, const Deed& deed);

/// How many entries there are.
std::uint64_t size(Database& database);

/// Empty where the log has not begun.
std::optional<LogId> log_id(Database& database);

/// The generation of the store that the log names last.
std::optional<Generation> known_generation(Database& database);
/// The public key (hex) that the log names last.
std::optional<std::string> known_key(Database& database);

/// Entries as they are stored, unchecked: the line, and the leaf hash (hex) that the tree was made of.
struct Row {
  std::uint64_t number = 0;
  std::string leaf, line;
};
/// Up to `limit` of them from number `from` on; only those about `subject` where that is not empty.
std::vector<Row> rows(Database& database, std::uint64_t from, int limit, const std::string& subject = {});

/// Nodes of complete subtrees below size(); `database` must outlive what is returned.
NodeReader node_reader(Database& database);

/// Signed heads. A size has one: the second of the same size is not kept.
void keep_head(Database& database, const SignedTreeHead& head);
std::optional<SignedTreeHead> newest_head(Database& database);
/// Of sizes above `after`, ascending, up to `limit`.
std::vector<SignedTreeHead> heads(Database& database, std::uint64_t after, int limit);

}  // namespace audit
}  // namespace anlan::collector
