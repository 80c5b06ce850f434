#include "collector/api/change_feed.hpp"

#include <algorithm>

#include "common/base/log.hpp"

namespace anlan::collector {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kTail = 2000;  // changes kept in memory, for streams that follow closely
constexpr int kPage = 200;           // changes in one piece of a stream
constexpr Millis kRetry{1'000};      // after a failed read

/// Field values of an event end at a line's end; kinds and subjects are ours, but nothing here relies on it.
std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + '"';
}

std::string mark(std::string_view event, std::int64_t seq) {
  const std::string id = std::to_string(seq);
  return "id: " + id + "\nevent: " + std::string(event) + "\ndata: {\"seq\":\"" + id + "\"}\n\n";
}

}  // namespace

std::string to_event(const Change& change) {
  const std::string seq = std::to_string(change.seq);
  return "id: " + seq + "\nevent: " + one_line(change.kind) + "\ndata: {\"seq\":\"" + seq + "\",\"at\":\"" +
         to_rfc3339(change.at) + "\",\"kind\":" + quoted(change.kind) + ",\"subject\":" + quoted(change.subject) +
         ",\"body\":" + one_line(change.body) + "}\n\n";
}

class ChangeFeed::Stream final : public HttpStream {
 public:
  Stream(ChangeFeed& feed, std::int64_t seq, std::string first, std::function<bool(const Change&)> sees)
      : feed_(feed), event_(feed.executor_), seq_(seq), first_(std::move(first)), sees_(std::move(sees)) {
    feed_.waiting_.insert(&event_);
  }
  ~Stream() override { feed_.waiting_.erase(&event_); }

  asio::awaitable<std::optional<std::string>> next() override {
    if (!first_.empty()) co_return std::exchange(first_, {});
    while (true) {
      const auto news = co_await feed_.after(seq_);
      if (!news) co_return std::nullopt;  // the client comes back with the last id it saw
      if (news->missed) co_return mark("reset", seq_ = news->newest);
      if (!news->changes.empty()) {
        std::string text = text_of(news->changes);
        if (!text.empty()) co_return text;
        continue;  // nothing of it is for this client
      }
      if (!co_await event_.wait(kHeartbeat)) co_return ":\n\n";
    }
  }

 private:
  std::string text_of(const std::vector<Change>& changes) {
    std::string text;
    for (const Change& change : changes)
      if (sees_(change)) text += to_event(change);
    seq_ = changes.back().seq;
    return text;
  }

  ChangeFeed& feed_;
  Event event_;
  std::int64_t seq_;
  std::string first_;
  std::function<bool(const Change&)> sees_;
};

ChangeFeed::ChangeFeed(const asio::any_io_executor& executor, Records& records, Clock& clock)
    : executor_(executor), records_(records), clock_(clock), woken_(executor) {}

Result<ChangeFeed::News> ChangeFeed::read_after(Database& database, std::int64_t seq, int limit) {
  const std::int64_t newest = changes::newest(database);
  if (seq < changes::pruned(database) || seq > newest) return News{{}, newest, true};
  return News{changes::after(database, seq, limit), newest};
}

/// At most kPage changes after `seq`, from memory where they are there.
asio::awaitable<Result<ChangeFeed::News>> ChangeFeed::after(std::int64_t seq) {
  if (tail_known_ && seq >= tail_from_) {
    const auto first = std::ranges::upper_bound(tail_, seq, {}, &Change::seq);
    const auto count = std::min<std::ptrdiff_t>(kPage, tail_.end() - first);
    co_return News{std::vector<Change>(first, first + count)};
  }
  co_return co_await records_.read([seq](Database& database) { return read_after(database, seq, kPage); });
}

asio::awaitable<void> ChangeFeed::read_news() {
  while (true) {
    const std::int64_t seq = tail_.empty() ? tail_from_ : tail_.back().seq;
    auto news = co_await records_.read([seq, known = tail_known_](Database& database) -> Result<News> {
      if (!known) return News{{}, changes::newest(database), true};
      return read_after(database, seq, changes::kMaxPage);
    });
    if (!news) {
      log::warning("api", "cannot read changes for the event streams", {{"why", news.error().message}});
      co_await clock_.sleep_for(kRetry);
      continue;
    }
    if (news->missed) {  // the first time, or pruned before they were read (the clock was set far ahead)
      tail_.clear();
      tail_from_ = news->newest;
    }
    const bool quiet = news->changes.empty() && (!news->missed || !tail_known_);
    tail_known_ = true;
    if (quiet) co_return;
    std::ranges::move(news->changes, std::back_inserter(tail_));
    while (tail_.size() > kTail) {
      tail_from_ = tail_.front().seq;
      tail_.pop_front();
    }
    for (Event* stream : waiting_) stream->set();
  }
}

asio::awaitable<void> ChangeFeed::run() {
  while (true) {
    co_await read_news();
    co_await clock_.sleep_for(kBatch);
    co_await woken_.wait(kHeartbeat);
  }
}

asio::awaitable<Result<std::shared_ptr<HttpStream>>> ChangeFeed::open(std::optional<std::int64_t> since,
                                                                      std::function<bool(const Change&)> sees) {
  const auto news = co_await records_.read([since](Database& database) -> Result<News> {
    if (since) return read_after(database, *since, 1);
    return News{{}, changes::newest(database)};
  });
  if (!news) co_return fail(news.error());
  if (!since) co_return std::make_shared<Stream>(*this, news->newest, mark("snapshot", news->newest), std::move(sees));
  if (news->missed)
    co_return std::make_shared<Stream>(*this, news->newest, mark("reset", news->newest), std::move(sees));
  co_return std::make_shared<Stream>(*this, *since, ":\n\n", std::move(sees));
}

}  // namespace anlan::collector
