// Which firmware each device had when it was asked last, over restarts of the daemon: so that an update made while the
// daemon was not there is noticed like any other. A JSON object in data_dir, {"site/device": "2.1", …}.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/base/result.hpp"

namespace anlan::edge {

using FirmwareByDevice = std::map<std::string, std::string>;

/// Errors: malformed.
Result<FirmwareByDevice> parse_firmware(std::string_view text);
std::string to_text(const FirmwareByDevice& known);

/// On the loop.
class FirmwareMemory {
 public:
  FirmwareMemory(boost::asio::any_io_executor executor, std::string file);

  /// Before the loop runs. A file that is not there is an empty one; so is one that cannot be read, which the log says.
  void load();

  std::optional<std::string> of(const std::string& device) const;

  /// Kept by run() where it is news.
  void learned(const std::string& device, const std::string& firmware);

  /// Writes news, until cancelled. A disk that is full or hangs holds up nobody else.
  boost::asio::awaitable<void> run();

 private:
  const std::string file_;
  FirmwareByDevice known_;
  Event news_;
  Worker disk_;
};

}  // namespace anlan::edge
