#include "edge/app/write_desk.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/async/event.hpp"
#include "common/base/log.hpp"
#include "common/config/nearest.hpp"
#include "edge/sample/encoder.hpp"
#include "edge/sample/entered_value.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr Millis kTurnWithin{60'000};
constexpr Millis kLookAgain{60'000};  // the wait is bounded by the poller's timeouts

/// DEVICE/POINT of this site; "" where it is of another.
std::string local(const Config& config, const std::string& point) {
  if (std::ranges::count(point, '/') < 2) return point;
  return point.starts_with(config.site + "/") ? point.substr(config.site.size() + 1) : "";
}

std::optional<std::uint32_t> find(const Config& config, const std::string& wanted) {
  for (std::size_t i = 0; i < config.origins.size(); ++i) {
    const PointPath& path = config.definition->points[i].path;
    if (path.device + "/" + path.point == wanted) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

Result<std::uint32_t> unknown(const Config& config, const std::string& point) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < config.origins.size(); ++i)
    names.push_back(config.definition->points[i].path.device + "/" + config.definition->points[i].path.point);
  return fail(Errc::not_found, "no point '" + point + "' is configured" + did_you_mean(point, names) +
                                   "; write it as DEVICE/POINT (anlan-edge read lists them)");
}

/// The words, for the point as it turns out to be.
std::function<Result<Words>(const ProfilePoint&)> encoding(const WriteWish& wish) {
  return [wish](const ProfilePoint& point) -> Result<Words> {
    const auto value = entered_value(point, wish.value);
    auto words = value ? encode(point, *value) : std::unexpected(value.error());
    if (!words) return fail(Errc::invalid_argument, wish.value + " " + words.error().message + "; nothing was written");
    return words;
  };
}

EdgeEvent event_of(const PointPath& path, const WriteWish& wish, const Written& written) {
  const std::string outcome(to_string(written.outcome));
  return {.subject = path.site + "/" + path.device,
          .what = written.outcome == WriteOutcome::written ? outcome : "write-" + outcome,
          .detail = path.point + ": " + written.before + " before, " + written.wanted + " wanted, " +
                    (written.after.empty() ? "not read back" : written.after + " now") + "; " + written.says,
          .actor = wish.by};
}

struct Waiting {
  explicit Waiting(const boost::asio::any_io_executor& executor) : done(executor) {}
  Event done;
  std::optional<Result<PointWrite>> result;
};

}  // namespace

Result<std::uint32_t> writable_point(const Config& config, const std::string& point) {
  const auto index = find(config, local(config, point));
  if (!index) return unknown(config, point);
  const Config::PointOrigin& origin = config.origins[*index];
  const DeviceConfig& device = config.devices[origin.device];
  const ProfilePoint& described = config.profiles.at(device.profile).points[origin.profile_point];
  if (device.writable.contains(described.name)) return *index;
  const std::string is = device.name + "/" + described.name + " is not switched on for writing: ";
  const std::string section = "[device.points." + described.name + "] writable = true to device " + device.name +
                              " in " + config.file + ", then anlan-edge reload --by NAME";
  if (described.write_function != 0) return fail(Errc::refused, is + "add " + section);
  return fail(Errc::refused,
              is + "where the instrument's manual lets it be written, say writable = true at the point in profile " +
                  device.profile + " and add " + section);
}

WriteDesk::WriteDesk(boost::asio::any_io_executor executor, const Clock& clock, const Config& config,
                     std::function<void(std::uint32_t, WriteOrder)> write, std::function<void(EdgeEvent)> record)
    : executor_(std::move(executor)),
      clock_(clock),
      config_(config),
      write_(std::move(write)),
      record_(std::move(record)) {}

awaitable<Result<Written>> WriteDesk::write(WriteWish wish) {
  const auto point = writable_point(config_, wish.point);
  if (!point) co_return fail(point.error());
  const PointPath path = config_.definition->points[*point].path;  // a reload may come meanwhile
  log::info("edge", "a value is to be written",
            {{"point", path.str()}, {"value", wish.value}, {"by", wish.by}, {"only_check", wish.only_check}});
  const auto waiting = std::make_shared<Waiting>(executor_);
  WriteOrder order{.encode = encoding(wish),
                   .send = !wish.only_check,
                   .expires = clock_.mono() + kTurnWithin,
                   .done = [waiting](Result<PointWrite> result) {
                     waiting->result = std::move(result);
                     waiting->done.set();
                   }};
  write_(*point, std::move(order));
  while (!waiting->result) co_await waiting->done.wait(kLookAgain);
  if (!*waiting->result) co_return fail(Error(waiting->result->error()).within(path.str()));
  Written written = judge(**waiting->result, !wish.only_check);
  if (!wish.only_check) record_(event_of(path, wish, written));
  co_return written;
}

}  // namespace anlan::edge
