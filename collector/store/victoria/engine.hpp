// VictoriaMetrics by its HTTP interface, single node or cluster. Blocking; any thread, any number of calls at once.
// Sole place that knows its paths.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/victoria/export_line.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/io/http.hpp"

namespace anlan::collector::victoria {

/// URLs without a slash at their end; /api/v1/… is appended to the first two. Of a single node all three are the same.
struct EngineOptions {
  std::string write_url;                  // cluster: http://vminsert:8480/insert/0/prometheus
  std::string read_url;                   // cluster: http://vmselect:8481/select/0/prometheus
  std::vector<std::string> storage_urls;  // of each process that stores; cluster: every http://vmstorage:8482
  std::string authorization;              // the header's value, e.g. "Bearer …"; empty: none
  std::string auth_key;                   // of -snapshotAuthKey and -forceFlushAuthKey; empty: none
  std::string ca_file;                    // https only; empty: the system's
  Millis timeout{30'000};                 // of one request
};

/// Errors of all: unavailable, timeout, refused, malformed, closed; storage_failed where the engine answers that it
/// cannot.
class Engine {
 public:
  explicit Engine(EngineOptions options) : options_(std::move(options)) {}

  /// Ends requests under way and refuses new ones, all with Errc::closed.
  void cancel() { stop_.request_stop(); }

  /// Import lines. The engine has taken them when it returns; they are neither visible nor durable for that.
  Result<void> write(std::string lines) const;

  /// What was written to a storage process can be read when it returns.
  Result<void> make_visible() const;

  /// What can be read is on the disks of all storage processes when it returns: a snapshot of each is made, which
  /// writes out and syncs what is in memory, and removed again.
  Result<void> make_durable() const;

  /// One storage process: when it started, in seconds since 1970, and how long it had run when it said so.
  struct Life {
    double started = 0, seconds = 0;
  };
  Result<std::vector<Life>> lives() const;

  /// Gives the lines of all series that `selector` names in [from, to], in any order, blocks perhaps twice; `take`
  /// returns false to stop. Memory is bounded by a line (10,000 samples).
  Result<void> read(const std::string& selector, std::int64_t from, std::int64_t to,
                    const std::function<bool(ExportLine)>& take) const;

 private:
  Result<std::string> ask(const std::string& method, const std::string& url, std::string body) const;
  HttpRequest request(const std::string& method, const std::string& url, std::string body) const;
  std::string with_key(const std::string& url) const;
  Result<void> snapshot(const std::string& url) const;

  EngineOptions options_;
  std::stop_source stop_;
};

}  // namespace anlan::collector::victoria
