#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fnmatch.h>

#include "collector/cli/commands.hpp"
#include "collector/cli/display.hpp"
#include "collector/cli/fields.hpp"
#include "collector/cli/table.hpp"

namespace anlan::collector::cli {
namespace {

namespace json = boost::json;

constexpr const char* kPage = "10000";
constexpr std::size_t kMostPoints = 1'000'000;

/// Everything before the first sign of a pattern that the API can filter by itself.
std::string site_of(const std::string& glob) {
  const std::string site = glob.substr(0, glob.find('/'));
  return site.find_first_of("*?[\\") == site.npos && glob.find('/') != glob.npos ? site : "";
}

Result<std::vector<std::string>> matching_points(Shell& shell, const std::string& glob) {
  const auto all = shell.client.list("/api/v1/points", {{"site", site_of(glob)}}, kMostPoints);
  if (!all) return fail(all.error());
  std::vector<std::string> points;
  for (const json::value& point : all->items)
    if (const std::string path = field(point, "path"); fnmatch(glob.c_str(), path.c_str(), 0) == 0)
      points.push_back(path);
  if (points.empty()) return fail(Errc::not_found, "no point matches '" + glob + "'; see anlanctl points list");
  return points;
}

/// Nothing stored for this point is no failure of an export of many.
bool never_stored(const Error& error) { return error.code == Errc::not_found; }

Result<void> export_point(Shell& shell, const std::string& point, const TelemetryWish& wish, bool& header_printed) {
  std::string cursor;
  do {
    const auto page = shell.client.get(target_of("/api/v1/telemetry", {{"point", point},
                                                                       {"from", wish.from},
                                                                       {"to", wish.to},
                                                                       {"format", "csv"},
                                                                       {"limit", kPage},
                                                                       {"cursor", cursor}}));
    if (!page) {
      if (never_stored(page.error())) return {};
      return fail(page.error());
    }
    std::string_view text = page->body;
    if (cursor.empty() && header_printed) text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    header_printed = true;
    shell.out << text;
    if (!shell.out) return fail(Errc::storage_failed, "the output cannot be written");
    if (page->headers.has("X-Anlan-Losses"))
      shell.err << "anlanctl: some stored samples of " << point << " are damaged and left out\n";
    cursor = page->headers.get("X-Anlan-Next");
  } while (!cursor.empty());
  return {};
}

}  // namespace

int export_telemetry(Shell& shell, const TelemetryWish& wish) {
  const auto points = matching_points(shell, wish.point);
  if (!points) return failed(shell, points.error());
  bool header_printed = false;
  for (const std::string& point : *points)
    if (const auto done = export_point(shell, point, wish, header_printed); !done) return failed(shell, done.error());
  if (!header_printed) shell.out << "time,point,value,quality\n";
  shell.out.flush();
  return shell.out ? 0 : failed(shell, {Errc::storage_failed, "the output cannot be written"});
}

int get_telemetry(Shell& shell, const TelemetryWish& wish) {
  Client::List list;
  const Query query{{"point", wish.point}, {"from", wish.from}, {"to", wish.to}};
  auto samples = shell.client.list("/api/v1/telemetry", query, shell.limit);
  if (!samples) return failed(shell, samples.error());
  if (shell.json) {
    json::object body{{"point", wish.point}, {"more", samples->more}};
    body["items"] = std::move(samples->items);
    shell.out << json::serialize(body) << '\n';
    return 0;
  }
  Table table({"TIME", "VALUE", "QUALITY"});
  for (const json::value& sample : samples->items) {
    const json::value* time = member(sample, "time");
    table.add({time != nullptr && time->is_int64() ? local_time(wall_from_ms(time->get_int64())) : "",
               field(sample, "value"), field(sample, "quality")});
  }
  shell.out << table.text();
  if (samples->more)
    shell.err << "there are more than " << shell.limit << "; ask for more with --limit, or export them\n";
  return 0;
}

}  // namespace anlan::collector::cli
