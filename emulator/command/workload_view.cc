#include "emulator/command/workload_view.hh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "core/units.hh"
#include "emulator/command/path_view.hh"
#include "emulator/command/text_layout.hh"
#include "emulator/results/quantity.hh"

namespace violin {
namespace {

// A way of a dozen hops takes three lines, so fewer workloads than rows of other tables.
constexpr size_t kWorkloadsShown = 16;

std::string words_of(const PingWorkload& ping) {
  return std::to_string(ping.count) + " x " + to_string(ping.interval) + ", " +
         to_string(ping.size);
}

std::string words_of(const TracerouteWorkload& traceroute) {
  return "up to " + std::to_string(traceroute.max_hops) + " hops, " +
         std::to_string(traceroute.probes) + " probes each";
}

std::string frequency_words(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g /s", per_second);
  return text;
}

std::string words_of(const TcpWorkload& tcp) {
  std::string text;
  if (tcp.poisson_per_second) {
    text = "flows of " + to_string(*tcp.size) + ", poisson " +
           frequency_words(*tcp.poisson_per_second);
    if (tcp.duration) text += " for " + to_string(*tcp.duration);
  } else {
    text = tcp.size       ? to_string(*tcp.size)
           : tcp.duration ? "for " + to_string(*tcp.duration)
                          : "to the end";
  }
  text += ", " + tcp.congestion + (tcp.ecn ? ", ecn" : "") + (tcp.sack ? "" : ", no sack") +
          (tcp.timestamps ? "" : ", no timestamps") + ", port " + std::to_string(tcp.port);
  const TcpWorkload usual;
  if (tcp.send_buffer != usual.send_buffer) text += ", send buffer " + to_string(tcp.send_buffer);
  if (tcp.receive_buffer != usual.receive_buffer) {
    text += ", receive buffer " + to_string(tcp.receive_buffer);
  }
  if (tcp.receiver_pause) {
    text += ", reading nothing from " + to_string(tcp.receiver_pause->at) + " for " +
            to_string(tcp.receiver_pause->length);
  }
  return text;
}

std::string words_of(const UdpWorkload& udp) {
  return to_string(udp.rate) + " for " + to_string(udp.duration) + ", " + to_string(udp.size) +
         (udp.poisson ? ", poisson" : "") + ", port " + std::to_string(udp.port);
}

std::string words_of(const ExecWorkload& exec) { return command_words(exec); }

std::string rounded(Duration span) {
  return to_text(static_cast<double>(span.ns()), Unit::kDuration);
}

class WorkloadView {
 public:
  WorkloadView(const NetworkPlan& plan, const WorkloadSpec& workload)
      : plan_(plan), workload_(workload), ends_{workload.from, workload.to} {}

  std::string text() const {
    constexpr std::array<const char*, 5> kKinds = {"ping", "traceroute", "tcp", "udp", "exec"};
    std::string first = "  " + workload_.name + "  " + kKinds[workload_.kind.index()] + "  ";
    std::string rest = name_of(workload_.from);
    if (workload_.to >= 0) rest += " → " + name_of(workload_.to);
    rest += ", at " + to_string(workload_.start) + ": " + workload_words(workload_);
    std::string text = wrapped(first, rest);
    if (workload_.to >= 0) text += ways();
    return text;
  }

 private:
  std::string name_of(int node) const {
    return plan_.scenario().nodes[static_cast<size_t>(node)].full_name();
  }

  std::string ways() const {
    const std::vector<LinkStep> there = plan_.path(ends_);
    const std::vector<LinkStep> back = plan_.path({ends_.to, ends_.from});
    if (there.empty()) return "      there is no way\n";
    const std::optional<IpAddress> target = plan_.address_for(ends_);
    std::string text =
        wrapped("      to " + (target ? to_string(*target) : "?") + ": ", path_text(plan_, there));
    if (back.empty()) {
      text += "      there is no way back\n";
    } else if (!is_way_back(there, back)) {
      text += wrapped("      back: ", path_text(plan_, back));
    }
    return text + figures(there);
  }

  std::string figures(const std::vector<LinkStep>& there) const {
    const Bytes frame = probe_frame(plan_, workload_);
    const std::optional<Duration> round_trip = plan_.unloaded_round_trip(ends_, frame);
    if (!round_trip) return "";
    std::string text = "unloaded round trip " + rounded(*round_trip) + " (" +
                       std::to_string(frame.count()) + " B frames)";
    if (const std::optional<Bottleneck> slowest = bottleneck_of(plan_, there)) {
      const LinkSpec& link = plan_.scenario().links[static_cast<size_t>(slowest->step.link)];
      text +=
          "; slowest " + wire_name(plan_.scenario(), link, slowest->step.a_to_b) + ", " +
          to_string(slowest->rate) + ", BDP " +
          to_text(static_cast<double>(bandwidth_delay_product(slowest->rate, *round_trip).count()),
                  Unit::kBytes, 3);
    }
    return wrapped("      ", text);
  }

  const NetworkPlan& plan_;
  const WorkloadSpec& workload_;
  const NodePair ends_;
};

}  // namespace

std::string workload_words(const WorkloadSpec& workload) {
  return std::visit([](const auto& kind) { return words_of(kind); }, workload.kind);
}

std::string command_words(const ExecWorkload& exec) {
  std::string text;
  for (const std::string& word : exec.command) {
    const bool needs_quotes = word.empty() || word.find_first_of(" \t\n\"'") != std::string::npos;
    text += text.empty() ? "" : " ";
    text += needs_quotes ? "'" + word + "'" : word;
  }
  return text;
}

std::string workload_view(const NetworkPlan& plan, const ViewOptions& options) {
  const std::vector<WorkloadSpec>& workloads = plan.scenario().workloads;
  const size_t shown = options.all ? workloads.size() : std::min(workloads.size(), kWorkloadsShown);
  std::string text = "workloads: " + std::to_string(workloads.size()) + "\n";
  for (size_t i = 0; i < shown; ++i) text += WorkloadView(plan, workloads[i]).text();
  return text + more_line(workloads.size() - shown, 2);
}

}  // namespace violin
