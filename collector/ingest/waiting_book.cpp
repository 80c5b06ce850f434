#include "collector/ingest/waiting_book.hpp"

#include <utility>
#include <vector>

#include "common/base/log.hpp"

namespace anlan::collector {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kAtOnce = 256;  // edges in a transaction: an alert waits for no more of them

}  // namespace

void WaitingBook::take(const Origin& origin, const std::optional<Waiting>& waiting) {
  unwritten_[origin] = {waiting, clock_.wall()};
}

awaitable<void> WaitingBook::run() {
  while (true) {
    co_await clock_.sleep_for(kWriteEvery);
    co_await write();
  }
}

awaitable<void> WaitingBook::write() {
  auto words = std::exchange(unwritten_, {});
  while (!words.empty()) {
    std::vector<std::pair<Origin, Word>> some;
    while (!words.empty() && some.size() < kAtOnce) {
      some.emplace_back(*words.begin());
      words.erase(words.begin());
    }
    auto call = [some = std::move(some)](Database& database) -> Result<void> {
      for (const auto& [origin, word] : some) note_waiting(database, origin, word.waiting, word.heard_at);
      return {};
    };
    const auto written = co_await records_.transact(std::move(call));
    if (written) continue;
    log::warning("ingest", "how far behind the edges are cannot be written", {{"reason", written.error().message}});
    co_return;
  }
}

}  // namespace anlan::collector
