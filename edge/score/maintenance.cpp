#include "edge/score/maintenance.hpp"

#include <algorithm>

#include "common/base/utf8.hpp"

namespace anlan::edge {
namespace {

std::string_view device_of(std::string_view source) {
  const auto first = source.find('/');
  return first == source.npos ? source : source.substr(0, source.find('/', first + 1));
}

Result<void> check_person(std::string_view by) {
  if (by.empty()) return fail(Errc::invalid_argument, "maintenance needs the name of the person who does it");
  if (!valid_utf8(by))
    return fail(Errc::invalid_argument, "the name of the person who does the maintenance is not UTF-8");
  return {};
}

}  // namespace

Result<Maintenance::Begun> Maintenance::begin(std::string_view device, std::string_view by, std::string_view reason,
                                              Millis duration, const Instant& now, const MaintenanceId& id) {
  if (auto good = check_person(by); !good) return fail(std::move(good.error()));
  if (!valid_utf8(reason)) return fail(Errc::invalid_argument, "the reason of the maintenance is not UTF-8");
  if (duration < kShortestMaintenance || duration > kLongestMaintenance)
    return fail(Errc::invalid_argument,
                "maintenance for " + to_words(duration) + ": give 1 s to 24 h, it can be begun again");
  const auto mine = [&](const OpenWindow& open) { return open.device == device && open.window.by == by; };
  const auto others = std::ranges::count_if(open_, [&](const OpenWindow& o) { return o.device == device && !mine(o); });
  if (static_cast<std::size_t>(others) >= kMostWindows)
    return fail(Errc::conflict, std::string(device) + " is under the maintenance of " + std::to_string(others) +
                                    " persons already: end some of them first");
  Begun begun;
  auto replaced = take_if(mine, now.wall);
  if (!replaced.empty()) begun.replaced = std::move(replaced.front());
  begun.window = {.device = std::string(device),
                  .window = {.id = id,
                             .by = std::string(by),
                             .reason = std::string(reason),
                             .since = now.wall,
                             .until = now.wall + duration,
                             .ended = std::nullopt},
                  .ends = now.mono + duration};
  open_.push_back(begun.window);
  ++revision_;
  return begun;
}

Result<std::vector<OpenWindow>> Maintenance::end(std::string_view device, std::string_view by, bool all, WallTime now) {
  if (auto good = check_person(by); !good) return fail(std::move(good.error()));
  std::string others;
  bool own = false;
  for (const OpenWindow& open : open_) {
    if (open.device != device) continue;
    own = own || open.window.by == by;
    others += (others.empty() ? "" : ", ") + open.window.by;
  }
  if (others.empty()) return fail(Errc::not_found, std::string(device) + " is not under maintenance");
  if (!own && !all)
    return fail(Errc::conflict, std::string(device) + " is under the maintenance of " + others + ", not of " +
                                    std::string(by) + ": they end it, or end everybody's with --all");
  return take_if([&](const OpenWindow& o) { return o.device == device && (all || o.window.by == by); }, now);
}

std::vector<OpenWindow> Maintenance::expire(const Instant& now, bool synced) {
  return take_if(
      [&](const OpenWindow& open) {
        return now.mono >= open.ends || (open.other_boot && synced && now.wall >= open.window.until);
      },
      now.wall);
}

std::vector<OpenWindow> Maintenance::drop(const std::function<bool(std::string_view)>& is_there, WallTime now) {
  return take_if([&](const OpenWindow& open) { return !is_there(open.device); }, now);
}

bool Maintenance::covers(std::string_view source) const {
  return std::ranges::any_of(open_, [device = device_of(source)](const OpenWindow& o) { return o.device == device; });
}

std::optional<MonoTime> Maintenance::next_end() const {
  std::optional<MonoTime> next;
  for (const OpenWindow& open : open_) next = std::min(next.value_or(open.ends), open.ends);
  return next;
}

void Maintenance::adopt(std::vector<OpenWindow> open) {
  open_ = std::move(open);
  ++revision_;
}

std::vector<OpenWindow> Maintenance::take_if(const std::function<bool(const OpenWindow&)>& ends, WallTime now) {
  std::vector<OpenWindow> ended;
  std::erase_if(open_, [&](OpenWindow& open) {
    if (!ends(open)) return false;
    ended.push_back(open);
    ended.back().window.ended = now;
    return true;
  });
  if (!ended.empty()) ++revision_;
  return ended;
}

std::optional<Level> maintenance_mark(const AlertTransition* before, const AlertTransition& next, bool out_of_service) {
  if (!out_of_service) return std::nullopt;
  if (before == nullptr) return Level::none;
  if (!before->maintenance && next.step != AlertStep::upgraded) return std::nullopt;
  return std::min(before->live_level(), next.level);
}

AlertTransition returned_to_service(const AlertTransition& newest, WallTime at) {
  AlertTransition back = newest;
  ++back.version;
  back.maintenance.reset();
  back.at = at;
  back.actor.clear();
  return back;
}

}  // namespace anlan::edge
