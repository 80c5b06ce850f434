#include "collector/audit/log_verifier.hpp"

#include <algorithm>
#include <charconv>

namespace anlan::collector {
namespace {

std::string entry_named(std::uint64_t number) { return "entry " + std::to_string(number); }

std::string entries_named(std::uint64_t from, std::uint64_t end) {
  if (end - from == 1) return entry_named(from);
  return "one of the entries " + std::to_string(from) + " to " + std::to_string(end - 1);
}

std::string value_of(const AuditEntry& entry, const std::string& name) {
  const auto found = entry.deed.data.find(name);
  return found == entry.deed.data.end() ? "" : found->second;
}

}  // namespace

bool AuditReport::good() const {
  return !fault && std::ranges::none_of(outside, [](const auto& v) { return v.kind == HeadVerdict::Kind::broken; });
}

LogVerifier::LogVerifier(CheckSignature signature, std::set<std::string> keys, std::vector<SignedTreeHead> outside)
    : signature_(std::move(signature)), keys_given_(std::move(keys)), outside_(std::move(outside)) {
  for (const SignedTreeHead& head : outside_) roots_[head.head.size] = std::nullopt;
  if (roots_.contains(0)) roots_[0] = tree_.root();
}

void LogVerifier::fault(std::uint64_t number, std::string what) {
  if (!report_.fault) report_.fault = AuditFault{number, std::move(what)};
}

void LogVerifier::take(std::string_view line) {
  if (report_.fault) return;
  ++lines_;
  if (lines_ == 1) return take_header(line);
  line.starts_with(kTreeHeadMark) ? take_head(line) : take_entry(line);
}

void LogVerifier::take_header(std::string_view line) {
  const auto read = [&line](std::string_view name) {
    const auto at = line.find(" " + std::string(name) + "=");
    if (at == std::string_view::npos) return std::string_view();
    const auto begin = at + name.size() + 2;
    return line.substr(begin, line.find(' ', begin) - begin);
  };
  const auto log = LogId::from_hex(read("log"));
  const auto size = read("size");
  const auto parsed = std::from_chars(size.data(), size.data() + size.size(), promised_);
  if (!line.starts_with(kExportMark) || !log || size.empty() || parsed.ec != std::errc{})
    return fault(0, "this is no exported log: its first line is to begin with \"" + std::string(kExportMark) + "\"");
  report_.log = log;
}

void LogVerifier::take_entry(std::string_view line) {
  const std::uint64_t here = tree_.size();
  const auto where = " (line " + std::to_string(lines_) + ")";
  const auto listed = line.size() > 65 && line[64] == ' ' ? sha256_from_hex(line.substr(0, 64)) : std::nullopt;
  const std::string_view text = listed ? line.substr(65) : line;
  const auto entry = parse_entry(text);
  if (!listed || !entry) return fault(here, entry_named(here) + " is altered: it cannot be read" + where);
  if (entry->number > here) return fault(here, entry_named(here) + " is missing" + where);
  if (entry->number < here)
    return fault(here, entry_named(here) + " is altered: entry " + std::to_string(entry->number) +
                           " stands in its place" + where);
  const Sha256 leaf = leaf_hash(text);
  if (leaf != *listed) return fault(here, entry_named(here) + " is altered: it has not the hash beside it" + where);
  if (entry->previous != previous_) {
    const bool before_is_proved = covered_ == here;
    const std::uint64_t first = before_is_proved ? here : here - 1;
    return fault(first, entry_named(first) + " is altered" +
                            (before_is_proved ? ": it does not follow on the entry before"
                                              : ", or the one after it: they do not follow on each other") +
                            where);
  }
  previous_ = leaf;
  tree_.append(leaf);
  if (const auto wanted = roots_.find(tree_.size()); wanted != roots_.end()) wanted->second = tree_.root();
  learn(*entry);
}

void LogVerifier::learn(const AuditEntry& entry) {
  if (!report_.first) report_.first = entry.deed.at;
  report_.last = entry.deed.at;
  if (entry.number == 0 && value_of(entry, "log") != (report_.log ? report_.log->hex() : ""))
    return fault(0, "entry 0 is altered: it does not name the log that the first line names");
  if (entry.deed.act == kKeyNamed) keys_named_.insert(value_of(entry, "key"));
  if (entry.deed.act != kGenerationBegan) return;
  if (const auto generation = Generation::from_hex(value_of(entry, "generation")))
    generations_.push_back({*generation, entry.number, entry});
}

bool LogVerifier::trusted(const SignedTreeHead& head) const {
  const auto& keys = keys_given_.empty() ? keys_named_ : keys_given_;
  return keys.contains(head.head.key) && signature_(head);
}

void LogVerifier::take_head(std::string_view line) {
  const auto head = parse_tree_head(line);
  const std::uint64_t here = tree_.size();
  const auto bad = [&](const std::string& why) {
    fault(covered_, "from " + entry_named(covered_) + " on nothing is proved: the signed head in line " +
                        std::to_string(lines_) + " " + why);
  };
  if (!head) return bad("cannot be read");
  if (head->head.log != report_.log) return bad("is of another log");
  if (!trusted(*head))
    return bad(keys_given_.empty() ? "is not signed by a key that the log names"
                                   : "is not signed by a key that was given");
  if (head->head.size > here)
    return fault(here,
                 entry_named(here) + " is missing: a head of " + std::to_string(head->head.size) + " entries follows");
  if (head->head.size < here) return bad("is of " + std::to_string(head->head.size) + " entries only");
  if (head->head.root != to_hex(tree_.root()))
    return fault(covered_, entries_named(covered_, std::max(here, covered_ + 1)) + " is altered: the signed head of " +
                               std::to_string(here) +
                               " entries does not hold, though the entries follow on each other");
  if (generations_.empty() || generations_.back().generation != head->head.generation)
    return bad("is of a generation that the log does not tell of");
  covered_ = here;
  ++report_.heads;
  if (std::ranges::find(report_.keys, head->head.key) == report_.keys.end()) report_.keys.push_back(head->head.key);
}

AuditReport LogVerifier::finish() {
  const std::uint64_t size = report_.entries = tree_.size();
  if (lines_ == 0) fault(0, "there is nothing: not even the first line of an exported log");
  if (size < promised_) fault(size, entry_named(size) + " is missing: the log ends before it");
  if (size > promised_)
    fault(promised_, entry_named(promised_) + " was added: the log has " + std::to_string(promised_) +
                         " entries by its first line");
  if (covered_ < size) fault(covered_, entry_named(covered_) + " and what follows it are under no signed head");
  if (!report_.fault)
    for (const SignedTreeHead& head : outside_) report_.outside.push_back(judge(head));
  return std::move(report_);
}

HeadVerdict LogVerifier::judge(const SignedTreeHead& head) const {
  HeadVerdict verdict{head, HeadVerdict::Kind::broken, ""};
  const TreeHead& is = head.head;
  if (is.log != report_.log) {
    verdict.what = "it is of another log: the centre's records were lost, replaced, or are not those of these edges";
    return verdict;
  }
  if (!trusted(head)) {
    verdict.what = keys_given_.empty() ? "it is not signed by a key that this log names"
                                       : "it is not signed by a key that was given";
    return verdict;
  }
  const auto span = std::ranges::find(generations_, is.generation, &Span::generation);
  if (span == generations_.end()) return judge_lost(head);
  const bool last = span + 1 == generations_.end();
  const std::uint64_t end = last ? tree_.size() : (span + 1)->begin;
  if (is.size > end && last) {
    verdict.what = entry_named(end) + " to " + std::to_string(is.size - 1) +
                   " are missing from the end of this log (or it was exported before that head was signed)";
  } else if (is.size > end) {
    verdict.kind = HeadVerdict::Kind::restored;
    verdict.what = std::to_string(is.size - end) + " entries that it covers are gone by the restore that is " +
                   entry_named(end) + " (" + to_rfc3339((span + 1)->entry.deed.at) +
                   "): see the data that the restore put aside";
  } else if (const auto root = roots_.at(is.size); root && to_hex(*root) == is.root) {
    verdict.kind = HeadVerdict::Kind::holds;
    verdict.what = "the log begins with what it was signed over";
  } else {
    verdict.what =
        "history was rewritten: " + rewritten_between(head) + " is not what it was when that head was signed";
  }
  return verdict;
}

/// Of a generation that no entry begins: it was itself given up by a restore.
HeadVerdict LogVerifier::judge_lost(const SignedTreeHead& head) const {
  const TreeHead& is = head.head;
  for (const Span& span : generations_) {
    if (value_of(span.entry, "replaced_generation") != is.generation.hex()) continue;
    return {head, HeadVerdict::Kind::restored,
            "it is of data that were replaced by the restore that is " + entry_named(span.begin) + " (" +
                to_rfc3339(span.entry.deed.at) + "): see the data that the restore put aside"};
  }
  return {head, HeadVerdict::Kind::broken,
          "no entry tells of its generation: data of it were given up without this log's knowledge"};
}

/// Between the furthest head from outside that holds and this one.
std::string LogVerifier::rewritten_between(const SignedTreeHead& head) const {
  std::uint64_t from = 0;
  for (const SignedTreeHead& other : outside_) {
    const auto root = roots_.at(other.head.size);
    if (other.head.log == head.head.log && other.head.size < head.head.size && root &&
        to_hex(*root) == other.head.root && trusted(other))
      from = std::max(from, other.head.size);
  }
  return entries_named(from, head.head.size);
}

}  // namespace anlan::collector
