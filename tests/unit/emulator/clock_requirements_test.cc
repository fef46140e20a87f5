#include "emulator/command/clock_requirements.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

// A transfer whose receiver pauses, to a host of that kind.
Scenario pausing(const std::string& backend) {
  return test::read(
      "violin: 1\nname: pause\nduration: 5 s\n"
      "violins: { v1: { nodes: { a: { kind: host }, b: { kind: host, backend: " +
      backend +
      " } }, links: [ { endpoints: [a, b] } ] } }\n"
      "workloads:\n"
      "  - { name: t, tcp: { from: v1/a, to: v1/b, receiver_pause: { at: 1 s, for: 1 s } } }\n");
}

TEST(ClockRequirements, APauseIsForReceiversThatAreModels) {
  EXPECT_EQ(virtual_clock_refusals(pausing("model")), std::vector<std::string>());
  const std::vector<std::string> refused = virtual_clock_refusals(pausing("uml"));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_NE(refused[0].find("receiver_pause"), std::string::npos) << refused[0];
  EXPECT_NE(refused[0].find(": t"), std::string::npos) << refused[0];
  EXPECT_EQ(real_clock_refusals(pausing("netns")).size(), 1u);
}

}  // namespace
}  // namespace violin
