// The buffer's file is damaged at a random place (flipped bits, a page of zeros, a cut): the next process works at
// once, gives no record that differs from what was committed, and accounts for every one: held, received, or void. Also
// while the process runs. The same with the buffer encrypted. ANLAN_SLOW: a thousand times in the clear, 250 times
// encrypted; ANLAN_ROT_ROUNDS: so often each.
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "tests/support/cipher_keys.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::edge {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEdge = "edge-1";
constexpr std::uint64_t kCap = 4 << 20;

Stamp at(std::int64_t ms) { return {wall_from_ms(1'795'421'700'000 + ms), mono_from_ms(ms), ClockState::synced}; }
Buffer::Identity process(std::uint64_t n) { return {kEdge, {n, 7}, {9, n}, "test"}; }

/// A buffer as a site has it after a while: three epochs, received and waiting rows, active alerts, long payloads.
class Original {
 public:
  Original(const std::string& file, const BufferKeys& keys) {
    for (std::uint64_t n = 1; n <= 3; ++n) live(file, keys, n);
    auto storage = SqliteStorage::open(file, kEdge, keys);
    const auto loaded = (*storage)->load();
    ledger = loaded->ledger;
    for (const auto& [place, state] : ledger.places)
      for (Record& record : (*storage)->read(place, state.held, 1'000'000, 1'000'000'000).value())
        records.emplace(record.id, std::move(record));
  }
  Ledger ledger;
  std::map<RecordId, Record> records;

 private:
  void live(const std::string& file, const BufferKeys& keys, std::uint64_t n) {
    auto storage = SqliteStorage::open(file, kEdge, keys);
    Buffer buffer(**storage, process(n), kCap);
    ASSERT_TRUE(buffer.open(at(0)));
    const std::string definition = encode_payload(test::example_definition());
    std::mt19937_64 random(n);
    for (int i = 0; i < 150; ++i) {
      Commit commit;
      Samples samples{hash128(definition), {}};
      for (std::size_t k = 0; k < 1 + random() % 300; ++k)
        samples.samples.push_back({0, static_cast<double>(random() % 1000), Quality::good, at(i * 1000).wall, {}});
      commit.entries.push_back(
          {Kind::samples, encode_payload(samples), static_cast<std::uint32_t>(samples.samples.size())});
      commit.definitions = {{hash128(definition), definition}};
      commit.engine_state = std::string(500, static_cast<char>('a' + i % 26));
      if (i % 10 == 0) {
        AlertTransition t = test::example_alert();
        t.alert = {n, static_cast<std::uint64_t>(i)};
        commit.entries.push_back({Kind::alert, encode_payload(t), 0});
        commit.active = {{t.alert, t}};
      }
      ASSERT_TRUE(buffer.commit(std::move(commit), at(i * 1000)));
    }
    ASSERT_TRUE(buffer.mark_received({{{{n, 7}, Stream::telemetry}, RangeSet(10, 30)}}, at(0).mono));
    ASSERT_TRUE(buffer.keep_marks());
  }
};

std::string damage(const std::string& file, std::mt19937_64& random) {
  std::string bytes = test::read_file(file);
  const std::size_t place = random() % bytes.size();
  std::string what;
  switch (random() % 4) {
    case 0:
      bytes.resize(place);
      what = "cut at ";
      break;
    case 1:
      bytes.replace(place / 4096 * 4096, 4096, 4096, '\0');
      what = "page of zeros at ";
      break;
    case 2:
      for (int i = 0; i < 20; ++i) bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      what = "twenty flips, near ";
      break;
    default:
      bytes[place] ^= static_cast<char>(1 << random() % 8);
      what = "a flip at ";
  }
  test::write_file(file, bytes);
  return what + std::to_string(place) + " of " + std::to_string(bytes.size());
}

/// A process on the damaged file, until all is read and saved.
class Survivor {
 public:
  Survivor(const std::string& file, const BufferKeys& keys) {
    auto opened = SqliteStorage::open(file, kEdge, keys);
    if (!opened) throw std::runtime_error(opened.error().message);
    storage_ = std::move(*opened);
    buffer = std::make_unique<Buffer>(*storage_, process(4), kCap);
  }

  /// A commit works: what a poll brings is stored. Damage that shows on the way is healed, as AsyncBuffer does it.
  void start() { ASSERT_TRUE(buffer->open(at(0))); }
  void commit() {
    healing([&] { return buffer->commit({{{Kind::edge_event, "x", 0}}, {}, "engine", {}}, at(1)); });
  }
  void save() {
    bool more = true;
    while (more) healing([&] { return more_of(more); });
  }
  /// Everything that it would send.
  std::map<RecordId, Record> read() {
    std::map<RecordId, Record> all;
    const auto ledger = buffer->snapshot();
    for (const auto& [place, state] : ledger->places) {
      RangeSet rest = state.held;
      while (!rest.empty()) {
        Result<std::vector<Record>> rows;
        healing([&]() -> Result<void> {
          rows = buffer->read(place, rest, 100, 1 << 20, at(2));
          return rows ? Result<void>{} : Result<void>(fail(rows.error()));
        });
        if (!rows) return {};  // healed: all of it is asked for anew
        rest = rest.intersection(buffer->snapshot()->at(place).held);
        for (Record& record : *rows) {
          rest.remove(0, record.id.sequence + 1);
          all.insert_or_assign(record.id, std::move(record));
        }
        if (rows->empty() && rest == state.held.intersection(buffer->snapshot()->at(place).held)) break;
      }
    }
    return all;
  }
  int healed = 0;
  std::unique_ptr<Buffer> buffer;

 private:
  Result<void> more_of(bool& more) {
    const auto adopted = buffer->adopt(at(3));
    if (!adopted) return fail(adopted.error());
    more = *adopted;
    return {};
  }
  template <class Call>
  void healing(Call call) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Result<void> done = call();
      if (done) return;
      ASSERT_EQ(done.error().code, Errc::storage_corrupt) << done.error().message;
      ++healed;
      ASSERT_TRUE(buffer->heal({100 + static_cast<std::uint64_t>(healed), 7}, at(4)));
    }
    FAIL() << "it does not heal";
  }
  std::unique_ptr<SqliteStorage> storage_;
};

RangesByPlace voids_in(const std::map<RecordId, Record>& records) {
  RangesByPlace voids;
  for (const auto& [id, record] : records) {
    std::vector<Void> said;
    if (record.kind == Kind::gap) said = decode_gap(record.payload)->voids;
    if (record.kind == Kind::start) said = decode_start(record.payload)->losses;
    for (const Void& v : said) voids[v.place].add(v.ranges);
  }
  return voids;
}

struct Tally {
  int untouched = 0, gaps = 0, replaced = 0;
  std::size_t saved = 0, all = 0;
};

void survive(const Original& original, const std::string& file, const BufferKeys& keys, Tally& tally) {
  Survivor survivor(file, keys);
  survivor.start();
  survivor.commit();
  for (int pass = 0; pass < 3; ++pass) {
    survivor.save();
    (void)survivor.read();
  }
  const auto left = survivor.read();
  const auto ledger = survivor.buffer->snapshot();
  const auto voids = voids_in(left);
  std::size_t same = 0;
  for (const auto& [id, record] : left) {
    const auto was = original.records.find(id);
    if (was == original.records.end()) continue;  // its own
    ASSERT_EQ(record, was->second) << "a record that was never committed";
    ++same;
  }
  for (const auto& [id, record] : original.records) {
    if (left.contains(id) || ledger->at(id.place).received.contains(id.sequence)) continue;
    const auto said = voids.find(id.place);
    ASSERT_TRUE(said != voids.end() && said->second.contains(id.sequence))
        << to_string(id.place.stream) << " " << id.sequence << " is gone and nobody says so";
  }
  for (const auto& [place, state] : original.ledger.places)
    EXPECT_TRUE(ledger->at(place).received.intersection(RangeSet(0, state.next)).count() <= state.received.count())
        << "nothing is taken for received that was not";
  if (survivor.healed > 0 || survivor.buffer->found().damaged)
    ++tally.replaced;
  else if (same < original.records.size())
    ++tally.gaps;
  else
    ++tally.untouched;
  tally.saved += same;
  tally.all += original.records.size();
}

/// How the file stands: in the clear, encrypted, half of it under the key of before.
struct Standing {
  const char* name;
  char first_key, key;  // 0: none
  BufferKeys first() const { return {of(first_key), {}}; }
  BufferKeys later() const { return {of(key), of(first_key)}; }
  static std::optional<CipherKey> of(char key) { return key ? std::optional(test::cipher_key(key)) : std::nullopt; }
};

int rounds_for(const Standing& standing) {
  if (const char* rounds = std::getenv("ANLAN_ROT_ROUNDS")) return std::atoi(rounds);
  if (std::getenv("ANLAN_SLOW")) return standing.key ? 250 : 1000;
  return 40;
}

class BufferRot : public testing::TestWithParam<Standing> {
 protected:
  const BufferKeys first_ = GetParam().first(), keys_ = GetParam().later();
};

TEST_P(BufferRot, AnyDamageIsFoundAccountedForAndSurvived) {
  const auto dir = test::TempDir::in_memory();
  const std::string pristine = dir.file("buffer.db");
  const Original original(pristine, first_);
  if (testing::Test::HasFatalFailure()) return;
  const int rounds = rounds_for(GetParam());
  std::mt19937_64 random(20261124);
  Tally tally;
  for (int round = 0; round < rounds; ++round) {
    const auto box = test::TempDir::in_memory();
    for (const char* part : {"", ".marks", ".marks2"}) fs::copy_file(pristine + part, box.file("buffer.db") + part);
    SCOPED_TRACE("round " + std::to_string(round) + ": " + damage(box.file("buffer.db"), random));
    survive(original, box.file("buffer.db"), keys_, tally);
    if (HasFatalFailure() || HasFailure()) return;
  }
  std::cout << GetParam().name << ": " << tally.untouched << " without effect, " << tally.gaps << " told by gaps, "
            << tally.replaced << " replaced; " << tally.saved << " of " << tally.all << " records saved\n";
  EXPECT_GT(tally.replaced, 0);
  EXPECT_GT(tally.gaps, 0);
  EXPECT_GT(tally.saved, tally.all / 2) << "a page of damage does not cost the whole file";
}

TEST_P(BufferRot, ALostBufferIsSaidToBeLost) {
  const auto dir = test::TempDir::in_memory();
  const std::string file = dir.file("buffer.db");
  const Original original(file, first_);
  fs::remove(file);
  Tally tally;
  survive(original, file, keys_, tally);
  EXPECT_EQ(tally.saved, 0u);
}

INSTANTIATE_TEST_SUITE_P(Buffer, BufferRot,
                         testing::Values(Standing{"Plain", 0, 0}, Standing{"Encrypted", '1', '1'},
                                         Standing{"KeyChanged", '1', '2'}),
                         [](const auto& standing) { return standing.param.name; });

}  // namespace
}  // namespace anlan::edge
