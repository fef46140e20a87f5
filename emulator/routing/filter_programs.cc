#include "emulator/routing/filter_programs.hh"

#include <fmt/format.h>

#include "emulator/program/program_text.hh"

namespace violin {
namespace {

// Before daemons and workloads.
constexpr Duration kLead = Duration::seconds(1);

}  // namespace

std::string nat_ruleset(const NatSpec& nat) {
  std::string text =
      "table inet violin_nat {\n  chain prerouting {\n"
      "    type nat hook prerouting priority dstnat\n";
  for (const NatForward& forward : nat.forward) {
    const std::string to = to_string(forward.to);
    text += fmt::format("    iifname \"{}\" meta nfproto {} {} dport {} dnat {} to {}:{}\n",
                        nat.out, forward.to.is_v6() ? "ipv6" : "ipv4", forward.udp ? "udp" : "tcp",
                        forward.port, forward.to.is_v6() ? "ip6" : "ip",
                        forward.to.is_v6() ? "[" + to + "]" : to, forward.to_port);
  }
  return text + fmt::format(
                    "  }}\n  chain postrouting {{\n    type nat hook postrouting priority srcnat\n"
                    "    oifname \"{}\" masquerade\n  }}\n}}\n",
                    nat.out);
}

FilterPrograms::FilterPrograms(const Scenario& scenario, ClockKind clock) : scenario_(scenario) {
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    const NodeSpec& node = scenario.nodes[i];
    if (node.filter.is_empty() || backend_under(clock, node) == Backend::kModel) continue;
    std::string ruleset = node.filter.firewall + "\n";
    if (!node.filter.nat.out.empty()) ruleset += nat_ruleset(node.filter.nat);
    steps_.push_back({.workload = {},
                      .node = static_cast<int>(i),
                      .argv = {"sh", "-c", "printf %s \"$1\" | nft -f -", "sh", std::move(ruleset)},
                      .start = Time::zero() - scenario.bootstrap - kLead,
                      .limit = {},
                      .as_root = true,
                      .ready = {}});
  }
}

std::vector<std::string> FilterPrograms::failures(
    const std::vector<ProgramOutcome>& outcomes) const {
  std::vector<std::string> failures;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const std::string name = scenario_.nodes[static_cast<size_t>(steps_[i].node)].full_name();
    const ProgramOutcome& nft = outcomes[i];
    if (!nft.failure.empty()) {
      failures.push_back("firewall of " + name + ": " + nft.failure);
    } else if (nft.launched && nft.status != 0) {
      // The first line says what is wrong and where, the others show it.
      failures.push_back("firewall of " + name + ": nft says " +
                         last_words(nft.error.substr(0, nft.error.find('\n'))));
    }
  }
  return failures;
}

}  // namespace violin
