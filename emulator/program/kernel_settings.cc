#include "emulator/program/kernel_settings.hh"

#include <algorithm>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

const std::string kEcn = "net.ipv4.tcp_ecn";
// Asks for it, and takes it when asked.
const std::string kEcnAsk = "1";
// Takes it when asked, which hurts no connection that does not ask.
const std::string kEcnTake = "2";

constexpr int64_t kBufferMax = INT32_MAX;

// minimum, first and largest size. The kernel counts its own bookkeeping into a buffer, as much
// again at most by its own reckoning (socket(7), SO_RCVBUF).
std::string buffer_range(Bytes largest) {
  const int64_t limit = std::min(kBufferMax, largest.count() * 2);
  const int64_t smallest = std::min<int64_t>(4096, limit);
  const int64_t first = std::min<int64_t>(131'072, limit);
  return std::to_string(smallest) + " " + std::to_string(first) + " " + std::to_string(limit);
}

}  // namespace

void KernelSettings::add(const WorkloadSpec& spec, const TcpWorkload& tcp, int caller) {
  want(spec, {caller, kEcn, tcp.ecn ? kEcnAsk : kEcnTake});
  if (tcp.ecn) ecn_acceptors_[caller == spec.from ? spec.to : spec.from] = spec.name;
  want_option(spec, "net.ipv4.tcp_sack", tcp.sack);
  want_option(spec, "net.ipv4.tcp_timestamps", tcp.timestamps);
  want(spec, {spec.from, "net.ipv4.tcp_wmem", buffer_range(tcp.send_buffer)});
  want(spec, {spec.to, "net.ipv4.tcp_rmem", buffer_range(tcp.receive_buffer)});
}

void KernelSettings::want_option(const WorkloadSpec& spec, const std::string& name, bool on) {
  want(spec, {spec.from, name, on ? "1" : "0"});
  if (on) want(spec, {spec.to, name, "1"});
}

void KernelSettings::want(const WorkloadSpec& spec, const SysctlSetting& setting) {
  const auto [wish, is_new] =
      wishes_.try_emplace({setting.node, setting.name}, Wish{setting.value, spec.name});
  if (is_new || wish->second.value == setting.value) return;
  throw InputError(spec.at, "the workloads " + wish->second.workload + " and " + spec.name +
                                " contradict each other: one node has one " + setting.name +
                                ", and they want \"" + wish->second.value + "\" and \"" +
                                setting.value + "\" of it");
}

std::vector<SysctlSetting> KernelSettings::settings() const {
  std::map<std::pair<int, std::string>, Wish> all = wishes_;
  for (const auto& [node, workload] : ecn_acceptors_) {
    all.try_emplace({node, kEcn}, Wish{kEcnTake, workload});
  }
  std::vector<SysctlSetting> settings;
  for (const auto& [key, wish] : all) settings.push_back({key.first, key.second, wish.value});
  return settings;
}

}  // namespace violin
