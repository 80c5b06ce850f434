#include "collector/store/victoria/exact_form.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "common/model/sample.hpp"

namespace anlan::collector::victoria {
namespace {

TEST(ExactForm, DecimalsOfInstrumentsAreWrittenAsTheyAre) {
  for (const double value : {0.0, 1.5, -273.15, 0.1, 20.25, 999'999.999999, 1e-6, -999'999'999.0, 123456.0})
    EXPECT_EQ(written(value).form, Form::decimal) << value;
}

TEST(ExactForm, WhatTheEngineWouldRoundIsWrittenAsBits) {
  for (const double value : {1.0 / 3, 0.1 + 0.2, 1e9, -1e9, 1e300, 5e-324, 1'000'000.5, 1e-7, -0.0, 1'234'567.891,
                             std::numeric_limits<double>::infinity(), std::bit_cast<double>(0xfff8000000000123u)})
    EXPECT_EQ(written(value).form, Form::bits) << value;
}

TEST(ExactForm, AFloatOfAnInstrumentIsItsShortDecimal) {
  const Written form = written(static_cast<double>(23.4f));
  EXPECT_EQ(form.form, Form::float32);
  EXPECT_EQ(form.shown, 23.4);
  EXPECT_EQ(written(static_cast<double>(1e-9f)).form, Form::bits) << "too many digits";
}

TEST(ExactForm, NoValueIsNoValueAndNoOtherNaN) {
  EXPECT_EQ(written(kNoValue).form, Form::none);
  EXPECT_EQ(written(-kNoValue).form, Form::bits);
}

TEST(ExactForm, EveryDoubleIsFoundAgain) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    double value = std::bit_cast<double>(random());
    if (i % 4 == 1) value = static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000) / 1000;
    if (i % 4 == 2) value = static_cast<double>(static_cast<float>(value));
    if (i % 4 == 3) value = static_cast<double>(random() % 100'000) * 0.1;
    const Written form = written(value);
    const double found = form.form == Form::none   ? kNoValue
                         : form.form == Form::bits ? from_halves(high_half(value), low_half(value))
                                                   : read_back(form.form, form.shown);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(found), std::bit_cast<std::uint64_t>(value)) << value;
    if (form.form == Form::decimal || form.form == Form::float32) {
      ASSERT_TRUE(is_exact_decimal(form.shown));
    }
  }
}

}  // namespace
}  // namespace anlan::collector::victoria
