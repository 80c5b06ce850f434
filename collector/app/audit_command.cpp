#include "collector/app/audit_command.hpp"

#include <fstream>
#include <iostream>

#include "collector/app/stores.hpp"
#include "collector/audit/log_export.hpp"
#include "collector/audit/log_verifier.hpp"
#include "common/io/signature.hpp"

namespace anlan::collector {
namespace {

bool good_signature(const SignedTreeHead& head) {
  const auto key = VerifyingKey::from_hex(head.head.key);
  return key && key->verify(head.signed_text(), head.signature);
}

Result<std::vector<SignedTreeHead>> read_heads(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(Errc::invalid_argument, "cannot read " + file);
  std::vector<SignedTreeHead> heads;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const auto begin = line.find(kTreeHeadMark);  // an edge writes before it when it came
    auto head = parse_tree_head(begin == std::string::npos ? line : line.substr(begin));
    if (!head)
      return fail(Errc::invalid_argument, file + " line " + std::to_string(number) + ": " + head.error().message);
    heads.push_back(std::move(*head));
  }
  if (heads.empty()) return fail(Errc::invalid_argument, file + " holds no signed head");
  return heads;
}

void print(const AuditReport& report, std::ostream& out) {
  if (report.fault) {
    out << "NOT WHAT WAS WRITTEN: " << report.fault->what << "\n"
        << "entries before it: " << report.fault->number << "; nothing after it was looked at\n";
    return;
  }
  out << "log " << report.log->hex() << ": " << report.entries << " entries from " << to_rfc3339(*report.first)
      << " to " << to_rfc3339(*report.last) << ", all as they were written; signed heads: " << report.heads << "\n";
  for (const std::string& key : report.keys) out << "signed with " << key << "\n";
  std::size_t holding = 0;
  for (const HeadVerdict& verdict : report.outside) {
    if (verdict.kind == HeadVerdict::Kind::holds) {
      ++holding;
      continue;
    }
    out << (verdict.kind == HeadVerdict::Kind::restored ? "RESTORED: " : "CONTRADICTED: ") << "the head of "
        << verdict.head.head.size << " entries, signed " << to_rfc3339(verdict.head.head.at) << ": " << verdict.what
        << "\n";
  }
  if (!report.outside.empty())
    out << "heads from outside that hold: " << holding << " of " << report.outside.size() << "\n";
  else
    out << "no head from outside was given: a history that the centre itself rewrote and signed anew is found only by "
           "one (--heads)\n";
}

}  // namespace

Result<void> export_audit(const std::string& data_dir, const std::string& output, std::ostream& out,
                          std::ostream& said) {
  auto database = Database::open("sqlite:///" + data_dir + "/" + kRecordsFile + "?readonly");
  if (!database) return fail(std::move(database.error()));
  std::ofstream file;
  if (output != "-") {
    file.open(output, std::ios::binary | std::ios::trunc);
    if (!file) return fail(Errc::storage_failed, "cannot write " + output);
  }
  const auto exported = export_log(**database, output == "-" ? out : file);
  if (!exported) return fail(exported.error());
  said << "entries: " << exported->entries << ", signed heads: " << exported->heads
       << "; newer than the newest head, left for the next export: " << exported->unsigned_entries << "\n";
  return {};
}

Result<void> verify_audit(const AuditFiles& files, std::ostream& out) {
  std::set<std::string> keys;
  for (const std::string& file : files.keys) {
    const auto key = VerifyingKey::load(file);
    if (!key) return fail(Errc::invalid_argument, key.error().message);
    keys.insert(key->public_hex());
  }
  std::vector<SignedTreeHead> outside;
  for (const std::string& file : files.heads) {
    auto heads = read_heads(file);
    if (!heads) return fail(heads.error());
    outside.insert(outside.end(), heads->begin(), heads->end());
  }
  std::ifstream file;
  if (files.log != "-") {
    file.open(files.log, std::ios::binary);
    if (!file) return fail(Errc::invalid_argument, "cannot read " + files.log);
  }
  LogVerifier verifier(good_signature, std::move(keys), std::move(outside));
  std::istream& in = files.log == "-" ? std::cin : file;
  for (std::string line; std::getline(in, line);) verifier.take(line);
  const AuditReport report = verifier.finish();
  print(report, out);
  if (report.good()) return {};
  return fail(Errc::storage_corrupt, files.log + " is not the log that was written");
}

}  // namespace anlan::collector
