// What Paho's threads have to say to the loop, and the only way there.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "common/io/mqtt_client.hpp"

namespace anlan {

/// What a coroutine on the loop can wait for. `drained`: nothing that was published waits any more.
enum class PahoStep { connect, subscribe, drained, disconnect };

struct PahoDone {
  PahoStep step;
  Result<void> result;
};
struct PahoLost {
  std::string reason;
};
using PahoNews = std::variant<MqttMessage, PahoDone, PahoLost>;

class PahoInbox : public std::enable_shared_from_this<PahoInbox> {
 public:
  using Reader = std::function<void(PahoNews)>;

  explicit PahoInbox(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Any thread. Posts to the executor; nothing after close().
  void put(PahoNews news);

  /// Any thread.
  bool is_open() const;

  /// On the loop. `reader` gets the news in order.
  void read_by(Reader reader) { reader_ = std::move(reader); }

  /// On the loop, inside `reader` too: neither executor nor reader is used again. False where it was closed already.
  bool close();

  const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  void drain();

  const boost::asio::any_io_executor executor_;
  Reader reader_;             // the loop's
  mutable std::mutex mutex_;  // guards the rest
  bool open_ = true;
  bool posted_ = false;  // a drain() is under way
  std::vector<PahoNews> news_;
};

}  // namespace anlan
