// A real SQLite records database in a directory of its own, with the tables of the stages a test needs; reopen() is a
// restart of the collector.
#pragma once

#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

#include "collector/store/records.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

class RecordsDb {
 public:
  explicit RecordsDb(std::vector<collector::StageSchema> schemas) : schemas_(std::move(schemas)) { reopen(); }

  void reopen() {
    records_.reset();
    auto opened = collector::Records::open("sqlite://" + dir_.file("records.db"), schemas_);
    if (!opened) throw std::runtime_error(opened.error().message);
    records_ = std::move(*opened);
  }

  collector::Records& records() { return *records_; }
  Database& database() { return records_->database(); }

  /// Runs `work()` in one transaction and returns what it returned.
  template <class F>
  auto commit(F work) {
    std::optional<std::invoke_result_t<F>> result;
    const auto done = database().transaction([&]() -> Result<void> {
      result.emplace(work());
      return {};
    });
    if (!done) throw std::runtime_error(done.error().message);
    return std::move(*result);
  }

  /// The same, undone: what a failed commit leaves behind.
  template <class F>
  void roll_back(F work) {
    const auto done = database().transaction([&]() -> Result<void> {
      work();
      return fail(Errc::storage_full, "no room");
    });
    ASSERT_FALSE(done);
  }

 private:
  TempDir dir_;
  std::vector<collector::StageSchema> schemas_;
  std::unique_ptr<collector::Records> records_;
};

}  // namespace anlan::test
