#include "collector/store/segment.hpp"

#include <vector>

#include "collector/store/sealing.hpp"
#include "common/base/bytes.hpp"
#include "common/wire/columns.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::int64_t kHeads = -1;  // stands for the group in the seal of the heads

std::uint64_t as_unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }

}  // namespace

void SegmentWriter::add(std::int64_t group, const RecordHead& head, std::size_t samples, std::string_view payload) {
  const std::string sealed = seal(std::string(payload), group, static_cast<std::int64_t>(head.sequence));
  put_varint(entries_, zigzag(as_unsigned(group) - as_unsigned(before_.group)));
  put_varint(entries_, zigzag(std::uint64_t{head.epoch} - before_.head.epoch));
  put_varint(entries_, zigzag(head.sequence - before_.head.sequence));
  put_varint(entries_, samples);
  put_varint(entries_, sealed.size());
  before_ = {group, head, samples, 0, 0};
  data_ += sealed;
  ++count_;
}

std::string SegmentWriter::heads() const {
  std::string out(1, static_cast<char>(kVersion));
  put_varint(out, count_);
  return seal(out + entries_, kHeads, kHeads);
}

Result<void> read_heads(std::string_view heads, const std::function<void(const SegmentEntry&)>& take) {
  const auto opened = unseal(heads, kHeads, kHeads);
  if (!opened) return fail(opened.error());
  ByteReader in(*opened);
  if (const auto version = in.byte(); in.ok() && version != kVersion)
    return fail(Errc::unsupported, "a segment of version " + std::to_string(version) + ", which is not known here");
  std::vector<SegmentEntry> entries;
  SegmentEntry entry;
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    entry.at += entry.size;
    entry.group = static_cast<std::int64_t>(as_unsigned(entry.group) + unzigzag(in.varint()));
    entry.head.epoch = static_cast<std::uint32_t>(entry.head.epoch + unzigzag(in.varint()));
    entry.head.sequence += unzigzag(in.varint());
    entry.samples = in.varint();
    entry.size = in.varint();
    if (entry.samples > kMaxFrameSamples) in.fault();
    entries.push_back(entry);
  }
  if (!in.ok() || !in.done()) return fail(Errc::storage_corrupt, "the heads of a segment do not decode");
  for (const SegmentEntry& one : entries) take(one);
  return {};
}

Result<StoredRecord> read_entry(const SegmentEntry& entry, std::string_view data) {
  if (entry.at > data.size() || entry.size > data.size() - entry.at)
    return fail(Errc::storage_corrupt, "a segment is cut short");
  const auto payload =
      unseal(data.substr(entry.at, entry.size), entry.group, static_cast<std::int64_t>(entry.head.sequence));
  if (!payload) return fail(payload.error());
  auto records = wire::decode_columns(*payload, 1, entry.samples);
  if (!records && records.error().code == Errc::unsupported) return fail(records.error());
  if (!records) return fail(Errc::storage_corrupt, "a record in a segment: " + records.error().message);
  return StoredRecord{entry.head, std::move(records->front().samples)};
}

}  // namespace anlan::collector
