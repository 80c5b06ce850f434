// Password hashes off the loop, on one thread, one at a time: a flood of log-ins costs one core and the memory of one
// hash, and whoever finds too many waiting is told to come back.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "collector/people/secrets.hpp"
#include "common/async/worker.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

/// Its methods are called on the loop. The destructor waits for the hash under way.
class PasswordWorker {
 public:
  /// Blocks for one hash. `most`: under way and waiting. Throws std::runtime_error where there is no memory for one.
  PasswordWorker(HashCost cost, int most) : cost_(cost), most_(most) {
    auto made = hash_password(random_token(), cost);
    if (!made) throw std::runtime_error(made.error().message);
    nobodys_ = std::move(*made);
  }

  /// `hash` empty: nobody's; as costly as any, and false. Errors: unavailable (too many are waiting).
  boost::asio::awaitable<Result<bool>> matches(std::string hash, std::string password) {
    if (waiting_ >= most_) co_return busy();
    const Waiting one(waiting_);
    ++hashes_;
    const bool somebodys = !hash.empty();
    auto call = [hash = somebodys ? std::move(hash) : nobodys_, password = std::move(password)]() mutable {
      const bool same = password_matches(hash, password);
      wipe(password);
      return same;
    };
    const bool same = co_await worker_.run(std::move(call));
    co_return same&& somebodys;
  }

  /// Errors: unavailable (too many are waiting, or no memory).
  boost::asio::awaitable<Result<std::string>> hash(std::string password) {
    if (waiting_ >= most_) co_return busy();
    const Waiting one(waiting_);
    ++hashes_;
    auto call = [cost = cost_, password = std::move(password)]() mutable {
      auto made = hash_password(password, cost);
      wipe(password);
      return made;
    };
    co_return co_await worker_.run(std::move(call));
  }

  HashCost cost() const { return cost_; }
  /// Ever begun: a test counts that an unknown name costs what a wrong password costs.
  std::uint64_t hashes() const { return hashes_; }

 private:
  struct Waiting {
    explicit Waiting(int& n) : count(n) { ++count; }
    ~Waiting() { --count; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    int& count;
  };
  static std::unexpected<Error> busy() {
    return fail(Errc::unavailable, "too many log-ins at once; try again in a moment");
  }

  HashCost cost_;
  int most_, waiting_ = 0;
  std::uint64_t hashes_ = 0;
  std::string nobodys_;
  Worker worker_;
};

}  // namespace anlan::collector
