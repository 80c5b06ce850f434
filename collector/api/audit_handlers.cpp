#include <charconv>

#include <boost/json.hpp>

#include "collector/api/handlers.hpp"
#include "collector/api/query.hpp"
#include "collector/audit/audit_log.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kMostEntries = 500;
constexpr std::int64_t kMostSize = std::int64_t{1} << 52;

json::object head_json(const SignedTreeHead& made) {
  const TreeHead& head = made.head;
  return {{"log", head.log.hex()}, {"generation", head.generation.hex()},
          {"size", head.size},     {"at", to_rfc3339(head.at)},
          {"root", head.root},     {"key", head.key},
          {"text", made.text}};
}

/// The line itself beside what it says: whoever wants to check it hashes that line.
json::object entry_json(const audit::Row& row) {
  json::object out{{"number", row.number}, {"leaf_hash", row.leaf}, {"line", row.line}};
  const auto entry = parse_entry(row.line);
  if (!entry) return out;  // it was altered: `line` shows how, the proof how much it is worth
  const Deed& deed = entry->deed;
  out["at"] = to_rfc3339(deed.at);
  out["actor"] = json::object{{"name", deed.actor.name}, {"role", to_string(deed.actor.role)}};
  out["act"] = deed.act;
  out["subject"] = deed.subject;
  out["reason"] = deed.reason;
  json::object& data = out["data"].emplace_object();
  for (const auto& [name, value] : deed.data) data[name] = value;
  return out;
}

json::array path_json(const std::vector<Sha256>& path) {
  json::array out;
  for (const Sha256& hash : path) out.push_back(json::string(to_hex(hash)));
  return out;
}

std::optional<std::uint64_t> number_of(const std::string& place) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(place.data(), place.data() + place.size(), number);
  return parsed.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

/// A tree size that the log has reached; without a wish the present one.
Result<std::uint64_t> size_wished(Database& database, std::optional<std::int64_t> wish) {
  const std::uint64_t size = audit::size(database);
  if (!wish) return size;
  if (static_cast<std::uint64_t>(*wish) <= size) return static_cast<std::uint64_t>(*wish);
  return fail(Errc::not_found, "the log has " + std::to_string(size) + " entries");
}

}  // namespace

asio::awaitable<Answer> list_audit_entries(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto from = query.integer("from", 0, kMostSize);
  const std::string subject = query.text("subject");
  const auto wish = read_page(request, query, kMostEntries);
  if (!wish) co_return refuse(wish.error());
  const std::uint64_t first = number_of(wish->place).value_or(static_cast<std::uint64_t>(from.value_or(0)));
  auto call = [first, subject, limit = wish->limit + 1](Database& database) -> Result<std::vector<audit::Row>> {
    return audit::rows(database, first, limit, subject);
  };
  auto rows = co_await context.parts.records.read(std::move(call));
  if (!rows) co_return refuse(rows.error());
  std::optional<std::string> next;
  if (rows->size() > static_cast<std::size_t>(wish->limit)) {
    next = std::to_string(rows->back().number);
    rows->pop_back();
  }
  json::array items;
  for (const audit::Row& row : *rows) items.push_back(entry_json(row));
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> show_audit_head(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  auto call = [](Database& database) -> Result<SignedTreeHead> {
    auto head = audit::newest_head(database);
    if (!head) return fail(Errc::not_found, "the log has no signed head yet");
    return std::move(*head);
  };
  const auto head = co_await context.parts.records.read(std::move(call));
  if (!head) co_return refuse(head.error());
  co_return json_response(head_json(*head));
}

asio::awaitable<Answer> prove_audit_entry(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto entry = query.integer("entry", 0, kMostSize), size = query.integer("size", 1, kMostSize);
  if (!entry) query.wrong("entry", "is missing: the number of an entry");
  if (const auto good = check(query); !good) co_return refuse(good.error());
  auto call = [number = static_cast<std::uint64_t>(*entry), size](Database& database) -> Result<json::object> {
    const auto tree = size_wished(database, size);
    if (!tree) return fail(tree.error());
    if (number >= *tree)
      return fail(Errc::not_found,
                  "entry " + std::to_string(number) + " is not among the first " + std::to_string(*tree) + " entries");
    const auto node = audit::node_reader(database);
    return json::object{{"entry", number},
                        {"size", *tree},
                        {"leaf_hash", to_hex(node(0, number))},
                        {"path", path_json(inclusion_path(number, *tree, node))},
                        {"root", to_hex(root_of(*tree, node))}};
  };
  const auto proof = co_await context.parts.records.read(std::move(call));
  if (!proof) co_return refuse(proof.error());
  co_return json_response(*proof);
}

asio::awaitable<Answer> prove_audit_growth(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto from = query.integer("from", 0, kMostSize), to = query.integer("to", 0, kMostSize);
  if (!from) query.wrong("from", "is missing: the size of the earlier head");
  if (const auto good = check(query); !good) co_return refuse(good.error());
  auto call = [before = static_cast<std::uint64_t>(*from), to](Database& database) -> Result<json::object> {
    const auto tree = size_wished(database, to);
    if (!tree) return fail(tree.error());
    if (before > *tree)
      return fail(Errc::not_found, std::to_string(before) + " entries are more than " + std::to_string(*tree));
    const auto node = audit::node_reader(database);
    return json::object{{"from", before},
                        {"to", *tree},
                        {"from_root", to_hex(root_of(before, node))},
                        {"to_root", to_hex(root_of(*tree, node))},
                        {"path", path_json(consistency_path(before, *tree, node))}};
  };
  const auto proof = co_await context.parts.records.read(std::move(call));
  if (!proof) co_return refuse(proof.error());
  co_return json_response(*proof);
}

}  // namespace anlan::collector::api
