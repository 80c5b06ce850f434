// The collector's records (alerts, hazards, outbox, ledgers, changes): one database with one writer. Every stage owns
// its tables and gives their migration steps; a change that touches several stages is one transaction.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/async/worker.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// The tables of one stage: `steps` in the order in which they were ever written, never changed, only added to.
struct StageSchema {
  std::string stage;  // stable: it is stored
  std::vector<std::string> steps;
};

/// Owns one connection that writes and one that only reads, each on its own worker thread, so that a list in the API
/// never waits behind a commit. Its methods are called on the loop. What is handed over runs on a worker: it must touch
/// nothing else that the loop touches meanwhile. The destructor waits for calls under way; await none after it.
class Records {
 public:
  /// Blocks: opens both connections and migrates the stages in the order given. Errors: as Database::open and migrate.
  static Result<std::unique_ptr<Records>> open(const std::string& url, const std::vector<StageSchema>& schemas);

  /// `f(Database&) -> Result<T>` in one transaction of the writer: durable where it returns without error, undone
  /// otherwise. Transactions run in the order in which they were awaited. A DatabaseError becomes the result's error.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, Database&>> transact(F f) {
    auto call = [this, f = std::move(f)]() mutable { return within_transaction(*writer_, f); };
    co_return co_await write_worker_.run(std::move(call));
  }

  /// `f(Database&) -> Result<T>` on the reading connection: one snapshot, which holds everything that was durable when
  /// it began. Writing there is an error.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, Database&>> read(F f) {
    auto call = [this, f = std::move(f)]() mutable { return within_transaction(*reader_, f); };
    co_return co_await read_worker_.run(std::move(call));
  }

  /// The writer itself, for stages that are made with it; touch it on worker() only (or before anything is awaited).
  Database& database() { return *writer_; }
  Worker& worker() { return write_worker_; }
  /// The same of the reading connection.
  Database& reading_database() { return *reader_; }
  Worker& reading_worker() { return read_worker_; }

 private:
  Records(std::unique_ptr<Database> writer, std::unique_ptr<Database> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  template <class F>
  static std::invoke_result_t<F&, Database&> within_transaction(Database& database, F& f) {
    std::optional<std::invoke_result_t<F&, Database&>> result;
    auto done = database.transaction([&]() -> Result<void> {
      result.emplace(f(database));
      if (!*result) return fail(result->error());
      return {};
    });
    if (!done) return fail(std::move(done.error()));
    return std::move(*result);
  }

  std::unique_ptr<Database> writer_, reader_;
  Worker write_worker_, read_worker_;  // after the connections: joined before they close
};

}  // namespace anlan::collector
