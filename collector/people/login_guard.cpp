#include "collector/people/login_guard.hpp"

#include <algorithm>

namespace anlan::collector {
namespace {

std::string pair_key(const std::string& name, const std::string& address) { return "p" + name + '\n' + address; }
std::string name_key(const std::string& name) { return "n" + name; }

}  // namespace

std::optional<Millis> LoginGuard::begin(const std::string& name, const std::string& address, bool known, MonoTime now) {
  make_room(now);
  Failures& pair = at(pair_key(name, address), now);
  Failures& all = at(name_key(name), now);  // references into an unordered_map stay valid
  if (now < pair.until) return pair.until - now;
  if (!known && now < all.until) return all.until - now;
  count(pair, policy_.tries, now);
  count(all, policy_.name_tries, now);
  return std::nullopt;
}

void LoginGuard::succeeded(const std::string& name, const std::string& address) {
  failures_.erase(pair_key(name, address));
  // What others failed with at this name goes on counting; this attempt was none of it.
  const auto all = failures_.find(name_key(name));
  if (all != failures_.end() && all->second.count > 0) --all->second.count;
}

LoginGuard::Failures& LoginGuard::at(const std::string& key, MonoTime now) {
  Failures& failures = failures_[key];
  if (failures.count > 0 && now - failures.last >= policy_.forget) failures = {};
  return failures;
}

void LoginGuard::count(Failures& failures, int tries, MonoTime now) const {
  ++failures.count;
  failures.last = now;
  if (failures.count < tries) return;
  Millis wait = policy_.first_wait;
  for (int more = failures.count - tries; more > 0 && wait < policy_.longest; --more) wait *= 2;
  failures.until = now + std::min(wait, policy_.longest);
}

/// Two entries are made for each attempt.
void LoginGuard::make_room(MonoTime now) {
  if (failures_.size() + 2 <= policy_.entries) return;
  std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.last >= policy_.forget; });
  while (failures_.size() + 2 > policy_.entries) {
    const auto oldest = std::ranges::min_element(failures_, {}, [](const auto& entry) { return entry.second.last; });
    failures_.erase(oldest);
  }
}

}  // namespace anlan::collector
