// What register_oracle.py says, the decoder must say: types, orders, bits, scales, fault values, ranges, all at random.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "edge/sample/decoder.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {
namespace {

constexpr int kPoints = 2'000, kValues = 500;

/// The oracle's output, read as it comes.
class Oracle {
 public:
  explicit Oracle(int seed) {
    const std::string script =
        std::string(std::getenv("ANLAN_SOURCE_DIR")) + "/tests/integration/registers/register_oracle.py";
    const std::string command = "/usr/bin/python3 -B '" + script + "' " + std::to_string(seed) + " " +
                                std::to_string(kPoints) + " " + std::to_string(kValues);
    pipe_ = popen(command.c_str(), "r");
  }
  ~Oracle() {
    if (pipe_ != nullptr) pclose(pipe_);
  }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  bool read(void* out, std::size_t size) { return std::fread(out, 1, size, pipe_) == size; }
  template <class T>
  std::optional<T> number() {
    T value{};
    return read(&value, sizeof value) ? std::optional(value) : std::nullopt;
  }

 private:
  std::FILE* pipe_ = nullptr;
};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::string shown(const std::vector<std::uint16_t>& words) {
  std::string text;
  char word[8];
  for (const std::uint16_t each : words) {
    std::snprintf(word, sizeof word, " %04x", each);
    text += word;
  }
  return text;
}

TEST(RegisterOracle, AMillionValuesAreRight) {
  Oracle oracle(20261124);
  long values = 0, wrong = 0, faults = 0, out_of_range = 0;
  while (const auto length = oracle.number<std::uint32_t>()) {
    std::string text(*length, ' ');
    ASSERT_TRUE(oracle.read(text.data(), text.size()));
    const auto profile = read_profile(Document::parse(text, "oracle.toml").value());
    ASSERT_TRUE(profile) << to_text(profile.error()) << text;
    const Decoder decode(profile->points.front());
    const auto per_value = oracle.number<std::uint32_t>().value();
    ASSERT_EQ(std::get<ModbusSource>(profile->points.front().source).count(), static_cast<int>(per_value)) << text;
    std::vector<std::uint16_t> words(per_value);
    for (auto left = oracle.number<std::uint32_t>().value(); left > 0; --left, ++values) {
      ASSERT_TRUE(oracle.read(words.data(), words.size() * sizeof words[0]));
      const double expected = oracle.number<double>().value();
      const auto quality = static_cast<Quality>(oracle.number<std::uint8_t>().value());
      const Normalized made = decode(words);
      faults += quality == Quality::device_fault;
      out_of_range += quality == Quality::out_of_range;
      if (made.quality == quality && same(made.value, expected)) continue;
      if (++wrong <= 10)
        ADD_FAILURE() << text << "registers" << shown(words) << ": " << std::hexfloat << made.value << " "
                      << to_string(made.quality) << " where the oracle has " << expected << " " << to_string(quality);
    }
  }
  EXPECT_EQ(values, long{kPoints} * kValues) << "the oracle ended early";
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(faults, values / 100);
  EXPECT_GT(out_of_range, values / 100);
}

}  // namespace
}  // namespace anlan::edge
