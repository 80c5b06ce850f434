#include "collector/people/one_time_code.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <liboath/oath.h>

#include "collector/people/secrets.hpp"
#include "common/io/http_target.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned kDigits = 6;

using OathText = std::unique_ptr<char, decltype(&std::free)>;

std::int64_t step_of(WallTime when) { return to_ms(when) / 1000 / kCodeStepSeconds; }

std::string code_of_step(const std::string& seed, std::int64_t step) {
  char* raw = nullptr;
  std::size_t size = 0;
  if (oath_base32_decode(seed.data(), seed.size(), &raw, &size) != OATH_OK) return {};
  const OathText secret(raw, &std::free);
  std::array<char, kDigits + 1> code{};
  const auto made = oath_totp_generate(secret.get(), size, static_cast<time_t>(step * kCodeStepSeconds),
                                       kCodeStepSeconds, 0, kDigits, code.data());
  return made == OATH_OK ? std::string(code.data()) : std::string();
}

}  // namespace

std::string new_code_seed() {
  std::array<std::uint64_t, 3> random{random64(), random64(), random64()};
  std::array<char, 20> bytes{};
  std::memcpy(bytes.data(), random.data(), bytes.size());
  char* raw = nullptr;
  std::size_t size = 0;
  if (oath_base32_encode(bytes.data(), bytes.size(), &raw, &size) != OATH_OK) throw std::bad_alloc();
  const OathText text(raw, &std::free);
  return {text.get(), size};
}

std::string code_uri(std::string_view seed, std::string_view name) {
  return "otpauth://totp/Anlan:" + percent_encode(name) + "?secret=" + std::string(seed) + "&issuer=Anlan";
}

std::string code_at(const std::string& seed, WallTime when) { return code_of_step(seed, step_of(when)); }

std::optional<std::int64_t> matching_step(const std::string& seed, std::string_view code, WallTime now,
                                          std::int64_t last) {
  std::optional<std::int64_t> found;
  for (const std::int64_t off : {-1, 0, 1}) {  // all three are made whatever fits: the time says nothing
    const std::int64_t step = step_of(now) + off;
    const std::string right = code_of_step(seed, step);
    if (!right.empty() && same_secret(right, code) && step > last) found = step;
  }
  return found;
}

}  // namespace anlan::collector
