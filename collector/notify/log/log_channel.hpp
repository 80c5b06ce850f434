// Notifications as log lines: the channel that is always there.
#pragma once

#include "collector/notify/channel.hpp"

namespace anlan::collector {

class LogChannel final : public Channel {
 public:
  explicit LogChannel(Level from = Level::blue) : from_(from) {}
  const std::string& name() const override { return name_; }
  Level from() const override { return from_; }
  boost::asio::awaitable<Result<void>> send(const Notification& notification) override;

 private:
  std::string name_ = "log";
  Level from_;
};

}  // namespace anlan::collector
