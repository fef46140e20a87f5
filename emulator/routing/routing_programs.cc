#include "emulator/routing/routing_programs.hh"

#include <csignal>
#include <utility>

#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"
#include "emulator/routing/frr_configuration.hh"
#include "emulator/routing/ip_output.hh"
#include "emulator/routing/routed_interface.hh"
#include "emulator/routing/shortest_routes.hh"

namespace violin {
namespace {

// Where Debian's package has the daemons, and whom it lets them run as.
constexpr const char* kDaemonFolder = "/usr/lib/frr/";

// The words behind it are the configurations. A daemon that ends takes the others along: it is told
// by the shell's status. The others are started when zebra listens, for they would try again only
// after 10 s.
std::string daemon_script(const std::vector<FrrDaemon>& daemons) {
  std::string script =
      "export TZ=UTC0\n"
      "d=/run/frr\n"
      "install -d -o frr -g frr $d || exit 1\n"
      "ip -o -ts monitor route &\n"
      "start() {\n"
      "  printf %s \"$2\" >$d/$1.conf\n"
      "  { " +
      std::string(kDaemonFolder) +
      "$1 -f $d/$1.conf -i $d/$1.pid -z $d/zserv.api --vty_socket $d -P 0 -u frr -g frr"
      " --log stdout --log-level warnings >&2\n"
      "    echo \"$1 has ended\" >&2; kill $$; } &\n"
      "}\n";
  for (size_t i = 0; i < daemons.size(); ++i) {
    script += "start " + daemons[i].name + " \"$" + std::to_string(i + 1) + "\"\n";
    if (i == 0) script += "until [ -S $d/zserv.api ]; do sleep 0.05; done\n";
  }
  return script + "wait\n";
}

}  // namespace

RoutingPrograms::RoutingPrograms(const Scenario& scenario, ClockKind clock,
                                 const ProgramNodes& nodes)
    : scenario_(scenario), nodes_(nodes) {
  const std::vector<std::vector<RoutedInterface>> interfaces = routed_interfaces(scenario);
  for (size_t i = 0; i < scenario.nodes.size(); ++i) {
    const NodeSpec& node = scenario.nodes[i];
    if (node.kind != NodeKind::kRouter || !is_protocol(node.routing.kind) ||
        backend_under(clock, node) == Backend::kModel) {
      continue;
    }
    const auto index = static_cast<int>(i);
    const std::vector<FrrDaemon> daemons = frr_daemons(scenario, index, interfaces);
    std::vector<std::string> configurations;
    for (const FrrDaemon& daemon : daemons) configurations.push_back(daemon.configuration);
    add_router(index, daemon_script(daemons), std::move(configurations));
  }
}

void RoutingPrograms::add_router(int node, const std::string& script,
                                 std::vector<std::string> configurations) {
  routers_.push_back(node);
  ProgramStep daemons{.workload = {},
                      .node = node,
                      .argv = {"sh", "-c", script, "sh"},
                      .start = Time::zero() - scenario_.bootstrap,
                      .limit = {},
                      .as_root = true,
                      .ready = {}};
  for (std::string& text : configurations) daemons.argv.push_back(std::move(text));
  steps_.push_back(std::move(daemons));
  steps_.push_back({.workload = {},
                    .node = node,
                    .argv = {"sh", "-c", "ip -j route; ip -j -6 route"},
                    .start = Time::zero() + scenario_.duration,
                    .limit = {},
                    .ready = {}});
}

RouterResult RoutingPrograms::read(size_t router,
                                   const std::vector<ProgramOutcome>& outcomes) const {
  const ProgramOutcome& daemons = outcomes[2 * router];
  const ProgramOutcome& table = outcomes[2 * router + 1];
  for (const ProgramOutcome* program : {&daemons, &table}) {
    if (!program->failure.empty()) throw ProgramFailure(program->failure);
    if (!program->launched) throw ProgramFailure("the run was interrupted before they began");
  }
  // They stay until they are told to end.
  if (daemons.status != 128 + SIGINT) throw ProgramFailure(last_words(daemons.error));
  const NodeSpec& node = scenario_.nodes[static_cast<size_t>(routers_[router])];
  RouterResult result;
  result.node = node.full_name();
  result.protocol = routing_names()[static_cast<size_t>(node.routing.kind)];
  result.began = *daemons.launched;
  result.changes = read_route_changes(daemons.output, nodes_.calendar_zero_of(node), kChangesMax);
  // When daemons are ended they may take their routes along.
  std::erase_if(result.changes, [this](const RouteChange& change) {
    return change.at > Time::zero() + scenario_.duration;
  });
  result.table = read_route_table(table.output);
  return result;
}

std::vector<RouterResult> RoutingPrograms::results(const std::vector<ProgramOutcome>& outcomes,
                                                   std::vector<std::string>& failures) const {
  std::vector<RouterResult> results;
  if (routers_.empty()) return results;
  const ShortestRoutes shortest(scenario_);
  for (size_t i = 0; i < routers_.size(); ++i) {
    const int node = routers_[i];
    try {
      RouterResult result = read(i, outcomes);
      result.deviations = shortest.deviations(node, result.table);
      results.push_back(std::move(result));
    } catch (const ProgramFailure& error) {
      failures.push_back("routing of " + scenario_.nodes[static_cast<size_t>(node)].full_name() +
                         ": " + error.what());
    }
  }
  return results;
}

}  // namespace violin
