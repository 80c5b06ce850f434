// bench_poll_requests: how many requests the planner makes of profiles, against an optimum worked out in another way
// and against one request per point. Arguments: profile files. Prints "name planned optimum points" for each, and for
// "scattered": a fixed profile of 200 points.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <random>

#include "edge/sensor/planner.hpp"
#include "edge/sensor/profile_file.hpp"

namespace {

using namespace anlan;
using namespace anlan::edge;

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

struct Span {
  int first, end;
};

/// May one request read [first, end)? All that it reads is of a point, or may be read over.
bool readable(int first, int end, Table table, const std::vector<Span>& spans, const ModbusReading& reading) {
  const int most = reading.max_gap * (is_bits(table) ? 16 : 1);
  int gap = 0;
  for (int address = first; address < end; ++address) {
    const bool asked = std::ranges::any_of(spans, [&](Span s) { return s.first <= address && address < s.end; });
    gap = asked ? 0 : gap + 1;
    if (asked) continue;
    const bool forbidden = std::ranges::any_of(
        reading.forbidden, [&](const auto& r) { return r.table == table && r.first <= address && address <= r.last; });
    if (gap > most || forbidden) return false;
  }
  return true;
}

/// Shortest path over the addresses at which a request may begin: fewest[k] requests read every span from the k-th
/// first address on. Each request is tried at every length, so nothing is assumed about neighbours.
int optimum(Table table, std::vector<Span> spans, const ModbusReading& reading) {
  std::ranges::sort(spans, {}, &Span::first);
  std::vector<int> fewest(spans.size() + 1, std::numeric_limits<int>::max());
  fewest[spans.size()] = 0;
  for (std::size_t k = spans.size(); k-- > 0;) {
    const int first = spans[k].first;
    int alone = 0;  // the longest value that begins there
    for (const Span& span : spans)
      if (span.first == first) alone = std::max(alone, span.end - first);
    const int limit = !reading.multiple ? alone : is_bits(table) ? reading.max_bits : reading.max_registers;
    for (int length = 1; length <= std::max(limit, alone); ++length) {
      if (!readable(first, first + length, table, spans, reading)) break;
      std::size_t next = k;
      while (next < spans.size() && spans[next].end <= first + length) ++next;
      if (next > k) fewest[k] = std::min(fewest[k], 1 + fewest[next]);
    }
  }
  return fewest[0];
}

/// By poll class and table, as the planner has to.
int optimum(const Profile& profile) {
  std::map<std::pair<int, Table>, std::vector<Span>> parts;
  for (std::size_t i = 0; i < profile.points.size(); ++i) {
    const ProfilePoint& point = profile.points[i];
    const auto* source = std::get_if<ModbusSource>(&point.source);
    if (source == nullptr || profile.revisions.absent.contains(i)) continue;
    const int size = is_bits(source->table) ? 1 : source->count();
    parts[{point.every, source->table}].push_back({source->address, source->address + size});
  }
  int requests = 0;
  for (const auto& [part, spans] : parts) requests += optimum(part.second, spans, profile.reading);
  return requests;
}

void show(const std::string& name, const Profile& profile) {
  std::size_t planned = 0, points = 0;
  for (const PollClass& poll_class : plan(profile)) {
    planned += poll_class.blocks.size();
    for (const Block& block : poll_class.blocks) points += block.places.size();
  }
  if (points > 0) std::printf("%s %zu %d %zu\n", name.c_str(), planned, optimum(profile), points);
}

/// 200 values of one and two registers over 1,600 addresses, with three ranges that must not be read.
Profile scattered() {
  Profile profile;
  std::mt19937 random(200);
  int address = 0;
  for (int i = 0; i < 200; ++i) {
    ModbusSource source;
    source.address = static_cast<std::uint16_t>(address);
    source.type = i % 3 == 0 ? ValueType::f32 : ValueType::u16;
    ProfilePoint point;
    point.name = "p" + std::to_string(i);
    point.source = source;
    profile.points.push_back(point);
    const int after = address + register_count(source.type), gap = static_cast<int>(random() % 14);
    if (i % 60 == 59 && gap > 0)
      profile.reading.forbidden.push_back(
          {Table::holding_registers, static_cast<std::uint16_t>(after), static_cast<std::uint16_t>(after)});
    address = after + gap;
  }
  return profile;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto profile = load_profile(argv[i]);
    if (!profile) return std::fprintf(stderr, "%s", to_text(profile.error()).c_str()), 1;
    show(profile->id, *profile);
  }
  show("scattered", scattered());
  return 0;
}
