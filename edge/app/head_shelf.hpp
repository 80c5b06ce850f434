// HeadKeeper's file, audit-heads.txt in data_dir: read at the start, written at once when the centre sends a new head.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/clock.hpp"
#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/model/protocol.hpp"
#include "edge/uplink/head_keeper.hpp"

namespace anlan::edge {

std::string head_file(const std::string& data_dir);

/// Prints the heads in the file, one a line, as `anlan-collector audit verify --heads` reads them. Errors: not_found.
Result<void> print_heads(const std::string& data_dir, std::ostream& out);

/// On the loop.
class HeadShelf {
 public:
  /// `tell`: gets the event that the centre contradicts what it signed.
  HeadShelf(boost::asio::any_io_executor executor, Clock& clock, std::string edge, const std::string& data_dir,
            std::function<void(EdgeEvent)> tell);

  /// Before the loop runs.
  void load();
  void take(const std::string& line);
  const HeadKeeper& keeper() const { return keeper_; }
  bool durable() const { return durable_; }  // the file holds all that is held

  /// Writes news, until cancelled. A disk that is full or hangs holds up nobody else; it is tried again.
  boost::asio::awaitable<void> run();

 private:
  Clock& clock_;
  const std::string edge_, file_;
  std::function<void(EdgeEvent)> tell_;
  HeadKeeper keeper_;
  Event news_;
  bool durable_ = true, failing_ = false;
  Worker disk_;
};

}  // namespace anlan::edge
