#include "emulator/program/iperf3_output.hh"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "emulator/program/program_failure.hh"

namespace violin {
namespace {

using namespace literals;

// Recorded from iperf3 3.12 on a path of 20 ms each way, with intervals of 0.5 s (size: 0.1 s).
std::string recorded(const std::string& name) {
  std::ifstream in(VIOLIN_SOURCE_DIR "/tests/unit/emulator/data/iperf3_" + name + ".json");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

Iperf3Output output(const std::string& name, const Iperf3Reading& how) {
  return {recorded(name + ".server"), recorded(name + ".client"), how};
}

// Launched at 1 s; the round trip is made even, for the sake of the numbers below.
Iperf3Reading reading() {
  Iperf3Reading how;
  how.launched = Time::zero() + 1_s;
  how.round_trip = 40_ms;
  how.window = {Time::zero(), Time::zero() + 100_s};
  return how;
}

TEST(Iperf3Output, GoodputIsWhatTheServerReadWithinTheWindow) {
  Iperf3Reading how = reading();
  // The server's test starts at 1.18 s. Two whole intervals of it: up to 0.500096 and 1.500075.
  how.window = {Time::zero() + 1'680'096_us, Time::zero() + 2'680'075_us};
  const TcpResult result = output("tcp", how).tcp();
  EXPECT_NEAR(static_cast<double>(result.window_bytes), 20'350'984 + 19'729'000, 2);
  EXPECT_NEAR(result.goodput_bps, (20'350'984 + 19'729'000) * 8 / 0.999979, 100);
  EXPECT_EQ(result.bytes, 73'621'408);
  EXPECT_EQ(result.retransmits, 931u);
  EXPECT_EQ(result.srtt, 45'580_us);
  ASSERT_EQ(result.flows.size(), 1u);
  EXPECT_EQ(result.flows[0].start, Time::zero() + 1'160_ms);
  EXPECT_EQ(result.flows[0].finish, Time::zero() + 1'180_ms + 2'042'016_us + 20_ms);
}

TEST(Iperf3Output, AnIntervalAtTheEdgeOfTheWindowCountsInProportion) {
  Iperf3Reading how = reading();
  how.window = {Time::zero() + 1'680'096_us, Time::zero() + 1'930'092_us};  // half of the second
  EXPECT_NEAR(static_cast<double>(output("tcp", how).tcp().window_bytes), 20'350'984 / 2, 100);
}

TEST(Iperf3Output, TheWindowIsCutToWhatTheTestCovered) {
  const TcpResult result = output("tcp", reading()).tcp();
  EXPECT_EQ(result.window.from, Time::zero() + 1'180_ms);
  EXPECT_EQ(result.window.to, Time::zero() + 1'180_ms + 2'042'016_us);
  EXPECT_EQ(result.window_bytes, result.bytes);
  Iperf3Reading later = reading();
  later.window = {Time::zero() + 50_s, Time::zero() + 60_s};
  EXPECT_EQ(output("tcp", later).tcp().goodput_bps, 0);
}

TEST(Iperf3Output, WithoutARoundTripTheLowestMeasuredOneSetsTheStart) {
  Iperf3Reading how = reading();
  how.round_trip.reset();
  const TcpResult result = output("tcp", how).tcp();
  EXPECT_EQ(result.window.from, Time::zero() + 1_s + 40'687_us * 9 / 2);
}

TEST(Iperf3Output, AFlowOfAGivenSizeIsReadByTheClient) {
  Iperf3Reading how = reading();
  how.size = Bytes(3'000'007);
  const TcpResult result = output("size", how).tcp();
  EXPECT_EQ(result.bytes, 3'000'007);  // of 3'000'024 in whole blocks
  ASSERT_EQ(result.flows.size(), 1u);
  // From the connection of the stream to the last acknowledgement.
  EXPECT_EQ(result.flows[0].completion_time(), 40_ms + 20_ms + 323'165_us + 20_ms);
  EXPECT_EQ(result.srtt, 40'973_us);
  EXPECT_EQ(result.window.to, Time::zero() + 1'200_ms + 323'165_us);
}

TEST(Iperf3Output, AnInterruptedFlowHasNoEndAndNoIntervalTwice) {
  // The recorded server repeats its last interval in its output.
  const TcpResult result = output("interrupted", reading()).tcp();
  EXPECT_EQ(result.flows[0].finish, std::nullopt);
  EXPECT_EQ(result.window_bytes, 10'907'320 + 25'369'184);
  EXPECT_EQ(result.window.to, Time::zero() + 1'180_ms + 1'000'024_us);
  EXPECT_EQ(result.retransmits, 443u);

  Iperf3Reading how = reading();
  how.size = Bytes(500'000'000);
  const TcpResult sized = output("size_interrupted", how).tcp();
  EXPECT_EQ(sized.flows[0].finish, std::nullopt);
  EXPECT_EQ(sized.bytes, 65'194'240);
}

TEST(Iperf3Output, UdpCountsWhatTheServerGotOfWhatTheClientSent) {
  const UdpResult result = output("udp", reading()).udp();
  EXPECT_EQ(result.sent, 50);
  EXPECT_EQ(result.received, 48);
  EXPECT_EQ(result.lost, 2);
  EXPECT_EQ(result.reordered, 0);
  EXPECT_EQ(result.window_bytes, 48'000);
  EXPECT_EQ(result.jitter, 36'617_ns);
  EXPECT_EQ(result.delay.samples, 0u);
  const UdpResult interrupted = output("udp_interrupted", reading()).udp();
  EXPECT_EQ(interrupted.sent, 57);
  EXPECT_EQ(interrupted.received, 52);
  EXPECT_EQ(interrupted.window_bytes, 44'000);
}

TEST(Iperf3Output, SeriesAreForThePlotsOfTheWorkload) {
  const std::vector<Series> series = output("tcp", reading()).series("bulk");
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[0].metric, "goodput_bps");
  EXPECT_EQ(series[0].points.size(), 5u);
  EXPECT_EQ(series[1].metric, "cwnd_bytes");
  EXPECT_EQ(series[2].entity, "bulk");
  EXPECT_EQ(series[2].metric, "srtt_ns");
  EXPECT_EQ(output("udp", reading()).series("u").size(), 1u);
}

std::string failure_of(const std::string& server, const std::string& client) {
  try {
    const Iperf3Output output(server, client, reading());
  } catch (const ProgramFailure& failure) {
    return failure.what();
  }
  return "";
}

TEST(Iperf3Output, AProgramThatMeasuredNothingIsAFailureInItsOwnWords) {
  const std::string refused =
      R"({"start":{"connected":[],"version":"iperf 3.12"},"intervals":[],"end":{},)"
      R"("error":"unable to connect to server: Connection refused"})";
  EXPECT_EQ(failure_of(recorded("tcp.server"), refused),
            "the iperf3 client measured nothing: unable to connect to server: Connection refused");
  EXPECT_EQ(failure_of("iperf3: error - no such option", recorded("tcp.client")),
            "the iperf3 server was cut off before its results; it said: iperf3: error - no such "
            "option");
  EXPECT_EQ(failure_of("", recorded("tcp.client")),
            "the iperf3 server was cut off before its results; it said: nothing");
  const std::string whole = recorded("tcp.client");
  for (size_t length = 0; length + 1 < whole.size(); length += 101) {
    EXPECT_NE(failure_of(recorded("tcp.server"), whole.substr(0, length)), "") << length;
  }
}

TEST(Iperf3Output, NumbersBeyondReasonAreBounded) {
  const std::string absurd =
      R"({"intervals":[{"sum":{"start":-1,"end":1e300,"bytes":1e308}},{"sum":7},3],)"
      R"("end":{"sum_received":{"bytes":1e99,"seconds":1e99},"sum_sent":"x","streams":[]}})";
  const TcpResult result = Iperf3Output(absurd, absurd, reading()).tcp();
  EXPECT_GE(result.goodput_bps, 0);
  EXPECT_LE(result.bytes, 1'000'000'000'000'000);
}

}  // namespace
}  // namespace violin
