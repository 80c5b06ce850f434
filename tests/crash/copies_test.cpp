// Copies: every record comes three times and in any order; an old buffer file is put back; a box is imaged twice. Real
// buffer files, a real centre between them: nothing is stored twice, and each of these is noticed.
#include <deque>
#include <filesystem>

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "edge/uplink/uplink_machine.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/centre.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

namespace fs = std::filesystem;

const collector::Origin kOrigin{"edge-a", "site-1"};
constexpr std::uint32_t kEach = 3;  // samples in a record

Definition meaning() {
  Definition d;
  d.points.emplace_back().path = {"site-1", "d", "p"};
  return d;
}

/// A box's process over its file; what it takes and says is passed by hand.
class FileBox {
 public:
  FileBox(const fs::path& folder, std::uint64_t process) : process_(process) {
    storage_ = edge::SqliteStorage::open((folder / "buffer.db").string(), kOrigin.edge).value();
    buffer_.emplace(*storage_, edge::Buffer::Identity{kOrigin.edge, epoch(), {process, 2}, "test"}, 1 << 24);
    EXPECT_TRUE(buffer_->open(now()));
    machine_.emplace(edge::UplinkMachine::Settings{Millis{1'000}, Millis{5'000}},
                     edge::UplinkMachine::Identity{kOrigin.edge, kOrigin.site, "test", {process, 3}, epoch()});
    refresh();
    machine_->connected();
  }

  Epoch epoch() const { return {process_, 1}; }
  edge::Buffer& buffer() { return *buffer_; }

  void define() {
    const std::string payload = encode_payload(meaning());
    commit({{{Kind::definition, payload, 0}}, {}, {}, {{hash128(payload), payload}}});
  }
  void samples(int records) {
    edge::Commit all;
    for (int i = 0; i < records; ++i) {
      Samples s{hash_of(meaning()), {}};
      for (std::uint32_t n = 0; n < kEach; ++n)
        s.samples.push_back({0, static_cast<double>(process_), Quality::good, at(++time_), {}});
      all.entries.push_back({Kind::samples, encode_payload(s), kEach});
    }
    commit(std::move(all));
  }
  void alert(TransitionBuilder builder) {
    AlertTransition t = builder;
    t.source = "site-1/d/p";
    t.asset = "site-1/d";
    auto active = buffer_->snapshot()->active;
    if (t.step == AlertStep::cleared)
      active.erase(t.alert);
    else
      active[t.alert] = t;
    commit({{{Kind::alert, encode_payload(t), 0}}, std::move(active), {}, {}});
  }

  /// Says what is due until everything is answered.
  void talk(Centre& centre) {
    time_ += 1'000;  // for the next hello
    for (bool spoke = true; spoke;) {
      spoke = false;
      while (auto message = machine_->greeting(now())) {
        if (const auto* hello = std::get_if<Hello>(&*message)) hello_ = hello->counter;
        centre.say(kOrigin, *message), spoke = true;
      }
      while (auto order = machine_->next(now().mono)) {
        auto rows = buffer_->read_to_send(order->place, order->wanted, 4, edge::kFramePayload, now());
        ASSERT_TRUE(rows && !rows->empty());
        machine_->sent(*rows, now().mono);
        centre.say(kOrigin, RecordBatch{std::move(*rows)}), spoke = true;
      }
      ASSERT_TRUE(centre.until([&] { return answered_ == hello_ && machine_->in_flight() == 0; }));
    }
  }

  void take(const Message& message) {
    if (const auto* answer = std::get_if<Answer>(&message); answer && answer->incarnation == Incarnation{process_, 3})
      answered_ = answer->counter;
    const auto deed = machine_->take(message);
    if (const auto* mark = std::get_if<edge::UplinkMachine::MarkReceived>(&deed)) {
      (void)buffer_->mark_received({{mark->place, mark->data}}, now().mono);  // refused where it is another box's
      refresh();
    } else if (const auto* agree = std::get_if<edge::UplinkMachine::Agree>(&deed)) {
      EXPECT_TRUE(buffer_->agree(agree->answer, now()));
      refresh();
      machine_->agreed();
    }
  }

  std::vector<Record> everything() {
    std::vector<Record> all;
    for (const Stream stream : kStreams)
      for (Record& record : buffer_->read({epoch(), stream}, RangeSet(0, RangeSet::kEnd), 1000, 1 << 24, now()).value())
        all.push_back(std::move(record));
    return all;
  }
  std::uint64_t committed() const {
    std::uint64_t samples = 0;
    for (const auto& [place, state] : buffer_->snapshot()->places) samples += state.samples;
    return samples;
  }

 private:
  edge::Stamp now() const { return {at(time_), mono_from_ms(time_), ClockState::synced}; }
  void refresh() { machine_->ledger(buffer_->snapshot(), now().mono); }
  void commit(edge::Commit commit) {
    EXPECT_TRUE(buffer_->commit(std::move(commit), now()));
    refresh();
  }

  std::uint64_t process_, hello_ = 0, answered_ = 0;
  std::int64_t time_ = 0;
  std::unique_ptr<edge::SqliteStorage> storage_;
  std::optional<edge::Buffer> buffer_;
  std::optional<edge::UplinkMachine> machine_;
};

class Copies : public testing::Test {
 protected:
  Copies() {
    fs::create_directory(dir_.path() / "box");
    fs::create_directory(dir_.path() / "centre");
    auto started = Centre::start(dir_.file("centre"), clock_, [this](const collector::Origin&, const Message& message) {
      for (FileBox* box : listening_) box->take(message);
      if (const auto* receipt = std::get_if<Receipt>(&message)) received_[receipt->place].add(receipt->data);
      answers_ += std::holds_alternative<Answer>(message);
    });
    centre_ = std::move(started.value());
  }
  ~Copies() override { centre_.reset(); }

  /// What is said on the edge's topic comes to all who call themselves so.
  std::unique_ptr<FileBox> box(const char* folder, std::uint64_t process) {
    auto made = std::make_unique<FileBox>(dir_.path() / folder, process);
    listening_.push_back(made.get());
    return made;
  }
  void end(std::unique_ptr<FileBox> box) { std::erase(listening_, box.get()); }
  void copy(const char* from, const char* to) {
    fs::remove_all(dir_.path() / to);
    fs::copy(dir_.path() / from, dir_.path() / to);
  }

  std::int64_t count(const std::string& sql) {
    return centre_
        ->act(
            [&](Database& db, collector::Pipeline&) -> Result<std::int64_t> { return db.query(sql).at(0).integer(0); })
        .value();
  }
  /// Samples in the store; each of them once, as many as its received records have.
  std::uint64_t stored() {
    std::uint64_t samples = 0;
    for (const auto& account :
         centre_->read([](collector::TelemetryStore& s) { return s.accounts("edge-a"); }).value()) {
      EXPECT_EQ(account.samples, account.received.count() * kEach) << account.epoch.hex();
      EXPECT_EQ(account.raw_records, 0u);
      samples += account.samples;
    }
    const auto page = centre_->read([](collector::TelemetryStore& s) {
      return s.query({"site-1/d/p", WallTime::min(), WallTime::max(), 100'000, ""});
    });
    EXPECT_EQ(page ? page->samples.size() : 0, samples) << "as they can be read";
    return samples;
  }

  void put_back_an_old_file(bool side_file_too);

  TempDir dir_ = TempDir::in_memory();
  ManualClock clock_;
  std::unique_ptr<Centre> centre_;
  std::vector<FileBox*> listening_;
  RangesByPlace received_;
  int answers_ = 0;
};

TEST_F(Copies, EveryRecordThreeTimesInAnyOrderIsStoredOnce) {
  for (std::uint64_t process = 1; process <= 20; ++process) {
    SCOPED_TRACE(process);
    fs::remove_all(dir_.path() / "box");
    fs::create_directory(dir_.path() / "box");
    auto edge = box("box", process);
    edge->define();
    edge->samples(20);
    edge->alert(raised(process, Level::yellow));
    edge->alert(upgraded(process, 2, Level::red));
    edge->alert(raised(100 + process, Level::orange));
    edge->alert(cleared(100 + process, 2));
    const std::uint64_t before = stored();
    const auto records = edge->everything();
    std::vector<Record> thrice;
    for (int i = 0; i < 3; ++i) thrice.insert(thrice.end(), records.begin(), records.end());
    std::ranges::shuffle(thrice, std::mt19937_64(process));
    Hello hello;  // so that it is known at this site
    hello.edge = kOrigin.edge;
    hello.site = kOrigin.site;
    hello.incarnation = {process, 9};
    hello.epoch = edge->epoch();
    centre_->say(kOrigin, hello);
    ASSERT_TRUE(centre_->until([&, so_far = answers_] { return answers_ > so_far; }));
    for (const Record& record : thrice) centre_->say(kOrigin, RecordBatch{{record}});
    RangesByPlace all;
    for (const Record& record : records) all[record.id.place].add(record.id.sequence);
    ASSERT_TRUE(centre_->until([&] {
      return std::ranges::all_of(all, [&](const auto& entry) { return received_[entry.first] == entry.second; });
    }));
    edge->talk(*centre_);
    EXPECT_EQ(stored() - before, edge->committed());
    const auto events = static_cast<std::int64_t>(edge->everything().size()) - 20;  // a definition asked for came again
    EXPECT_EQ(count("SELECT count(*) FROM event_record WHERE epoch = '" + edge->epoch().hex() + "'"), events);
    end(std::move(edge));
    EXPECT_EQ(count("SELECT version FROM alert WHERE id = '" + alert_id(process).hex() + "'"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM notification WHERE alert = '" + alert_id(process).hex() + "' AND level = 4"),
              1);
  }
  EXPECT_EQ(count("SELECT count(*) FROM hazard"), 1) << "one for the asset and rule";
}

/// Works, is copied, works on, and is put back: the database alone, or with the side file that knows better.
void Copies::put_back_an_old_file(bool side_file_too) {
  auto edge = box("box", 1);
  edge->define();
  edge->samples(5);
  edge->talk(*centre_);
  edge->samples(4);  // not sent yet
  ASSERT_TRUE(edge->buffer().keep_marks());
  end(std::move(edge));
  copy("box", "backup");

  edge = box("box", 2);
  edge->define();
  edge->samples(7);
  edge->talk(*centre_);
  edge->samples(2);  // lost by the restore
  ASSERT_TRUE(edge->buffer().keep_marks());
  end(std::move(edge));
  const std::uint64_t before = stored();
  if (side_file_too)
    copy("backup", "box");
  else
    fs::copy_file(dir_.path() / "backup/buffer.db", dir_.path() / "box/buffer.db",
                  fs::copy_options::overwrite_existing);

  const auto unknown = "SELECT count(*) FROM edge WHERE unknown_until IS NOT NULL";
  edge = box("box", 3);
  EXPECT_EQ(edge->buffer().found().lost, !side_file_too) << "the box knows by its side file";
  edge->define();
  edge->samples(3);
  edge->talk(*centre_);
  EXPECT_EQ(count(unknown), 1) << "and the centre by what it was told before";
  EXPECT_EQ(stored() - before, 3 * kEach) << "what had come already came again, and is there once";
  end(std::move(edge));
}

TEST_F(Copies, AnOldBufferFileThatIsPutBackIsNoticedAndDoublesNothing) { put_back_an_old_file(false); }

TEST_F(Copies, AWholeOldDirectoryThatIsPutBackIsNoticedByTheCentreAndDoublesNothing) { put_back_an_old_file(true); }

TEST_F(Copies, ABoxThatIsImagedTwiceIsNoticedAndDoublesNothing) {
  auto original = box("box", 1);
  original->define();
  original->samples(5);
  original->talk(*centre_);
  original->samples(4);  // each of the three has them
  original->alert(raised(1, Level::red));
  end(std::move(original));
  copy("box", "second");
  copy("box", "third");
  std::vector<std::unique_ptr<FileBox>> boxes;
  boxes.push_back(box("box", 2));
  boxes.push_back(box("second", 3));
  boxes.push_back(box("third", 4));
  for (auto& one : boxes) one->define();
  EXPECT_EQ(count("SELECT count(*) FROM alert WHERE rule = 'two-boxes'"), 0);
  for (int round = 0; round < 3; ++round)
    for (auto& one : boxes) {
      one->samples(2);
      one->talk(*centre_);
    }
  EXPECT_EQ(stored(), (5u + 4 + 3 * 3 * 2) * kEach);
  EXPECT_EQ(count("SELECT count(*) FROM alert WHERE rule = 'two-boxes'"), 1) << "two boxes, one identity";
  EXPECT_EQ(count("SELECT count(*) FROM edge WHERE unknown_until IS NOT NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM alert WHERE rule <> 'two-boxes'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM notification WHERE level = 4"), 1) << "one alert, however many have it";
  for (auto& one : boxes) end(std::move(one));
}

}  // namespace
}  // namespace anlan::test
