#include "common/wire/columns.hpp"

#include <algorithm>
#include <bit>

#include "common/base/decimal.hpp"
#include "common/wire/bits.hpp"
#include "common/wire/column_layout.hpp"
#include "common/wire/column_values.hpp"
#include "common/wire/convert.hpp"

namespace anlan::wire {
namespace {

std::uint64_t ms(const Sample& sample) { return static_cast<std::uint64_t>(to_ms(sample.time)); }

// ---- times: those of a record differ rarely from one column to the next -------------------------------------------

/// What the next column's samples are expected to say: the times of the columns before, by place in the column.
class Expected {
 public:
  /// Of the sample at `place`, with the one before it in its column at `before`.
  std::uint64_t at(std::size_t place, std::uint64_t before) const {
    return place < times_.size() ? times_[place] : before;
  }
  bool fresh(std::size_t place) const { return place == times_.size(); }
  void set(std::size_t place, std::uint64_t time) {
    if (fresh(place))
      times_.push_back(time);
    else
      times_[place] = time;
  }

 private:
  std::vector<std::uint64_t> times_;
};

/// `base`: of the record before, and then of this one.
void put_times(std::string& out, std::span<const Sample> samples, std::span<const Cell> cells, std::uint64_t& base) {
  const std::uint64_t before_all = std::exchange(base, samples.empty() ? base : ms(samples.front()));
  put_varint(out, zigzag(base - before_all));
  Expected expected;
  std::string exceptions;
  std::size_t count = 0, skipped = 0;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const Cell& cell = cells[c];
    std::uint64_t before = base;
    for (std::size_t i = 0; i < cell.count; ++i) {
      const std::uint64_t time = ms(samples[cell.at + i]), guess = expected.at(i, before);
      before = time;
      const bool fresh = expected.fresh(i);
      if (time == guess) {
        if (fresh) expected.set(i, time);
        ++skipped;
        continue;
      }
      // One late sample among others: the next column is expected to go on as before it.
      const bool alone =
          !fresh && c + 1 < cells.size() && i < cells[c + 1].count && ms(samples[cells[c + 1].at + i]) == guess;
      if (!alone) expected.set(i, time);
      put_varint(exceptions, std::exchange(skipped, 0) << 1 | (alone ? 1 : 0));
      put_varint(exceptions, zigzag(time - guess));
      ++count;
    }
  }
  put_varint(out, count);
  out += exceptions;
}

void get_times(ByteReader& in, std::span<Sample> samples, std::span<const Cell> cells, std::uint64_t& base) {
  base += unzigzag(in.varint());
  std::uint64_t count = in.varint(), skip = 0, step = 0;
  bool alone = false;
  const auto advance = [&] {
    if (count == 0) return;
    const std::uint64_t head = in.varint();
    skip = head >> 1;
    alone = head & 1;
    step = unzigzag(in.varint());
  };
  advance();
  Expected expected;
  for (const Cell& cell : cells) {
    std::uint64_t before = base;
    for (std::size_t i = 0; i < cell.count; ++i) {
      std::uint64_t time = expected.at(i, before);
      const bool exception = count > 0 && skip == 0;
      if (exception) time += step;
      if (expected.fresh(i) || (exception && !alone)) expected.set(i, time);
      samples[cell.at + i].time = wall_from_ms(static_cast<std::int64_t>(time));
      before = time;
      if (exception) {
        --count;
        advance();
      } else if (count > 0) {
        --skip;
      }
    }
  }
  if (count > 0) in.fault();
}

// ---- qualities: as few bits as the different ones need ------------------------------------------------------------

constexpr unsigned kWords = 16;  // eight qualities, each with a value and without

bool no_value(double value) { return same_bits(value, kNoValue); }
unsigned word_of(const Sample& sample) {
  return static_cast<unsigned>(sample.quality) << 1 | (no_value(sample.value) ? 1u : 0u);
}

/// Every sample, point by point.
template <class Records, class F>
void each(Records& records, const Layout& layout, F f) {
  if (records.size() == 1) {
    for (auto& sample : records[0].samples) f(sample);
    return;
  }
  for (const Cell& cell : layout.by_point())
    for (std::size_t i = 0; i < cell.count; ++i) f(records[cell.record].samples[cell.at + i]);
}

/// The words in use, in their order.
struct Words {
  explicit Words(std::uint64_t used) {
    for (unsigned word = 0; word < kWords; ++word)
      if (used >> word & 1) {
        index[word] = count;
        list[count++] = word;
      }
    width = static_cast<unsigned>(std::bit_width(count == 0 ? 0 : count - 1));
  }
  unsigned index[kWords] = {}, list[kWords] = {}, count = 0, width = 0;
};

void put_qualities(std::string& out, std::span<const Samples> records, const Layout& layout) {
  std::uint64_t used = 0;
  each(records, layout, [&](const Sample& sample) { used |= std::uint64_t{1} << word_of(sample); });
  put_varint(out, used);
  const Words words(used);
  if (words.width == 0) return;
  BitWriter bits(out);
  each(records, layout, [&](const Sample& sample) { bits.put(words.index[word_of(sample)], words.width); });
  bits.end();
}

/// Where there is a value it is 0 so far.
void get_qualities(ByteReader& in, std::vector<Samples>& records, const Layout& layout) {
  const std::uint64_t used = in.varint();
  if (used >> kWords != 0) throw Bad{Errc::unsupported, "samples have a quality that is not known here"};
  const Words words(used);
  BitReader bits(in.take((std::uint64_t{words.width} * layout.samples() + 7) / 8));
  if (!in.ok()) return;
  each(records, layout, [&](Sample& sample) {
    const auto index = bits.get(words.width);
    if (index >= words.count) return in.fault();
    const unsigned word = words.list[index];
    sample.quality = static_cast<Quality>(word >> 1);
    sample.value = word & 1 ? kNoValue : 0;
  });
}

// ---- values: each column's first, and its steps -------------------------------------------------------------------

void put_values(std::string& out, std::span<const Samples> records, const Layout& layout) {
  ValueWriter writer(out, layout.samples());
  const auto cells = layout.by_point();
  for (std::size_t c = 0; c < cells.size();) {
    const std::uint32_t point = cells[c].point;
    for (; c < cells.size() && cells[c].point == point; ++c)
      for (std::size_t i = 0; i < cells[c].count; ++i) {
        const double value = records[cells[c].record].samples[cells[c].at + i].value;
        if (!no_value(value)) writer.add(value);
      }
    writer.end_column();
  }
  writer.end();
}

void get_values(ByteReader& in, std::vector<Samples>& records, const Layout& layout) {
  std::vector<std::size_t> columns;  // how many values each has; those without any are left out
  const auto cells = layout.by_point();
  std::size_t values = 0;
  for (std::size_t c = 0; c < cells.size();) {
    const std::uint32_t point = cells[c].point;
    std::size_t count = 0;
    for (; c < cells.size() && cells[c].point == point; ++c)
      for (std::size_t i = 0; i < cells[c].count; ++i)
        count += no_value(records[cells[c].record].samples[cells[c].at + i].value) ? 0 : 1;
    if (count > 0) columns.push_back(count);
    values += count;
  }
  const std::vector<double> read = read_values(in, columns, values);
  if (!in.ok()) return;
  auto next = read.begin();
  each(records, layout, [&](Sample& sample) {
    if (!no_value(sample.value)) sample.value = *next++;
  });
}

bool by_point(const Samples& record) { return std::ranges::is_sorted(record.samples, {}, &Sample::point); }

/// By point, each point's samples in their order.
std::vector<Sample> sorted(const std::vector<Sample>& samples) {
  std::vector<const Sample*> order;
  for (const Sample& sample : samples) order.push_back(&sample);
  std::ranges::sort(
      order, [](const Sample* a, const Sample* b) { return a->point != b->point ? a->point < b->point : a < b; });
  std::vector<Sample> out;
  for (const Sample* sample : order) out.push_back(*sample);
  return out;
}

std::size_t head_of(ByteReader& in, DefinitionHash& definition) {
  if (in.byte() != static_cast<unsigned char>(kColumns))
    throw Bad{Errc::unsupported, "samples in a form not known here"};
  const std::uint64_t records = in.varint();
  definition = id_from<DefinitionHash>(std::string(in.take(16)), "definition hash");
  return records;
}

}  // namespace

std::string encode_columns(std::span<const Samples> given) {
  if (!std::ranges::all_of(given, by_point)) {
    std::vector<Samples> copy(given.begin(), given.end());
    for (Samples& record : copy) record.samples = sorted(record.samples);
    return encode_columns(copy);
  }
  std::string out(1, kColumns);
  std::size_t samples = 0;
  for (const Samples& record : given) samples += record.samples.size();
  out.reserve(64 + 4 * samples);
  put_varint(out, given.size());
  out += bytes(given.front().definition);
  Layout layout;
  for (const Samples& record : given) layout.add(record.samples);
  layout.put(out);
  std::uint64_t base = 0;
  for (std::size_t r = 0; r < given.size(); ++r) put_times(out, given[r].samples, layout.of_record(r), base);
  layout.sort();
  put_qualities(out, given, layout);
  put_values(out, given, layout);
  return out;
}

Result<std::vector<Samples>> decode_columns(std::string_view data, std::size_t most_records, std::size_t most_samples) {
  return guarded([&] {
    ByteReader in(data);
    DefinitionHash definition;
    const std::size_t count = head_of(in, definition);
    if (count > most_records) throw Bad{Errc::too_large, "more records than expected in one"};
    Layout layout;
    layout.get(in, count, most_samples);
    std::vector<Samples> records(count);
    std::uint64_t base = 0;
    for (std::size_t r = 0; r < count; ++r) {
      records[r].definition = definition;
      records[r].samples.resize(layout.samples_of(r));
      for (const Cell& cell : layout.of_record(r))
        for (std::size_t i = 0; i < cell.count; ++i) records[r].samples[cell.at + i].point = cell.point;
      get_times(in, records[r].samples, layout.of_record(r), base);
    }
    layout.sort();
    get_qualities(in, records, layout);
    if (in.ok()) get_values(in, records, layout);
    if (count == 0 || !in.ok() || !in.done()) throw Bad{Errc::malformed, "samples do not decode"};
    return records;
  });
}

Result<std::size_t> count_columns(std::string_view data) {
  return guarded([&]() -> std::size_t {
    ByteReader in(data);
    DefinitionHash definition;
    if (head_of(in, definition) != 1) throw Bad{Errc::malformed, "more than one record in a payload"};
    Layout layout;
    layout.get(in, 1, kMaxFrameSamples);
    return layout.samples();
  });
}

}  // namespace anlan::wire
