#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/kernel/kernel_store.hh"
#include "tests/realtime/run_fixture.hh"

namespace violin::testing {

// Two machines and a router that is one, too; a host that shares our kernel and one that is a
// model beside them.
inline std::string five_nodes(const std::string& rest, const std::string& duration = "3 s") {
  return "violin: 1\nname: machines\nduration: " + duration + R"(
violins:
  v:
    nodes:
      h1..h2: { kind: host, backend: uml }
      r1: { kind: router, backend: uml }
      n1: { kind: host, backend: netns }
      m1: { kind: host, backend: model }
    links:
      - { endpoints: [h1, r1], delay: 2 ms }
      - { endpoints: [h2, r1], delay: 3 ms }
      - { endpoints: [n1, r1], delay: 1 ms }
      - { endpoints: [m1, r1], delay: 1 ms }
)" + rest;
}

// Two overlay hosts a and b, and all that is in them a machine.
inline std::string two_machines(const std::string& rest, const std::string& duration = "3 s") {
  std::string scenario = two_hosts(rest, duration);
  const std::string kind = "violins:\n  v:\n";
  return scenario.insert(scenario.find(kind) + kind.size(), "    backend: uml\n");
}

class RealMachines : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!find_kernel()) GTEST_SKIP() << "needs the guests' kernel: violin kernel build";
  }

  std::vector<std::string> run_words() const {
    return {"run", "--clock", "real", "--out", "out", "--force", "scenario.yaml"};
  }
  // Whether a program runs in a node of the run that is live.
  bool answers(const std::string& node) const {
    return violin({"exec", node, "--", "true"}).status == 0;
  }
  // The first note about a node.
  std::string note_about(const std::string& node) const {
    for (const RunEvent& event : result().event_log) {
      if (event.kind == "note" && event.text.starts_with(node + ": ")) return event.text;
    }
    return "";
  }
};

}  // namespace violin::testing
