#include "collector/store/segment.hpp"

#include <algorithm>

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::uint64_t kMostBytes = 1u << 30;
constexpr std::int64_t kNoPoint = 0;  // a segment is sealed as nobody's block

}  // namespace

/// Runs are sorted, not samples: an edge's record holds those of each point together.
void group_by_point(std::vector<PointSample>& samples) {
  struct Run {
    std::int64_t point;
    std::size_t first, end;
  };
  std::vector<Run> runs;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (runs.empty() || runs.back().point != samples[i].point) runs.push_back({samples[i].point, i, i});
    runs.back().end = i + 1;
  }
  std::ranges::sort(runs, {}, [](const Run& run) { return std::pair(run.point, run.first); });
  std::vector<PointSample> grouped;
  grouped.reserve(samples.size());
  for (const Run& run : runs)
    grouped.insert(grouped.end(), samples.begin() + static_cast<std::ptrdiff_t>(run.first),
                   samples.begin() + static_cast<std::ptrdiff_t>(run.end));
  samples.swap(grouped);
}

std::string encode_segment(std::span<const PointSample> samples) {
  std::string body;
  std::int64_t before = 0;
  std::vector<StoredSample> block;
  for (std::size_t i = 0; i < samples.size();) {
    const std::int64_t point = samples[i].point;
    block.clear();
    for (; i < samples.size() && samples[i].point == point && block.size() < kMostInBlock; ++i)
      block.push_back(samples[i].sample);
    const std::string encoded = encode_block(block, Effort::none);
    put_varint(body, static_cast<std::uint64_t>(point - before));
    put_varint(body, encoded.size());
    body += encoded;
    before = point;
  }
  std::string out(1, static_cast<char>(kVersion));
  pack(out, body, Effort::quick);
  return seal_block(std::move(out), kNoPoint);
}

Result<void> read_segment(std::string_view segment,
                          const std::function<void(std::int64_t point, std::string_view block)>& take) {
  const auto opened = open_block(segment, kNoPoint);
  if (!opened) return fail(opened.error());
  ByteReader outer(*opened);
  if (const auto version = outer.byte(); version != kVersion)
    return fail(Errc::unsupported,
                "a segment of samples of version " + std::to_string(version) + ", which is not known here");
  const std::string body = unpack(outer, kMostBytes);
  std::vector<std::pair<std::int64_t, std::string_view>> blocks;
  ByteReader in(body);
  std::int64_t point = 0;
  while (in.ok() && !in.done()) {
    point += static_cast<std::int64_t>(in.varint());
    blocks.emplace_back(point, in.take(in.varint()));
  }
  if (!outer.ok() || !outer.done() || !in.ok())
    return fail(Errc::storage_corrupt, "a segment of samples does not decode");
  for (const auto& [of, block] : blocks) take(of, block);
  return {};
}

}  // namespace anlan::collector
