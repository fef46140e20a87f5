#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "emulator/scenario/scenario.hh"

namespace violin {

// A sysctl of a node's own network namespace, to be written before its programs start.
struct SysctlSetting {
  int node = -1;      // index into Scenario::nodes
  std::string name;   // "net.ipv4.tcp_ecn"
  std::string value;  // "1"
};

// What the workloads want of the kernels of their nodes. TCP's options belong to a namespace, not
// to a connection, so two workloads of one node can contradict each other.
class KernelSettings {
 public:
  // The options of a TCP workload; `caller` is the end (spec.from or spec.to) that opens its
  // connection. An option that is off is switched off at the end that sends the data: it takes two
  // to use one. Throws InputError at the workload when another one wants it otherwise.
  void add(const WorkloadSpec& spec, const TcpWorkload& tcp, int caller);

  // By node, then name.
  std::vector<SysctlSetting> settings() const;

 private:
  struct Wish {
    std::string value;
    std::string workload;
  };
  void want(const WorkloadSpec& spec, const SysctlSetting& setting);
  void want_option(const WorkloadSpec& spec, const std::string& name, bool on);

  std::map<std::pair<int, std::string>, Wish> wishes_;
  std::map<int, std::string> ecn_acceptors_;  // where any value but 0 will do
};

}  // namespace violin
