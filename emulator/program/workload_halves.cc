#include <algorithm>

#include "emulator/network/workload_window.hh"
#include "emulator/program/program_failure.hh"
#include "emulator/program/program_text.hh"
#include "emulator/program/traffic_output.hh"
#include "emulator/program/workload_programs.hh"
#include "emulator/scenario/node_backend.hh"

// The workloads of WorkloadPrograms whose other half is a model's.

namespace violin {

void WorkloadPrograms::add_half(const WorkloadSpec& spec, uint16_t port) {
  const MeasureWindow measured{scenario_.measure_from, scenario_.measure_to};
  const bool model_sends = backend_under(clock_, node(spec.from)) == Backend::kModel;
  programs_.reserve_port(spec.to, port);
  programs_.add_half(
      spec,
      {.half = model_sends ? ProgramPlan::Half::kReceives : ProgramPlan::Half::kSends,
       .port = port,
       .window = workload_window(spec, measured, scenario_.duration)},
      addresses_of(spec));
}

// The program of a workload whose other half is a model's; nothing when it would begin after the
// end.
std::optional<WorkloadPrograms::Ran> WorkloadPrograms::half_of(const WorkloadSpec& spec) const {
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    if (steps()[i].workload == spec.name) return Ran{steps()[i], outcomes_[i]};
  }
  return std::nullopt;
}

void WorkloadPrograms::complete(std::vector<WorkloadResult>& of_models) {
  for (const WorkloadSpec& spec : scenario_.workloads) {
    if (!is_half_model(scenario_, spec, clock_) || !half_of(spec)) continue;
    const auto found =
        std::find_if(of_models.begin(), of_models.end(),
                     [&](const WorkloadResult& one) { return one.name == spec.name; });
    if (found == of_models.end()) {
      failures_.push_back(spec.name + ": the model's half has no result");
      continue;
    }
    try {
      complete_one(spec, *found);
    } catch (const ProgramFailure& failure) {
      failures_.push_back(spec.name + ": " + failure.what());
      of_models.erase(found);
    }
  }
}

void WorkloadPrograms::complete_one(const WorkloadSpec& spec, WorkloadResult& of_model) const {
  of_model.source = "model+program";
  const std::optional<Ran> half = half_of(spec);
  const ProgramStep& step = half->step;
  const ProgramOutcome& ran = half->outcome;
  if (!ran.failure.empty()) throw ProgramFailure(ran.failure);
  if (!ran.launched) throw ProgramFailure("the run was interrupted before it began");
  if (ran.status != 0) {
    throw ProgramFailure("violin traffic failed: " + last_words(ran.error));
  }
  const bool sends = step.role == ProgramRole::kClient;
  const std::string& text = ran.output;
  if (const auto* tcp = std::get_if<TcpWorkload>(&spec.kind)) {
    auto& result = std::get<TcpResult>(of_model.outcome);
    sends ? read_tcp_sender(text, tcp->size.has_value(), result) : read_tcp_receiver(text, result);
  } else {
    auto& result = std::get<UdpResult>(of_model.outcome);
    sends ? read_udp_sender(text, result) : read_udp_receiver(text, result);
  }
}

}  // namespace violin
