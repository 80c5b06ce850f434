#include "collector/store/records.hpp"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

class RecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Records::open(url(), schemas_);
    ASSERT_TRUE(opened) << opened.error().message;
    records_ = std::move(*opened);
  }
  std::string url() const { return "sqlite://" + dir_.file("records.db"); }

  template <class T>
  T await(boost::asio::awaitable<T> call) {
    boost::asio::io_context loop;
    auto result = boost::asio::co_spawn(loop, std::move(call), boost::asio::use_future);
    loop.run();
    return result.get();
  }
  Result<std::int64_t> count() {
    return await(records_->read(
        [](Database& db) -> Result<std::int64_t> { return db.query("SELECT count(*) FROM t").at(0).integer(0); }));
  }
  static Result<void> insert(Database& db) {
    db.exec("INSERT INTO t (x) VALUES (1)");
    return {};
  }

  test::TempDir dir_;
  std::vector<StageSchema> schemas_{{"one", {"CREATE TABLE t (x BIGINT)"}}, {"two", {"CREATE TABLE u (y BIGINT)"}}};
  std::unique_ptr<Records> records_;
};

TEST_F(RecordsTest, WhatATransactionWroteIsReadByTheOtherConnection) {
  EXPECT_TRUE(await(records_->transact(insert)));
  EXPECT_EQ(count(), 1);
}

TEST_F(RecordsTest, AnErrorUndoesTheTransaction) {
  const auto refused = await(records_->transact([](Database& db) -> Result<int> {
    (void)insert(db);
    return fail(Errc::refused, "not you");
  }));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_EQ(count(), 0);
}

TEST_F(RecordsTest, AFailingStatementIsAnErrorOnEitherConnection) {
  const auto bad = [](Database& db) -> Result<void> {
    db.exec("INSERT INTO nowhere VALUES (1)");
    return {};
  };
  EXPECT_FALSE(await(records_->transact(bad)));
  EXPECT_FALSE(await(records_->read(bad)));
  EXPECT_FALSE(await(records_->read(insert))) << "the reading connection writes nothing";
  EXPECT_EQ(count(), 0);
}

TEST_F(RecordsTest, AReadDoesNotWaitForATransactionUnderWay) {
  std::promise<void> read_done;
  boost::asio::io_context loop;
  auto write = boost::asio::co_spawn(loop, records_->transact([&](Database& db) -> Result<bool> {
    (void)insert(db);
    return read_done.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  }),
                                     boost::asio::use_future);
  const auto read_meanwhile = [&]() -> boost::asio::awaitable<void> {
    const auto rows = co_await records_->read(
        [](Database& db) -> Result<std::int64_t> { return db.query("SELECT count(*) FROM t").at(0).integer(0); });
    EXPECT_EQ(rows, 0);
    read_done.set_value();
  };
  auto read = boost::asio::co_spawn(loop, read_meanwhile(), boost::asio::use_future);
  loop.run();
  read.get();
  EXPECT_EQ(write.get(), true) << "the read came back while the transaction was open";
}

TEST_F(RecordsTest, AStageThatIsNewerThanTheProgramIsRefused) {
  records_.reset();
  schemas_[1].steps.clear();
  const auto older = Records::open(url(), schemas_);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::unsupported);
}

}  // namespace
}  // namespace anlan::collector
