#include <iostream>

#include "emulator/command/arguments.hh"
#include "emulator/command/command.hh"
#include "emulator/os/interrupt.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/traffic/tcp_traffic.hh"
#include "emulator/traffic/udp_traffic.hh"
#include "models/workload/tcp_flow_stream.hh"
#include "models/workload/udp_source.hh"

namespace violin {
namespace {

constexpr uint64_t kTimeMax = uint64_t{1} << 60;  // ns
constexpr uint64_t kCountMax = 1'000'000'000'000'000;

CommandSpec traffic_spec() {
  CommandSpec spec;
  spec.purpose =
      "One half of a tcp or udp workload, on a real node, whose other half is on a model node.\n"
      "`violin run --clock real` starts it; it prints its figures as one JSON object.";
  spec.usage = "--do WHAT --name NAME --address ADDRESS --port N --zero NS --until NS …";
  spec.options = {
      {"do", "WHAT", "send-tcp, receive-tcp, send-udp or receive-udp"},
      {"name", "NAME", "of the workload: determines the bytes"},
      {"address", "ADDRESS", "of the receiving node: to listen at, or to send to"},
      {"port", "N", "at which is received"},
      {"zero", "NS", "what CLOCK_MONOTONIC shows at scenario time 0"},
      {"calendar-zero", "NS", "instead: what CLOCK_REALTIME shows then"},
      {"until", "NS", "scenario time at which it ends; an interruption (SIGINT) ends it, too"},
      {"from", "NS", "a receiver's measure window begins"},
      {"to", "NS", "a receiver's measure window ends"},
      {"at", "NS", "a sender begins"},
      {"stop", "NS", "a sender has no more to send"},
      {"congestion", "NAME", "of send-tcp, as Linux calls it"},
      {"size", "BYTES", "of the flow of send-tcp, or of a datagram's data"},
      {"rate", "BPS", "of UDP data, bits per second"},
  };
  return spec;
}

[[noreturn]] void refuse(const std::string& why) {
  throw InputError({.file = "the command line"}, "traffic " + why);
}

uint64_t needed(const Arguments& arguments, const char* name, Arguments::Range range) {
  const auto value = arguments.number(name, range);
  if (!value) refuse(std::string("needs --") + name);
  return *value;
}

Time instant(const Arguments& arguments, const char* name) {
  return Time::from_ns(static_cast<int64_t>(needed(arguments, name, {0, kTimeMax})));
}

// By CLOCK_MONOTONIC, which nobody sets.
int64_t read_zero(const Arguments& arguments) {
  if (const auto calendar = arguments.number("calendar-zero", {0, INT64_MAX})) {
    return static_cast<int64_t>(*calendar) - ScenarioClock::calendar_ns(0);
  }
  return static_cast<int64_t>(needed(arguments, "zero", {0, kTimeMax}));
}

TrafficSpec read_spec(const Arguments& arguments, const std::string& what) {
  TrafficSpec spec;
  spec.name = arguments.value("name").value_or("");
  if (spec.name.empty()) refuse("needs --name NAME");
  const auto address = IpAddress::parse(arguments.value("address").value_or(""));
  if (!address) refuse("needs --address, an IP address");
  spec.address = *address;
  spec.port = static_cast<uint16_t>(needed(arguments, "port", {1, 0xffff}));
  spec.zero_ns = read_zero(arguments);
  spec.until = instant(arguments, "until");
  if (what.starts_with("receive")) {
    spec.window = {instant(arguments, "from"), instant(arguments, "to")};
    return spec;
  }
  spec.at = instant(arguments, "at");
  spec.stop = instant(arguments, "stop");
  if (what == "send-tcp") {
    spec.congestion = arguments.value("congestion").value_or("");
    const auto size = arguments.number("size", {TcpFlowStream::kNumberSize, kCountMax});
    if (size) spec.size = Bytes(static_cast<int64_t>(*size));
    return spec;
  }
  spec.datagram = Bytes(static_cast<int64_t>(
      needed(arguments, "size", {UdpDatagramHeader::kSize, UdpSource::kSizeMax})));
  spec.rate =
      BitRate::bits_per_second(static_cast<int64_t>(needed(arguments, "rate", {1, kCountMax})));
  return spec;
}

}  // namespace

ExitStatus traffic_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, traffic_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const auto what = arguments->word("do", {"send-tcp", "receive-tcp", "send-udp", "receive-udp"});
  if (!what) refuse("needs --do WHAT");
  const TrafficSpec spec = read_spec(*arguments, *what);
  const InterruptGuard interrupts;
  if (*what == "send-tcp") std::cout << send_tcp(spec);
  if (*what == "receive-tcp") std::cout << receive_tcp(spec);
  if (*what == "send-udp") std::cout << send_udp(spec);
  if (*what == "receive-udp") std::cout << receive_udp(spec);
  std::cout << '\n';
  return ExitStatus::kDone;
}

}  // namespace violin
