// What a person on the site can ask of the running daemon: HTTP over the Unix socket control.sock in its data_dir
// (mode 0600). `anlan-edge status` and `anlan-edge alarm` are its clients.
//   GET  /status           JSON: uplink, buffer, heads of the centre's log, devices' points, alerts
//   GET  /metrics          Prometheus text
//   POST /alarm/silence    {"by": NAME}
//   POST /alarm/reset      {"by": NAME, "source": "site/device/point", "rule": "high"}; without source: every latched
//   alert
//   POST /write            {"by": NAME, "point": "tank-3/setpoint", "value": "47.3"}; "only_check": "yes": nothing is
//   sent. 200 also where the device refused: "outcome" says
//   POST /reload           {"by": NAME}: read the configuration again; unlike SIGHUP it may end active alerts
//   POST /maintenance/begin  {"device": "tank-3", "by": NAME, "for": "30m", "reason": TEXT}; reason may be left out
//   POST /maintenance/end    {"device": "tank-3", "by": NAME, "all": "yes"}; without all: that person's own only
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/metrics.hpp"
#include "common/io/http_server.hpp"
#include "edge/annunciator/annunciator_driver.hpp"
#include "edge/app/config.hpp"
#include "edge/app/head_shelf.hpp"
#include "edge/app/pipeline.hpp"
#include "edge/app/reload.hpp"
#include "edge/app/write_desk.hpp"
#include "edge/uplink/uplink.hpp"

namespace anlan::edge {

/// Where the socket is, for both ends.
std::string control_url(const std::string& data_dir);

class Control {
 public:
  /// What it looks at; all of it outlives the server. `annunciator` may be null.
  struct View {
    const Config& config;
    const AsyncBuffer& buffer;
    Pipeline& pipeline;
    const Uplink& uplink;
    const HeadShelf& heads;
    AnnunciatorDriver* annunciator = nullptr;
    Metrics& metrics;
    const Clock& clock;
    WriteDesk& writes;
    std::function<Result<Reloaded>(const std::string& by)> reload;
  };

  explicit Control(View view) : view_(view) {}

  /// The handler for HttpServer.
  boost::asio::awaitable<HttpResponse> answer(HttpRequest request);

 private:
  HttpResponse status() const;
  HttpResponse silence(const std::string& body);
  HttpResponse reset(const std::string& body);
  HttpResponse reload(const std::string& body);
  boost::asio::awaitable<HttpResponse> write(std::string body);
  HttpResponse begin_maintenance(const std::string& body);
  HttpResponse end_maintenance(const std::string& body);
  HttpResponse changed(const MaintenanceChange& change) const;
  std::string with_site(const std::string& device) const;

  View view_;
};

}  // namespace anlan::edge
