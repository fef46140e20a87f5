#include "emulator/results/summary_fields.hh"

// `kernels` of summary.json, written and read.

namespace violin::summary_fields {

OrderedJson kernels_json(const std::optional<KernelActivity>& kernels) {
  if (!kernels) return nullptr;
  return {{"kernels", kernels->kernels},
          {"syscall_cost_ns", kernels->syscall_cost.ns()},
          {"turns", kernels->turns},
          {"calendar_messages", kernels->calendar_messages},
          {"kicks", kernels->kicks},
          {"interrupts", kernels->interrupts},
          {"kernel_seconds", kernels->kernel_seconds},
          {"own_seconds", kernels->own_seconds},
          {"process_switches", kernels->process_switches}};
}

std::optional<KernelActivity> take_kernels(const Json& json) {
  // Runs before there were any have none.
  if (!json.contains("kernels") || json.at("kernels").is_null()) return std::nullopt;
  const Json& from = json.at("kernels");
  KernelActivity kernels;
  kernels.kernels = take<uint64_t>(from, "kernels");
  kernels.syscall_cost = take_duration(from, "syscall_cost_ns");
  kernels.turns = take<uint64_t>(from, "turns");
  kernels.calendar_messages = take<uint64_t>(from, "calendar_messages");
  kernels.kicks = take<uint64_t>(from, "kicks");
  kernels.interrupts = take<uint64_t>(from, "interrupts");
  kernels.kernel_seconds = take<double>(from, "kernel_seconds");
  kernels.own_seconds = take<double>(from, "own_seconds");
  kernels.process_switches = take<uint64_t>(from, "process_switches");
  return kernels;
}

}  // namespace violin::summary_fields
