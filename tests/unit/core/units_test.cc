#include "core/units.hh"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace violin {
namespace {

std::string error_of(const std::function<void()>& parse) {
  try {
    parse();
  } catch (const UnitError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Units, ReadsDurationsOfEveryUnitWithOrWithoutASpace) {
  EXPECT_EQ(parse_duration("10 ms"), Duration::milliseconds(10));
  EXPECT_EQ(parse_duration("10ms"), Duration::milliseconds(10));
  EXPECT_EQ(parse_duration("7 ns"), Duration::nanoseconds(7));
  EXPECT_EQ(parse_duration("1.5 us"), Duration::nanoseconds(1500));
  EXPECT_EQ(parse_duration("2 min"), Duration::seconds(120));
  EXPECT_EQ(parse_duration("1 h"), Duration::seconds(3600));
  EXPECT_EQ(parse_duration("-3 s"), Duration::seconds(-3));
}

TEST(Units, RoundsFractionsToTheNearestNanosecond) {
  EXPECT_EQ(parse_duration("1.4 ns").ns(), 1);
  EXPECT_EQ(parse_duration("1.5 ns").ns(), 2);
  EXPECT_EQ(parse_duration("0.000000001 s").ns(), 1);
  EXPECT_EQ(parse_duration("0.123456789123 s").ns(), 123'456'789);
}

TEST(Units, ReadsTheLargestDurationAndRefusesTheNext) {
  EXPECT_EQ(parse_duration("9223372036854775807 ns"), Duration::max());
  EXPECT_EQ(parse_duration("9223372036.854775807 s"), Duration::max());
  EXPECT_NE(error_of([] { parse_duration("9223372036854775808 ns"); }), "no error");
  EXPECT_NE(error_of([] { parse_duration("9223372036.854775808 s"); }), "no error");
}

TEST(Units, RefusesWhatDoesNotFit) {
  EXPECT_NE(error_of([] { parse_duration("2562048 h"); }), "no error");
  EXPECT_EQ(parse_duration("2562047 h").ns(), int64_t{2562047} * 3'600'000'000'000);
}

TEST(Units, ReadsRatesAsTcAndShadowWriteThem) {
  for (const char* text :
       {"100 Mbit/s", "100Mbit/s", "100 Mbit", "100mbit", "0.1 Gbit/s", "100000 kbit/s"}) {
    EXPECT_EQ(parse_bit_rate(text), BitRate::megabits_per_second(100)) << text;
  }
}

TEST(Units, RefusesMbpsWithTheReason) {
  const std::string error = error_of([] { parse_bit_rate("100 Mbps"); });
  EXPECT_NE(error.find("bits (iperf) or bytes (tc)"), std::string::npos) << error;
  EXPECT_NE(error.find("100 Mbps"), std::string::npos) << error;
}

TEST(Units, RefusesAMissingUnit) {
  EXPECT_NE(error_of([] { parse_duration("10"); }).find("unit is missing"), std::string::npos);
  EXPECT_NE(error_of([] { parse_bit_rate("10"); }).find("unit is missing"), std::string::npos);
  EXPECT_NE(error_of([] { parse_bytes("10"); }).find("unit is missing"), std::string::npos);
  EXPECT_NE(error_of([] { parse_probability("0.5"); }).find("unit is missing"), std::string::npos);
}

TEST(Units, RefusesTextThatIsNoQuantity) {
  for (const char* text : {"", " ", "ms", "10 m s", "1e3 ms", "0x10 ms", "1. ms", ".5 ms", "+1 ms",
                           "10 MS", "1 ms 2", "--1 ms", "1,5 ms"}) {
    EXPECT_THROW(parse_duration(text), UnitError) << text;
  }
}

TEST(Units, TellsDecimalFromBinaryBytes) {
  EXPECT_EQ(parse_bytes("64 KiB"), Bytes(65'536));
  EXPECT_EQ(parse_bytes("64 kB"), Bytes(64'000));
  EXPECT_EQ(parse_bytes("1.5 MiB"), Bytes(1'572'864));
  EXPECT_THROW(parse_bytes("64 KB"), UnitError);
  EXPECT_THROW(parse_bytes("-1 B"), UnitError);
}

TEST(Units, ReadsProbabilitiesFromNeverToAlways) {
  EXPECT_EQ(parse_probability("0 %"), Probability::never());
  EXPECT_EQ(parse_probability("100%"), Probability::always());
  EXPECT_EQ(parse_probability("0.5 %"), Probability::ratio(1, 200));
  EXPECT_THROW(parse_probability("100.1 %"), UnitError);
  EXPECT_THROW(parse_probability("100.00000000001 %"), UnitError);
  EXPECT_THROW(parse_probability("-1 %"), UnitError);
}

TEST(Units, ReadsFrequencies) {
  EXPECT_EQ(parse_frequency("5 /s"), 5.0);
  EXPECT_EQ(parse_frequency("0.25/s"), 0.25);
  EXPECT_THROW(parse_frequency("5"), UnitError);
  EXPECT_THROW(parse_frequency("0 /s"), UnitError);
  EXPECT_THROW(parse_frequency("-5 /s"), UnitError);
}

TEST(Units, WritesTheUnitAPersonWouldChoose) {
  EXPECT_EQ(to_string(Duration::microseconds(1500)), "1.5 ms");
  EXPECT_EQ(to_string(Duration::seconds(60)), "60 s");
  EXPECT_EQ(to_string(Duration()), "0 s");
  EXPECT_EQ(to_string(Duration::milliseconds(-20)), "-20 ms");
  EXPECT_EQ(to_string(BitRate::megabits_per_second(100)), "100 Mbit/s");
  EXPECT_EQ(to_string(Bytes(65'536)), "64 KiB");
  EXPECT_EQ(to_string(Bytes(1514)), "1514 B");
  EXPECT_EQ(to_string(Bytes(2'000'000)), "2 MB");
  EXPECT_EQ(to_string(Probability::ratio(1, 200)), "0.5 %");
  EXPECT_EQ(to_string(Probability::always()), "100 %");
}

TEST(Units, ReadsBackExactlyWhatItWrites) {
  uint64_t bits = 1;
  for (int i = 0; i < 2000; ++i) {
    bits = bits * 6364136223846793005 + 1442695040888963407;  // Knuth's linear congruence
    const auto positive = static_cast<int64_t>(bits >> 1) >> (i % 62);
    const int64_t either = i % 2 == 0 ? positive : -positive;
    EXPECT_EQ(parse_duration(to_string(Duration::nanoseconds(either))).ns(), either);
    EXPECT_EQ(parse_bit_rate(to_string(BitRate::bits_per_second(positive))).bps(), positive);
    EXPECT_EQ(parse_bytes(to_string(Bytes(positive))).count(), positive);
    const auto probability =
        Probability::from_parts(static_cast<uint64_t>(positive) % (Probability::kOne + 1));
    EXPECT_EQ(parse_probability(to_string(probability)), probability);
  }
}

}  // namespace
}  // namespace violin
