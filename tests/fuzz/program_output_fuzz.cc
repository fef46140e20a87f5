#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hh"
#include "emulator/program/iperf3_output.hh"
#include "emulator/program/ping_output.hh"
#include "emulator/program/program_failure.hh"
#include "emulator/program/traceroute_output.hh"
#include "emulator/program/traffic_output.hh"

// The first byte chooses the program. Whatever it printed is either a failure or a result that
// agrees with itself. A zero byte parts the outputs of the two ends of iperf3.
namespace {

using namespace violin;

void read_ping(std::string_view text) {
  PingReading how;
  how.count = 1000;
  how.window = {Time::zero(), Time::from_ns(1'000'000'000)};
  const PingResult result = read_ping_output(text, how);
  CHECK(result.sent <= how.count);
  CHECK(static_cast<int64_t>(result.probes.size()) <= result.sent);
  CHECK(result.received <= static_cast<int64_t>(result.probes.size()));
}

void read_traceroute(std::string_view text) {
  const TracerouteResult result = read_traceroute_output(text, IpAddress::v4(0x0a000103),
                                                         [](const IpAddress&) { return "v1/r1"; });
  CHECK(result.hops.size() <= 255);
  for (const TracerouteHop& hop : result.hops) CHECK(hop.rtts.size() <= 10);
}

void read_iperf3(std::string_view text) {
  const size_t end = text.find('\0');
  const std::string_view server = text.substr(0, end);
  const std::string_view client = end == std::string_view::npos ? server : text.substr(end + 1);
  Iperf3Reading how;
  how.window = {Time::zero(), Time::from_ns(1'000'000'000)};
  if (text.size() % 2 == 0) how.size = Bytes(1'000'000);
  const Iperf3Output output(server, client, how);
  const TcpResult tcp = output.tcp();
  CHECK(tcp.window.from <= tcp.window.to);
  CHECK(tcp.window_bytes <= tcp.bytes);
  const UdpResult udp = output.udp();
  CHECK(udp.lost >= 0 && udp.received <= udp.sent);
  CHECK(!output.series("w").empty());
}

void read_traffic(std::string_view text) {
  TcpResult tcp;
  tcp.flows.resize(2);
  UdpResult udp;
  udp.sent = 1000;
  switch (text.empty() ? 0 : text.back() % 4) {
    case 0:
      read_tcp_receiver(text, tcp);
      break;
    case 1:
      read_tcp_sender(text, true, tcp);
      break;
    case 2:
      read_udp_receiver(text, udp);
      break;
    default:
      read_udp_sender(text, udp);
  }
  CHECK(tcp.window_bytes <= tcp.bytes && tcp.window.from <= tcp.window.to);
  CHECK(udp.lost == udp.sent - udp.received || udp.received == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 4) {
      case 0:
        read_ping(text);
        break;
      case 1:
        read_traceroute(text);
        break;
      case 2:
        read_iperf3(text);
        break;
      default:
        read_traffic(text);
    }
  } catch (const ProgramFailure& failure) {
    CHECK(failure.what()[0] != '\0');
  }
  return 0;
}
