#include "collector/audit/audit_log.hpp"

#include "common/io/random.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

const std::vector<std::string>& audit_schema() {
  static const std::vector<std::string> steps{
      "CREATE TABLE audit_entry (number BIGINT PRIMARY KEY, subject TEXT NOT NULL, line TEXT NOT NULL, hashes TEXT NOT "
      "NULL)",
      "CREATE INDEX audit_entry_by_subject ON audit_entry (subject, number)",
      "CREATE TABLE audit_head (size BIGINT PRIMARY KEY, head TEXT NOT NULL)",
  };
  return steps;
}

namespace audit {
namespace {

constexpr std::size_t kHexOfHash = 64;

/// Place `level` among the hashes of the entry that completed the node.
Sha256 hash_at(const std::string& hashes, unsigned level) {
  const auto hash = hashes.size() < (level + 1) * kHexOfHash
                        ? std::nullopt
                        : sha256_from_hex(std::string_view(hashes).substr(level * kHexOfHash, kHexOfHash));
  if (!hash) throw DatabaseError(Errc::storage_corrupt, "the log's tree has no such node");
  return *hash;
}

/// What an append has to know of the log as it stands.
struct End {
  std::uint64_t size = 0;
  std::string hashes;  // of the last entry
};

End end_of(Database& database) {
  const auto rows = database.query("SELECT number, hashes FROM audit_entry ORDER BY number DESC LIMIT 1");
  if (rows.empty()) return {};
  return {static_cast<std::uint64_t>(rows[0].integer(0)) + 1, rows[0].text(1)};
}

void insert(Database& database, End& end, const Deed& deed) {
  const AuditEntry entry{end.size, deed, end.size == 0 ? Sha256{} : hash_at(end.hashes, 0)};
  const std::string line = to_line(entry);
  const auto stored = node_reader(database);
  const auto node = [&](unsigned level, std::uint64_t index) {
    return completing_leaf(level, index) + 1 == end.size ? hash_at(end.hashes, level) : stored(level, index);
  };
  std::string hashes;
  for (const Sha256& hash : completed_by(end.size, leaf_hash(line), node)) hashes += to_hex(hash);
  insert_row(database, "audit_entry",
             {{"number", sql(end.size)}, {"subject", sql(deed.subject)}, {"line", sql(line)}, {"hashes", sql(hashes)}});
  end = {end.size + 1, std::move(hashes)};
}

SignedTreeHead read_head(const std::string& text) {
  auto head = parse_tree_head(text);
  if (!head) throw DatabaseError(Errc::storage_corrupt, head.error().message);
  return std::move(*head);
}

AuditEntry read_entry(const std::string& line) {
  auto entry = parse_entry(line);
  if (!entry) throw DatabaseError(Errc::storage_corrupt, entry.error().message);
  return std::move(*entry);
}

std::string value_in(const std::string& line, const std::string& name) {
  const AuditEntry entry = read_entry(line);
  const auto found = entry.deed.data.find(name);
  if (found == entry.deed.data.end()) throw DatabaseError(Errc::storage_corrupt, "an entry of the log lacks " + name);
  return found->second;
}

/// Of the newest entry about `subject`.
std::optional<std::string> newest_value(Database& database, std::string_view subject, const std::string& name) {
  const auto found =
      database.query("SELECT line FROM audit_entry WHERE subject = :p1 ORDER BY number DESC LIMIT 1", {sql(subject)});
  if (found.empty()) return std::nullopt;
  return value_in(found[0].text(0), name);
}

}  // namespace

std::uint64_t append(Database& database, const Deed& deed) {
  End end = end_of(database);
  if (end.size == 0) {
    const auto log = random_id<LogId>().hex();
    insert(database, end,
           {deed.at,
            system_actor(),
            std::string(kLogBegan),
            "log/" + log,
            "what happened before this entry is not in the log",
            {{"format", "1"}, {"log", log}}});
  }
  insert(database, end, deed);
  return end.size - 1;
}

std::uint64_t size(Database& database) { return end_of(database).size; }

std::optional<LogId> log_id(Database& database) {
  const auto found = database.query("SELECT line FROM audit_entry WHERE number = 0");
  if (found.empty()) return std::nullopt;
  return SqlReader::as_id<LogId>(value_in(found[0].text(0), "log"));
}

std::optional<Generation> known_generation(Database& database) {
  const auto hex = newest_value(database, kStoreSubject, "generation");
  return hex ? std::optional(SqlReader::as_id<Generation>(*hex)) : std::nullopt;
}

std::optional<std::string> known_key(Database& database) { return newest_value(database, kKeySubject, "key"); }

std::vector<Row> rows(Database& database, std::uint64_t from, int limit, const std::string& subject) {
  SqlWhere where;
  where.add("number >= ?", {sql(from)});
  if (!subject.empty()) where.add("subject = ?", {sql(subject)});
  std::vector<Row> found;
  for (const auto& row : database.query("SELECT number, hashes, line FROM audit_entry" + where.text() +
                                            " ORDER BY number LIMIT " + std::to_string(limit),
                                        where.values()))
    found.push_back({static_cast<std::uint64_t>(row.integer(0)), row.text(1).substr(0, kHexOfHash), row.text(2)});
  return found;
}

NodeReader node_reader(Database& database) {
  return [&database](unsigned level, std::uint64_t index) {
    const auto found =
        database.query("SELECT hashes FROM audit_entry WHERE number = :p1", {sql(completing_leaf(level, index))});
    if (found.empty()) throw DatabaseError(Errc::storage_corrupt, "an entry of the log is missing");
    return hash_at(found[0].text(0), level);
  };
}

void keep_head(Database& database, const SignedTreeHead& head) {
  insert_row(database, "audit_head", {{"size", sql(head.head.size)}, {"head", sql(head.text)}},
             "ON CONFLICT (size) DO NOTHING");
}

std::optional<SignedTreeHead> newest_head(Database& database) {
  const auto found = database.query("SELECT head FROM audit_head ORDER BY size DESC LIMIT 1");
  if (found.empty()) return std::nullopt;
  return read_head(found[0].text(0));
}

std::vector<SignedTreeHead> heads(Database& database, std::uint64_t after, int limit) {
  std::vector<SignedTreeHead> found;
  for (const auto& row : database.query(
           "SELECT head FROM audit_head WHERE size > :p1 ORDER BY size LIMIT " + std::to_string(limit), {sql(after)}))
    found.push_back(read_head(row.text(0)));
  return found;
}

}  // namespace audit
}  // namespace anlan::collector
