#include "common/io/paho_news.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace anlan {

void PahoInbox::put(PahoNews news) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  news_.push_back(std::move(news));
  if (std::exchange(posted_, true)) return;
  boost::asio::post(executor_, [self = shared_from_this()] { self->drain(); });
}

bool PahoInbox::is_open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

bool PahoInbox::close() {
  const std::lock_guard lock(mutex_);
  return std::exchange(open_, false);
}

void PahoInbox::drain() {
  std::vector<PahoNews> news;
  {
    const std::lock_guard lock(mutex_);
    news.swap(news_);
    posted_ = false;
  }
  for (PahoNews& one : news)
    if (is_open()) reader_(std::move(one));
}

}  // namespace anlan
