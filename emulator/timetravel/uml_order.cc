#include "emulator/timetravel/uml_order.hh"

#include <utility>

#include "emulator/network/node_order.hh"

namespace violin {
namespace {

GuestOrder::Job job_of(const ProgramStep& step, const UmlOrderOptions& options) {
  GuestOrder::Job job;
  job.at_ns = step.start.ns();
  job.as_root = step.as_root;
  job.argv = step.argv;
  if (step.limit) job.stop_ns = (step.start + *step.limit).ns();
  if (step.wants_zero) {
    // There it is a path of the machine's, like every other.
    job.argv.front() = options.violin;
    job.argv.insert(job.argv.end(), {"--calendar-zero", std::to_string(options.epoch_ns)});
  }
  return job;
}

ProgramOutcome outcome_of(const GuestJournal::Job& job, const std::string& program,
                          int64_t epoch_ns) {
  ProgramOutcome outcome;
  switch (job.state) {
    case GuestJournal::JobState::kWaiting:
      break;
    case GuestJournal::JobState::kMissing:
      outcome.failure = "there is no program " + program;
      break;
    case GuestJournal::JobState::kRefused:
      outcome.failure = "cannot start " + program + ": " + job.why;
      break;
    case GuestJournal::JobState::kRunning:
      outcome.failure = "its machine ended while " + program + " was running";
      break;
    case GuestJournal::JobState::kEnded:
      outcome.launched = Time::from_ns(job.began_ns - epoch_ns);
      outcome.status = job.status;
      break;
  }
  return outcome;
}

}  // namespace

UmlOrder uml_order(const Network& network, int node, const ScenarioPrograms& programs,
                   const UmlOrderOptions& options) {
  const Scenario& scenario = network.scenario();
  UmlOrder made;
  made.order = node_order(network.plan(), node, *network.node(node));
  for (const SysctlSetting& setting : programs.settings()) {
    if (setting.node == node) made.order.sysctls.push_back({setting.name, setting.value});
  }
  for (size_t i = 0; i < programs.steps().size(); ++i) {
    const ProgramStep& step = programs.steps()[i];
    if (step.node != node) continue;
    made.order.jobs.push_back(job_of(step, options));
    made.steps.push_back(i);
  }
  made.order.zero_ns = options.epoch_ns;
  made.order.end_ns = (scenario.duration + WorkloadPrograms::kGrace).ns();
  return made;
}

std::vector<ProgramOutcome> uml_outcomes(const UmlGuest& guest, const UmlOrder& order,
                                         int64_t epoch_ns) {
  const GuestJournal journal = guest.journal();
  std::vector<ProgramOutcome> outcomes;
  for (size_t i = 0; i < order.steps.size(); ++i) {
    outcomes.push_back(outcome_of(journal.jobs[i], order.order.jobs[i].argv.front(), epoch_ns));
    constexpr size_t kOutputMax = 16 << 20;
    outcomes.back().output = guest.output(i, kOutputMax);
    outcomes.back().error = guest.errors(i, kOutputMax);
  }
  return outcomes;
}

}  // namespace violin
