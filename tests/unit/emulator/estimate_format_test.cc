#include "emulator/results/estimate_format.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

Estimate of(double mean, std::optional<double> half) {
  return {half ? size_t{3} : size_t{1}, mean, 0, half};
}

std::string text_of(double mean, std::optional<double> half, Unit unit) {
  const Estimate estimate = of(mean, half);
  return EstimateFormat(unit, {estimate}).text(estimate);
}

TEST(EstimateFormat, RoundsTheMeanWhereTheIntervalEnds) {
  EXPECT_EQ(text_of(90.9104e6, 28.1e3, Unit::kBitRate), "90.910 ± 0.028 Mbit/s");
  EXPECT_EQ(text_of(0.08902, 0.00037, Unit::kShare), "8.902 ± 0.037 %");
  EXPECT_EQ(text_of(90e6, 2.4841e6, Unit::kBitRate), "90.0 ± 2.5 Mbit/s");
  EXPECT_EQ(text_of(-8.3e6, 9.96e6, Unit::kBitRate), "-8 ± 10 Mbit/s");
}

TEST(EstimateFormat, WritesNumbersOut) {
  EXPECT_EQ(text_of(45'123, 6'812, Unit::kCount), "45100 ± 6800");
  EXPECT_EQ(text_of(1'234'567, 10, Unit::kCount), "1234567 ± 10");
  EXPECT_EQ(text_of(3, 0, Unit::kCount), "3 ± 0");
  EXPECT_EQ(text_of(49.02e6, 1.2e3, Unit::kDuration), "49.0200 ± 0.0012 ms");
}

TEST(EstimateFormat, KeepsOneUnitForAllOfAQuantity) {
  const std::vector<Estimate> rates = {of(0.6e6, 0.02e6), of(12e6, 1e6)};
  const EstimateFormat format(Unit::kBitRate, rates);
  EXPECT_EQ(format.text(rates[0]), "0.600 ± 0.020 Mbit/s");
  EXPECT_EQ(format.text(rates[1]), "12.0 ± 1.0 Mbit/s");
  EXPECT_EQ(format.signed_text(of(2e6, 1e5)), "+2.00 ± 0.10 Mbit/s");
  EXPECT_EQ(format.signed_text(of(-2e6, 1e5)), "-2.00 ± 0.10 Mbit/s");
}

TEST(EstimateFormat, SaysOnceThatThereIsNoInterval) {
  EXPECT_EQ(text_of(9.0591e6, std::nullopt, Unit::kBitRate), "9.059 Mbit/s");
  EXPECT_EQ(EstimateFormat(Unit::kBitRate, {}).text({}), "no value");
  EXPECT_EQ(no_interval_note({of(1, 1), of(2, 1)}), "");
  EXPECT_EQ(no_interval_note({of(1, std::nullopt), of(2, 1)}), "without ±: n = 1, no interval");
  EXPECT_EQ(no_interval_note({of(1, std::nullopt), {}}), "n = 1 throughout: no intervals");
}

TEST(NumberText, HasNoExponentForWhatPeopleWriteOut) {
  EXPECT_EQ(number_text(6812.4, 2), "6812");
  EXPECT_EQ(number_text(1878.3, 3), "1878");
  EXPECT_EQ(number_text(9.9996), "10");
  EXPECT_EQ(number_text(0.00012), "0.00012");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1.5e18), "1.5e+18");
}

}  // namespace
}  // namespace violin
