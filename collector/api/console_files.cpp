#include "collector/api/console_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "collector/api/cursor.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMost = 64 << 20;  // bytes in all: a wrong folder is told, not loaded

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
}};

/// What the API answers to; a file of such a name would hide it.
constexpr std::array<std::string_view, 4> kOfTheApi{"api", "healthz", "readyz", "metrics"};

/// Nothing from elsewhere, no script or style inside the page, in nobody's frame.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  const auto* found =
      std::ranges::find(kTypes, std::string_view(extension), [](const auto& entry) { return entry.first; });
  return found == kTypes.end() ? std::string_view() : found->second;
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || file.bad() || text.bad()) return fail(Errc::storage_failed, "cannot read " + path.string());
  return std::move(text).str();
}

std::string tag_of(const std::string& bytes) { return '"' + sha256_hex(bytes).substr(0, 32) + '"'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the first part of a list off.
std::string_view next_part(std::string_view& list, char separator) {
  const std::string_view part = list.substr(0, list.find(separator));
  list.remove_prefix(std::min(list.size(), part.size() + 1));
  return trimmed(part);
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

/// "q=0", "q=0.0" and so on: not wanted.
bool weighs_nothing(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = next_part(parameters, ';');
    if (one.starts_with("q=") || one.starts_with("Q=")) return one.find_first_not_of("0.", 2) == std::string_view::npos;
  }
  return false;
}

/// If-None-Match compares weakly (RFC 9110 section 13.1.2).
bool names(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::string_view one = next_part(list, ',');
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
  }
  return false;
}

std::string joined(const std::vector<std::string>& segments) {
  std::string name;
  for (const std::string& segment : segments) name += (name.empty() ? "" : "/") + segment;
  return name.empty() ? "index.html" : name;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view one = next_part(accept_encoding, ',');
    const std::string_view coding = next_part(one, ';');
    if (same_word(coding, "gzip")) return !weighs_nothing(one);
    if (coding == "*") any = !weighs_nothing(one);
  }
  return any;
}

Result<void> ConsoleFiles::take(const fs::path& folder, const fs::path& path,
                                std::map<std::string, File, std::less<>>& files, std::uintmax_t& room) {
  auto bytes = read_whole(path);
  if (!bytes) return fail(std::move(bytes.error()));
  if (bytes->size() > room)
    return fail(Errc::invalid_argument, folder.string() + " holds more than 64 MiB: it is not the console's folder");
  room -= bytes->size();
  const bool packed = path.extension() == ".gz";
  std::string name = path.lexically_relative(folder).generic_string();
  if (packed) name.resize(name.size() - 3);
  const std::string_view type = type_of(name);
  if (type.empty()) return fail(Errc::invalid_argument, path.string() + " is of a kind that is not served");
  if (std::ranges::find(kOfTheApi, std::string_view(name).substr(0, name.find('/'))) != kOfTheApi.end())
    return fail(Errc::invalid_argument, path.string() + " would hide a path of the API");
  File& file = files[name];
  file.type = type;
  file.immutable = name.starts_with("assets/");
  (packed ? file.gzip_tag : file.plain_tag) = tag_of(*bytes);
  (packed ? file.gzip : file.plain) = std::move(*bytes);
  return {};
}

Result<ConsoleFiles> ConsoleFiles::load(const fs::path& folder) {
  ConsoleFiles loaded;
  std::error_code failed;
  std::uintmax_t room = kMost;
  if (!fs::is_regular_file(folder / "index.html", failed))
    return fail(Errc::not_found, "there is no index.html in " + folder.string());
  fs::recursive_directory_iterator each(folder, failed);
  for (; !failed && each != fs::recursive_directory_iterator(); each.increment(failed)) {
    if (each->symlink_status(failed).type() != fs::file_type::regular) continue;
    if (auto taken = take(folder, each->path(), loaded.files_, room); !taken) return fail(std::move(taken.error()));
  }
  if (failed) return fail(Errc::storage_failed, "cannot read " + folder.string() + ": " + failed.message());
  for (const auto& [name, file] : loaded.files_)
    if (file.plain_tag.empty())
      return fail(Errc::invalid_argument, (folder / name).string() + ".gz stands there without " + name);
  return loaded;
}

std::optional<HttpResponse> ConsoleFiles::answer(const HttpRequest& request) const {
  const auto target = parse_target(request.target);
  if (!target) return std::nullopt;
  const auto found = files_.find(joined(target->path));
  if (found == files_.end()) return std::nullopt;
  const File& file = found->second;
  HttpResponse response;
  response.headers = {{"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", kPolicy},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (request.method != "GET") {
    response.status = 405;
    response.headers.set("Allow", "GET");
    return response;
  }
  const bool packed = !file.gzip.empty() && accepts_gzip(request.headers.get("Accept-Encoding"));
  const std::string& tag = packed ? file.gzip_tag : file.plain_tag;
  response.headers.set("ETag", tag);
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (names(request.headers.get("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", file.type);
  if (packed) response.headers.set("Content-Encoding", "gzip");
  response.body = packed ? file.gzip : file.plain;
  return response;
}

}  // namespace anlan::collector
