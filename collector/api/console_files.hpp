// The ops console's files (collector/console, built): read once at the start, answered from memory. What is asked for
// is looked up by its name among them, so no path leads out of the folder. Knows nothing of what the files do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/io/http.hpp"

namespace anlan::collector {

/// Immutable once loaded; any thread.
class ConsoleFiles {
 public:
  /// Every regular file below `folder`; `name.gz` beside `name` is its gzip form. Symbolic links are not followed.
  /// Errors: not_found (no folder, no index.html), storage_failed (unreadable), invalid_argument (a kind of file that
  /// is not served, a name that the API answers to, a .gz of nothing, more than 64 MiB in all).
  static Result<ConsoleFiles> load(const std::filesystem::path& folder);

  /// "/" is index.html. nullopt: there is no such file, whatever the method.
  std::optional<HttpResponse> answer(const HttpRequest& request) const;

  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string_view type;
    std::string plain, gzip;          // gzip: empty where there is none
    std::string plain_tag, gzip_tag;  // strong: of the bytes
    bool immutable = false;           // its name changes with its content
  };
  static Result<void> take(const std::filesystem::path& folder, const std::filesystem::path& path,
                           std::map<std::string, File, std::less<>>& files, std::uintmax_t& room);

  std::map<std::string, File, std::less<>> files_;  // by path below the folder: "assets/index-3f.js"
};

/// Whether an Accept-Encoding takes gzip (RFC 9110 section 12.5.3): named with a weight above zero, or by "*".
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace anlan::collector
