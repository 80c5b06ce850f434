// The collector behind its API: databases in a directory of their own, the stages joined as app/ joins them, a real
// server; only the broker is missing, what it would bring is written directly.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "collector/api/authorise.hpp"
#include "collector/api/commands.hpp"
#include "collector/ingest/registry.hpp"
#include "common/io/database.hpp"
#include "common/io/http.hpp"
#include "common/io/http_target.hpp"
#include "tests/support/alert_builder.hpp"

namespace anlan::test {

namespace json = boost::json;

struct Reply {
  int status = 0;
  HttpHeaders headers;
  std::string text;
  json::value body;          // null where it is no JSON
  std::string code() const;  // of the problem; "" where it is none
};

class ApiWorld {
 public:
  /// `open`: everybody does everything, as most tests want it; closed: who asks needs a log-in (people_world.hpp).
  explicit ApiWorld(collector::Access access = {.open = true, .public_host = {}});
  ~ApiWorld();

  /// The wall clock stands where it is put; at first one minute after at(0).
  void set_time(WallTime now);
  std::string url() const;
  int commits() const;  // of people's acts
  collector::Gate& gate();
  WallTime now() const;
  void broker(bool good);
  /// Orders that were sent to edges; none is given where the broker is not good. Their "signature" is "signed".
  std::vector<collector::Commands::Order> orders() const;

  /// In one transaction, as a lane of ingest would do it.
  void commit(const std::function<void(Database&)>& work);

  /// An edge of site tj-bh-017 with these points of one device.
  void edge(const std::string& id, const std::vector<std::string>& points, const std::string& device = "tank-3");

  /// What an edge's alert record does.
  void alert(const AlertTransition& transition, const std::string& edge = "tj-bh-017-a",
             const std::string& site = "tj-bh-017");

  /// A hello of this edge was taken: incarnation {9, 9}, counter 7.
  void greeting(const std::string& edge = "tj-bh-017-a");

  /// Telemetry record `number` of an edge with these points of tank-3.
  void samples(const std::vector<std::string>& points, std::uint64_t number, const std::vector<Sample>& samples,
               const std::string& edge = "tj-bh-017-a");

  Reply ask(HttpRequest request) const;
  Reply get(const std::string& target, HttpHeaders headers = {}) const;

  /// A changing call, with a key of its own where none is given. `headers` replace what is set here.
  Reply post(const std::string& target, const json::value& body, std::optional<std::int64_t> version,
             const std::string& key = "", const std::vector<std::pair<std::string, std::string>>& headers = {});

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

inline Sample sample(std::int64_t ms, double value, std::uint32_t point = 0, Quality quality = Quality::good) {
  Sample s;
  s.point = point;
  s.value = value;
  s.quality = quality;
  s.time = at(ms);
  return s;
}

inline const json::value kDuty = {{"name", "王芳"}, {"role", "DA"}};

inline std::string text_of(const json::value& value) { return std::string(value.as_string()); }

}  // namespace anlan::test
