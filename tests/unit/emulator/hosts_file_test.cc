#include "emulator/deployment/hosts_file.hh"

#include <gtest/gtest.h>

#include "emulator/scenario/input_error.hh"
#include "tests/support/scenario_text.hh"

namespace violin {
namespace {

HostsFile parse(const std::string& text) { return parse_hosts(text, "hosts.yaml", "/folder"); }

std::string refusal_of(const std::string& text) {
  try {
    parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// a - r - b in the underlay, c aside; nodes of v on a and b.
std::string scenario(const std::string& rest = "") {
  return test::with_head(R"(underlay:
  nodes:
    a: {kind: host}
    b: {kind: host}
    c: {kind: host}
    r: {kind: router}
  links: [{name: up, endpoints: [a, r]}, {endpoints: [r, b]}, {endpoints: [r, c]}]
violins:
  v:
    nodes: {h1: {kind: host, place: a}, h2: {kind: host, place: b}}
    links: [{name: l, endpoints: [h1, h2]}]
)") + rest;
}

std::string mismatch_of(const std::string& hosts, const std::string& text) {
  const Scenario read = test::read(text);
  try {
    check_hosts(parse(hosts), read);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

constexpr const char* kTwo =
    "hosts:\n"
    "  a: {agent: a.sock, address: 10.0.0.1}\n"
    "  b: {agent: b.sock, address: 10.0.0.2}\n";

TEST(HostsFile, HasAnAgentAndAnAddressForEachHost) {
  const HostsFile file = parse(
      "hosts:\n"
      "  mit: { agent: mit.sock, address: 18.26.0.5 }\n"
      "  berkeley: { agent: /run/b.sock, address: 169.229.50.3 }\n");
  ASSERT_EQ(file.hosts.size(), 2u);
  EXPECT_EQ(file.hosts.at("mit").agent, "/folder/mit.sock") << "relative to the file";
  EXPECT_EQ(file.hosts.at("mit").address, *IpAddress::parse("18.26.0.5"));
  EXPECT_EQ(to_string(file.hosts.at("mit").at), "hosts.yaml:2:3");
  EXPECT_EQ(file.hosts.at("berkeley").agent, "/run/b.sock");
  EXPECT_TRUE(
      parse("hosts: {x: {agent: s, address: '2001:db8::1'}}").hosts.at("x").address.is_v6());
}

TEST(HostsFile, SaysWhereItIsWrong) {
  EXPECT_CONTAINS(refusal_of("host: {}"), "hosts.yaml:1:1: unknown key in a hosts file: host");
  EXPECT_CONTAINS(refusal_of("{}"), "needs the key \"hosts\"");
  EXPECT_CONTAINS(refusal_of("hosts:\n  a: {address: 10.0.0.1}\n"),
                  "hosts.yaml:2:6: a host needs the key \"agent\"");
  EXPECT_CONTAINS(refusal_of("hosts:\n  a: {agent: s, adress: 10.0.0.1}\n"),
                  "hosts.yaml:2:17: unknown key in a host: adress");
  EXPECT_CONTAINS(refusal_of("hosts:\n  a: {agent: s, address: 10.0.0}\n"),
                  "hosts.yaml:2:26: address: 10.0.0; allowed: ");
  EXPECT_CONTAINS(refusal_of("hosts:\n  a: {agent: s, address: 224.0.0.1}\n"), ":2:26: address: ");
  EXPECT_CONTAINS(refusal_of("hosts:\n  a: {agent: '', address: 10.0.0.1}\n"), ":2:14: agent: ");
  EXPECT_CONTAINS(
      refusal_of("hosts:\n  a: {agent: " + std::string(108, 'x') + ", address: 10.0.0.1}\n"),
      "at most 107 bytes");
  EXPECT_CONTAINS(refusal_of(std::string(kTwo) + "  a: {agent: c, address: 10.0.0.3}\n"),
                  "hosts.yaml:4:3: ");
}

TEST(HostsFile, GivesNoTwoHostsTheSame) {
  EXPECT_CONTAINS(refusal_of(std::string(kTwo) + "  c: {agent: c, address: 10.0.0.1}\n"),
                  "hosts.yaml:4:26: the address of a: 10.0.0.1; allowed: one of its own");
  EXPECT_CONTAINS(refusal_of(std::string(kTwo) + "  c: {agent: a.sock, address: 10.0.0.3}\n"),
                  "hosts.yaml:4:14: the agent of a: /folder/a.sock; allowed: one of its own");
  EXPECT_CONTAINS(refusal_of(std::string(kTwo) + "  c: {agent: c, address: '::5'}\n"),
                  "hosts.yaml:4:26: tunnels cannot go from IPv4 to IPv6: ::5");
}

TEST(HostsFile, GoesWithAScenarioWhoseOverlayHostsItHas) {
  EXPECT_EQ(mismatch_of(kTwo, scenario()), "no error");
  EXPECT_EQ(mismatch_of(std::string(kTwo) + "  c: {agent: c, address: 10.0.0.3}\n", scenario()),
            "no error")
      << "one with nothing on it may still do workloads";
}

TEST(HostsFile, IsRefusedWhereAScenarioHasOtherHosts) {
  EXPECT_CONTAINS(mismatch_of("hosts:\n  a: {agent: s, address: 10.0.0.1}\n", scenario()),
                  "hosts.yaml:2:3: the host b is missing: v/h2 is placed on it (test.yaml:");
  EXPECT_CONTAINS(
      mismatch_of(std::string(kTwo) + "  bb: {agent: c, address: 10.0.0.3}\n", scenario()),
      "hosts.yaml:4:3: no host of the scenario's underlay: bb; allowed: ");
  EXPECT_CONTAINS(
      mismatch_of(std::string(kTwo) + "  r: {agent: c, address: 10.0.0.3}\n", scenario()),
      "hosts.yaml:4:3: no host of the scenario's underlay: r");
  EXPECT_CONTAINS(mismatch_of(kTwo, test::two_hosts("")),
                  "hosts.yaml:2:3: the scenario test has no underlay");
}

TEST(HostsFile, IsRefusedWhereAScenarioNeedsMoreOfTheUnderlayThanItsHosts) {
  EXPECT_EQ(mismatch_of(kTwo, scenario("workloads: [{name: w, ping: {from: underlay/a, to: "
                                       "underlay/b}}]\n")),
            "no error");
  EXPECT_CONTAINS(
      mismatch_of(kTwo, scenario("workloads:\n  - {name: w, ping: {from: underlay/a, to: "
                                 "underlay/c}}\n")),
      "the workload w needs underlay/c, which is not in the hosts file");
  EXPECT_CONTAINS(mismatch_of(kTwo, scenario("events:\n  - {at: 1 s, set: {link: underlay/up, "
                                             "delay: 1 ms}}\n")),
                  "the underlay is real (a hosts file), and cannot be changed: ");
  EXPECT_CONTAINS(mismatch_of(kTwo, scenario("events:\n  - {at: 1 s, down: underlay/r}\n")),
                  "cannot be changed: ");
  EXPECT_EQ(mismatch_of(kTwo, scenario("events:\n  - {at: 1 s, set: {link: v/l, delay: 1 ms}}\n")),
            "no error");
  EXPECT_CONTAINS(mismatch_of(kTwo, scenario("capture: [underlay/a:eth0]\n")),
                  "what passes at underlay/a is not ours to keep");
}

}  // namespace
}  // namespace violin
