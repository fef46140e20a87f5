#include "emulator/scenario/rate_trace_reader.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

std::vector<uint32_t> read(const std::string& text) {
  std::istringstream input(text);
  return read_rate_trace(input, "t.up")->opportunities_ms;
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(RateTraceReader, ReadsOneMillisecondALine) {
  EXPECT_EQ(read("0\n5\n5\r\n 7 \n\n9"), (std::vector<uint32_t>{0, 5, 5, 7, 9}));
}

TEST(RateTraceReader, SaysTheLineThatIsWrong) {
  EXPECT_EQ(error_of("1\nx\n"),
            "t.up:2:1: not a line of a trace: x; allowed: one whole number of milliseconds, up to "
            "4294967295");
  EXPECT_EQ(error_of("5\n4\n"), "t.up:2:1: a trace cannot go back in time: 4; allowed: 5 or later");
  EXPECT_EQ(error_of(""), "t.up:1:1: the trace is empty");
  EXPECT_EQ(error_of("\n \n"), "t.up:1:1: the trace is empty");
  EXPECT_EQ(error_of("0\n0\n"),
            "t.up:2:1: the last line of a trace is its period and must be above 0 ms");
  EXPECT_EQ(error_of("1\n \t2 x\n").substr(0, 9), "t.up:2:3:");
  EXPECT_NE(error_of("-1\n"), "no error");
  EXPECT_NE(error_of("4294967296\n"), "no error");
}

TEST(RateTraceReader, ReadsTheRecordedLteTraces) {
  for (const char* name : {"Verizon-LTE-short.up", "Verizon-LTE-short.down"}) {
    const auto path = std::filesystem::path(VIOLIN_SHARED_DATA) / "traces" / name;
    std::ifstream input(path);
    if (!input) GTEST_SKIP() << "not here: " << path;
    const auto trace = read_rate_trace(input, name);
    EXPECT_GT(trace->opportunities_ms.size(), 10'000U);
    EXPECT_GT(trace->opportunities_ms.back(), 100'000U);
  }
}

}  // namespace
}  // namespace violin
