// The collector's API from a shell: blocking calls, errors with what to do next.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "collector/cli/event_reader.hpp"
#include "common/base/result.hpp"
#include "common/io/http_client.hpp"

namespace anlan::collector::cli {

/// Query parameters; empty values are left out.
using Query = std::vector<std::pair<std::string, std::string>>;

/// "/api/v1/alerts?level=red"
std::string target_of(const std::string& path, const Query& query);

class Client {
 public:
  /// `token`: sent as a bearer; empty: none.
  explicit Client(std::string url, std::string token = {}) : url_(std::move(url)), token_(std::move(token)) {}
  const std::string& url() const { return url_; }

  /// Any answer below 400. Errors: those of the connection, and the collector's refusals (not_found, conflict, refused,
  /// invalid_argument, unavailable) with its own words.
  Result<HttpResponse> get(const std::string& target);
  Result<boost::json::value> get_json(const std::string& target);

  /// All items of a list, at most `most`; `more` tells that there are others.
  struct List {
    boost::json::array items;
    bool more = false;
  };
  Result<List> list(const std::string& path, Query query, std::size_t most);

  /// All items of a list that has no pages.
  Result<List> whole_list(const std::string& path);

  /// A changing call with a fresh Idempotency-Key. Where no answer came it is made again, with the same key, so that it
  /// is done once. `etag` empty: not an update.
  Result<boost::json::value> post(const std::string& target, const boost::json::value& body, const std::string& etag);

  /// DELETE. Errors: as get().
  Result<void> remove(const std::string& target);

  /// Hands over events until the stream ends; says why it did. `seen`: the last event that is known.
  Error follow(const std::string& target, const std::string& seen,
               const std::function<void(const SentEvent&)>& on_event);

 private:
  Result<HttpResponse> ask(HttpRequest request);

  std::string url_, token_;
};

}  // namespace anlan::collector::cli
