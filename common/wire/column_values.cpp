#include "common/wire/column_values.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "common/base/decimal.hpp"
#include "common/wire/numbers.hpp"

namespace anlan::wire {
namespace {

// How a column's values are numbers: 0 … 9 digits after the point, the same of a float's decimals, bits.
constexpr int kForms = kMostDigits + 1;
constexpr int kDecimal = 0, kSingleDecimal = kForms, kSingle = 2 * kForms, kDouble = kSingle + 1;
constexpr int kSpareDigits = 3;  // more than needed, where the column before has them: a change takes two bytes

bool scale(std::span<const double> values, int form, std::vector<std::int64_t>& out) {
  const bool single = form >= kSingleDecimal;
  const int digits = form % kForms;
  out.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto number = to_scaled(values[i], digits, single);
    if (!number) return false;
    out[i] = *number;
  }
  return true;
}

/// The fewest digits with which every value survives, or a few more where the column before has them.
std::optional<int> decimal_form(std::span<const double> values, int family, int before,
                                std::vector<std::int64_t>& out) {
  for (int form = family; form < family + kForms; ++form) {
    if (!scale(values, form, out)) continue;
    if (before <= form || before > form + kSpareDigits || before >= family + kForms) return form;
    if (scale(values, before, out)) return before;
    scale(values, form, out);
    return form;
  }
  return std::nullopt;
}

std::optional<float> as_single(double value) {
  if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) return std::nullopt;
  const auto single = static_cast<float>(value);
  return same_bits(static_cast<double>(single), value) ? std::optional(single) : std::nullopt;
}

bool single_bits(std::span<const double> values, std::vector<std::int64_t>& out) {
  out.clear();
  for (const double value : values) {
    const auto single = as_single(value);
    if (!single) return false;
    out.push_back(std::bit_cast<std::int32_t>(*single));
  }
  return true;
}

int form_of(std::span<const double> values, int before, std::vector<std::int64_t>& out) {
  if (before >= kDecimal && before <= kDecimal + kSpareDigits && scale(values, before, out))
    return before;  // what the search below would find: no form has fewer digits than it may spare
  for (const int family : {kDecimal, kSingleDecimal})
    if (const auto form = decimal_form(values, family, before, out)) return *form;
  if (single_bits(values, out)) return kSingle;
  out.clear();
  for (const double value : values) out.push_back(std::bit_cast<std::int64_t>(value));
  return kDouble;
}

double value_of(std::int64_t number, int form) {
  if (form == kDouble) return std::bit_cast<double>(number);
  if (form == kSingle) return static_cast<double>(std::bit_cast<float>(static_cast<std::int32_t>(number)));
  return from_scaled(number, form % kForms, form >= kSingleDecimal);
}

/// Modulo 2^64.
std::int64_t step(std::int64_t from, std::int64_t to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}
std::int64_t after(std::int64_t from, std::int64_t by) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(by));
}

}  // namespace

void ValueWriter::end_column() {
  if (values_.empty()) return;
  const int form = form_of(values_, form_, numbers_);
  if (form != form_ && run_ > 0) {
    out_ += static_cast<char>(form_);
    put_varint(out_, run_);
    run_ = 0;
  }
  form_ = form;
  ++run_;
  firsts_.push_back(numbers_.front());
  for (std::size_t i = 1; i < numbers_.size(); ++i) steps_.push_back(step(numbers_[i - 1], numbers_[i]));
  values_.clear();
}

void ValueWriter::end() {
  if (run_ > 0) {
    out_ += static_cast<char>(form_);
    put_varint(out_, run_);
  }
  put_numbers(out_, firsts_);
  put_numbers(out_, steps_);
}

std::vector<double> read_values(ByteReader& in, std::span<const std::size_t> columns, std::size_t count) {
  std::vector<unsigned char> forms;
  forms.reserve(columns.size());
  while (forms.size() < columns.size() && in.ok()) {
    const unsigned char form = in.byte();
    const std::uint64_t run = in.varint();
    if (form > kDouble || run == 0 || run > columns.size() - forms.size()) return in.fault(), std::vector<double>{};
    forms.insert(forms.end(), run, form);
  }
  if (!in.ok()) return {};
  std::vector<std::int64_t> firsts(columns.size()), steps(count - columns.size());
  get_numbers(in, firsts);
  get_numbers(in, steps);
  if (!in.ok()) return {};
  std::vector<double> values;
  values.reserve(count);
  auto by = steps.begin();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::int64_t number = firsts[c];
    values.push_back(value_of(number, forms[c]));
    for (std::size_t i = 1; i < columns[c]; ++i) values.push_back(value_of(number = after(number, *by++), forms[c]));
  }
  return values;
}

}  // namespace anlan::wire
