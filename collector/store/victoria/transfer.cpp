#include "collector/store/victoria/transfer.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace anlan::collector::victoria {
namespace {

constexpr std::size_t kBody = 4 << 20;                                // bytes of one request, about
constexpr std::size_t kPiece = 5'000;                                 // samples of one line
constexpr std::int64_t kWindowGap = 10 * 60'000;                      // a longer pause begins another read
constexpr std::size_t kMostNamed = 20;                                // edges that one read names
constexpr Millis kLooks[] = {Millis{0}, Millis{500}, Millis{2'000}};  // a cluster shows what it takes a little later
constexpr int kTries = 2;

std::string key_of(const LaneName& name) {
  return name.point.str() + " " + name.edge + " " + name.epoch.hex() + " " + std::to_string(name.lane);
}

bool same(const HeldSample& wanted, const HeldSample& found) {
  const auto bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
  return wanted.time == found.time && bits(wanted.value) == bits(found.value) && wanted.quality == found.quality &&
         wanted.sequence == found.sequence && wanted.index == found.index;
}

std::string mark_selector(const std::string& store) { return R"({__name__="anlan_mark",store=")" + store + R"("})"; }

Result<void> send(const Engine& engine, const DepartingGroup& group) {
  std::string body;
  const auto flush = [&]() -> Result<void> {
    return body.empty() ? Result<void>{} : engine.write(std::exchange(body, {}));
  };
  for (const DepartingGroup::Run& run : group.runs)
    for (std::size_t begin = run.begin; begin < run.end; begin += kPiece) {
      const auto at = group.samples.begin() + static_cast<std::ptrdiff_t>(begin);
      put_lane(body, run.name, {at, at + static_cast<std::ptrdiff_t>(std::min(kPiece, run.end - begin))});
      if (body.size() >= kBody)
        if (auto sent = flush(); !sent) return sent;
    }
  return flush();
}

Result<void> send_mark(const Engine& engine, const std::string& store, const Mark& mark) {
  std::string line;
  put_import_line(
      line, std::vector<std::pair<std::string_view, std::string_view>>{{"__name__", "anlan_mark"}, {"store", store}},
      std::vector<std::pair<std::int64_t, double>>{{mark.time, static_cast<double>(mark.number)}});
  return engine.write(std::move(line));
}

/// What the engine gives back of a group.
class ReadBack {
 public:
  explicit ReadBack(const DepartingGroup& group) : group_(group), parts_(group.samples.size()) {
    for (const DepartingGroup::Run& run : group.runs) runs_.emplace(key_of(run.name), &run);
  }

  Result<void> read(const Engine& engine) {
    std::ranges::fill(parts_, Parts{});
    for (const Window& window : windows()) {
      const std::vector<std::string> edges(window.edges.begin(), window.edges.end());
      const auto selector = edges_selector(store(), edges.size() > kMostNamed ? std::vector<std::string>{} : edges);
      const auto take = [&](const ExportLine& line) {
        take_in(line);
        return true;
      };
      if (auto done = engine.read(selector, window.from, window.to, take); !done) return done;
    }
    return {};
  }

  std::vector<std::size_t> missing() const {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto found = parts_[i].sample(group_.samples[i].time);
      if (!found || !same(group_.samples[i], *found)) missing.push_back(i);
    }
    return missing;
  }

 private:
  struct Window {
    std::int64_t from = 0, to = 0;
    std::set<std::string> edges;
  };

  const std::string& store() const { return group_.runs.front().name.store; }

  std::vector<Window> windows() const {
    std::vector<std::pair<std::int64_t, const std::string*>> times;
    for (const DepartingGroup::Run& run : group_.runs)
      for (std::size_t i = run.begin; i < run.end; ++i) times.emplace_back(group_.samples[i].time, &run.name.edge);
    std::ranges::sort(times);
    std::vector<Window> windows;
    const std::string* before = nullptr;
    for (const auto& [time, edge] : times) {
      if (windows.empty() || time - windows.back().to > kWindowGap) {
        windows.push_back({time, time, {}});
        before = nullptr;
      }
      windows.back().to = time;
      if (edge != before && windows.back().edges.size() <= kMostNamed) windows.back().edges.insert(*edge);
      before = edge;
    }
    return windows;
  }

  void take_in(const ExportLine& line) {
    const auto name = name_of(line.labels);
    if (!name) return;
    const auto found = runs_.find(key_of(name->name));
    if (found == runs_.end()) return;
    const auto begin = group_.samples.begin() + static_cast<std::ptrdiff_t>(found->second->begin);
    const auto end = group_.samples.begin() + static_cast<std::ptrdiff_t>(found->second->end);
    for (std::size_t i = 0; i < line.times.size(); ++i) {
      const auto at = std::ranges::lower_bound(begin, end, line.times[i], {}, &HeldSample::time);
      if (at != end && at->time == line.times[i])
        parts_[static_cast<std::size_t>(at - group_.samples.begin())].set(name->column, line.values[i]);
    }
  }

  const DepartingGroup& group_;
  std::vector<Parts> parts_;
  std::unordered_map<std::string, const DepartingGroup::Run*> runs_;
};

std::unexpected<Error> stopped() { return fail(Errc::closed, "the telemetry store is being closed"); }

Result<std::vector<std::size_t>> sent_and_seen(const Engine& engine, const DepartingGroup& group, const Pause& pause) {
  if (group.samples.empty()) return std::vector<std::size_t>{};
  ReadBack back(group);
  std::vector<std::size_t> missing;
  for (int i = 0; i < kTries; ++i) {
    if (auto sent = send(engine, group); !sent) return fail(std::move(sent.error()));
    for (const Millis look : kLooks) {
      if (look > Millis{0} && !pause(look)) return stopped();
      if (auto done = engine.make_visible(); !done) return fail(std::move(done.error()));
      if (auto done = back.read(engine); !done) return fail(std::move(done.error()));
      missing = back.missing();
      if (missing.empty()) return missing;
    }
  }
  return missing;
}

/// Processes that have run for two seconds: one that starts after them says another second.
Result<std::vector<Engine::Life>> settled(const Engine& engine, const Pause& pause) {
  while (true) {
    auto lives = engine.lives();
    if (!lives || std::ranges::all_of(*lives, [](const Engine::Life& life) { return life.seconds >= 2; })) return lives;
    if (!pause(Millis{500})) return stopped();
  }
}

bool went_on(const std::vector<Engine::Life>& before, const std::vector<Engine::Life>& after) {
  return std::ranges::equal(before, after, {}, &Engine::Life::started, &Engine::Life::started);
}

}  // namespace

Result<std::vector<std::size_t>> transfer(const Engine& engine, const DepartingGroup& group, const Mark& mark,
                                          const std::string& store, const Pause& pause) {
  const auto before = settled(engine, pause);
  if (!before) return fail(before.error());
  auto missing = sent_and_seen(engine, group, pause);
  if (!missing) return missing;
  if (auto sent = send_mark(engine, store, mark); !sent) return fail(std::move(sent.error()));
  bool marked = false;
  for (const Millis look : kLooks) {
    if (look > Millis{0} && !pause(look)) return stopped();
    if (auto done = engine.make_visible(); !done) return fail(std::move(done.error()));
    const auto held = holds(engine, store, mark);
    if (!held) return fail(held.error());
    if ((marked = *held)) break;
  }
  if (!marked) return fail(Errc::storage_failed, "the telemetry engine does not give back what it was sent just now");
  if (auto done = engine.make_durable(); !done) return fail(std::move(done.error()));
  const auto after = engine.lives();
  if (!after) return fail(after.error());
  if (!went_on(*before, *after)) return fail(Errc::unavailable, "the telemetry engine was started anew meanwhile");
  return missing;
}

Result<bool> holds(const Engine& engine, const std::string& store, const Mark& mark) {
  bool found = false;
  const auto take = [&](const ExportLine& line) {
    found = found || std::ranges::find(line.values, static_cast<double>(mark.number)) != line.values.end();
    return true;
  };
  if (auto read = engine.read(mark_selector(store), mark.time, mark.time, take); !read)
    return fail(std::move(read.error()));
  return found;
}

}  // namespace anlan::collector::victoria
