// The machine on a line of 64 kbit/s with 600 ms each way there and back, after a long cut: one first-in-first-out
// queue that carries what it is given, as TCP's does. Simulated by steps of 10 ms; nothing waits.
#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "edge/uplink/uplink_machine.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kStep{10}, kOneWay{300}, kAtTheCentre{50}, kResend{10'000};
constexpr std::uint64_t kBytesEachStep = 80;  // 64 kbit/s
constexpr std::size_t kRecordBytes = 160;
const Epoch kOwn{2, 7};
const Place kTelemetry{kOwn, Stream::telemetry}, kEvents{kOwn, Stream::event};

class SlowLine : public testing::Test {
 protected:
  SlowLine() {
    ledger_.epochs = {{kOwn, 1}};
    commit(kTelemetry, 20'000);  // 3.2 MB: 400 s of the line
    machine_.connected();
    const auto hello = std::get<Hello>(*machine_.greeting(stamp()));
    Answer answer;
    answer.incarnation = hello.incarnation;
    answer.counter = hello.counter;
    EXPECT_TRUE(std::holds_alternative<UplinkMachine::Agree>(machine_.take(answer)));
    machine_.agreed();
  }

  struct Frame {
    Place place;
    RangeSet records;
    std::uint64_t bytes, left;
    MonoTime at{};  // of its arrival at the centre, and then of its receipt at the edge
  };

  Stamp stamp() const { return {{}, now_, ClockState::synced}; }
  void publish() { machine_.ledger(std::make_shared<const Ledger>(ledger_), now_); }
  void commit(const Place& place, std::uint64_t count) {
    PlaceState& state = ledger_.places[place];
    state.held.add(state.next, state.next + count);
    for (std::uint64_t i = 0; i < count; ++i) committed_[{place, state.next + i}] = now_;
    state.next += count;
    publish();
  }

  void send() {
    while (const auto order = machine_.next(now_)) {
      std::vector<Record> records;
      Frame frame{order->place, {}, 100, 0};
      for (const auto& range : order->wanted.ranges())
        for (std::uint64_t i = range.first; i < range.last && records.size() < kFrameRecords; ++i) {
          if (!records.empty() && (records.size() + 1) * kRecordBytes > order->bytes) break;
          records.push_back({{order->place, i}, {}, {}, {}, {}, 1, std::string(kRecordBytes, 's'), 0});
          frame.records.add(i);
          if (!times_sent_.insert({order->place, i}).second) ++sent_again_;
        }
      frame.left = frame.bytes += records.size() * kRecordBytes;
      machine_.sent(records, now_);
      line_.push_back(std::move(frame));
    }
  }

  void arrive(const Frame& frame) {
    for (const auto& range : frame.records.ranges())
      for (std::uint64_t i = range.first; i < range.last; ++i) {
        auto& longest = frame.place == kEvents ? longest_event_ : i >= 20'000 ? longest_live_ : longest_backlog_;
        longest = std::max(longest, std::chrono::duration_cast<Millis>(frame.at - committed_[{frame.place, i}]));
      }
  }

  /// Live telemetry each second, an event each ten, for so long. `stalled`: the line carries nothing.
  void run(Millis time, bool stalled = false) {
    for (const MonoTime end = now_ + time; now_ < end; now_ += kStep) {
      if (to_ms(now_) % 1000 == 0) commit(kTelemetry, 1);
      if (to_ms(now_) % 10'000 == 0) commit(kEvents, 1);
      for (std::uint64_t room = stalled ? 0 : kBytesEachStep; room > 0 && !line_.empty();) {
        Frame& first = line_.front();
        const std::uint64_t some = std::min(room, first.left);
        first.left -= some;
        room -= some;
        carried_ += some;
        if (first.left > 0) break;
        first.at = now_ + kOneWay;
        under_way_.push_back(std::move(first));
        line_.pop_front();
      }
      for (; !under_way_.empty() && under_way_.front().at <= now_; under_way_.pop_front()) {
        Frame& frame = under_way_.front();
        arrive(frame);
        frame.at += kAtTheCentre + kOneWay;
        receipts_.push_back(std::move(frame));
      }
      for (; !receipts_.empty() && receipts_.front().at <= now_; receipts_.pop_front()) {
        ledger_.places[receipts_.front().place].received.add(receipts_.front().records);
        publish();
      }
      send();
    }
  }

  std::uint64_t received() const { return ledger_.at(kTelemetry).received.count(); }

  Ledger ledger_;
  UplinkMachine machine_{{Millis{30'000}, kResend, 64, 1 << 20}, {"edge-1", "site-1", "0.1.0", {5, 5}, kOwn}};
  MonoTime now_ = mono_from_ms(1'000'000);
  std::deque<Frame> line_, under_way_, receipts_;
  std::map<RecordId, MonoTime> committed_;
  std::set<RecordId> times_sent_;
  std::size_t sent_again_ = 0;
  std::uint64_t carried_ = 0;
  Millis longest_live_{0}, longest_event_{0}, longest_backlog_{0};
};

TEST_F(SlowLine, CarriesLiveAndEventsFirstAndFillsTheRestWithBacklog) {
  run(Millis{300'000});
  EXPECT_EQ(sent_again_, 0u) << "nothing is sent twice for the line's being slow";
  EXPECT_LT(longest_live_, Millis{5'000}) << "what waits in the line before it is little";
  EXPECT_LT(longest_event_, Millis{5'000});
  EXPECT_GT(carried_, 300'000u * 8 * 9 / 10) << "and the line does not rest";
  EXPECT_GT(received(), 10'000u) << "33 times the live rate";
}

TEST_F(SlowLine, AStallCostsLittleMoreThanItsTime) {
  run(Millis{60'000});
  run(Millis{30'000}, true);
  const std::size_t again = sent_again_;
  const std::uint64_t before = received();
  longest_live_ = longest_event_ = Millis{0};
  run(Millis{60'000});
  EXPECT_LT(sent_again_, 1'000u) << "of 13,000 on the way: what stood in the line, not the whole window each time";
  EXPECT_GE(sent_again_, again);
  EXPECT_LT(longest_live_, Millis{45'000}) << "of the stall's beginning";
  longest_live_ = longest_event_ = Millis{0};
  run(Millis{60'000});
  EXPECT_LT(longest_live_, Millis{5'000}) << "as if nothing had been";
  EXPECT_LT(longest_event_, Millis{5'000});
  EXPECT_GT(received(), before + 3'000u);
}

}  // namespace
}  // namespace anlan::edge
