#include "emulator/scenario/workload_text.hh"

#include <array>
#include <charconv>
#include <variant>

#include "emulator/scenario/yaml_scalar.hh"

namespace violin {
namespace {

// "5 /s" in plain digits: the reader takes no exponents.
std::string decimal_rate(double per_second) {
  std::array<char, 400> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), per_second, std::chars_format::fixed);
  return (error == std::errc() ? std::string(text.data(), end) : "1") + " /s";
}

std::string kind_text(const PingWorkload& ping) {
  return "count: " + std::to_string(ping.count) + ", interval: " + to_string(ping.interval) +
         ", size: " + to_string(ping.size) + ", timeout: " + to_string(ping.timeout);
}
std::string kind_text(const TracerouteWorkload& traceroute) {
  return "max_hops: " + std::to_string(traceroute.max_hops) +
         ", probes: " + std::to_string(traceroute.probes);
}
std::string kind_text(const TcpWorkload& tcp) {
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  std::string text = "congestion: " + tcp.congestion;
  if (tcp.duration) text += ", duration: " + to_string(*tcp.duration);
  if (tcp.size) text += ", size: " + to_string(*tcp.size);
  if (tcp.poisson_per_second) {
    text += ", arrivals: {poisson: " + decimal_rate(*tcp.poisson_per_second) + "}";
  }
  text += ", ecn: " + word(tcp.ecn) + ", sack: " + word(tcp.sack);
  text += ", timestamps: " + word(tcp.timestamps) + ", port: " + std::to_string(tcp.port);
  text += ", send_buffer: " + to_string(tcp.send_buffer);
  text += ", receive_buffer: " + to_string(tcp.receive_buffer);
  if (tcp.receiver_pause) {
    text += ", receiver_pause: {at: " + to_string(tcp.receiver_pause->at) +
            ", for: " + to_string(tcp.receiver_pause->length) + "}";
  }
  return text;
}
std::string kind_text(const UdpWorkload& udp) {
  return "rate: " + to_string(udp.rate) + ", size: " + to_string(udp.size) +
         ", poisson: " + (udp.poisson ? "true" : "false") +
         ", duration: " + to_string(udp.duration) + ", port: " + std::to_string(udp.port);
}
std::string kind_text(const ExecWorkload& exec) {
  std::string text = exec.as_root ? "user: root, command: [" : "command: [";
  for (size_t i = 0; i < exec.command.size(); ++i) {
    text += (i == 0 ? "" : ", ") + written_value(exec.command[i]);
  }
  return text + "]";
}

}  // namespace

std::string workload_kind_text(const WorkloadKind& kind) {
  return std::visit([](const auto& one) { return kind_text(one); }, kind);
}

std::string written_value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c;
    if (c == '$') escaped += '$';
  }
  return yaml_scalar(escaped);
}

}  // namespace violin
