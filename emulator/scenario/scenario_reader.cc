#include "emulator/scenario/scenario_reader.hh"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "emulator/scenario/name_range.hh"
#include "emulator/scenario/parameters.hh"
#include "emulator/scenario/scenario_event.hh"
#include "emulator/scenario/scenario_expect.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/scenario_topology.hh"
#include "emulator/scenario/scenario_workload.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

// Longest run, far from where nanoseconds overflow.
constexpr Duration kMaxDuration = Duration::seconds(3'153'600'000);

Duration read_run_time(const YamlValue& value, std::string_view what) {
  const Duration duration = read_duration(value, what);
  if (duration > kMaxDuration) refuse(value.place, what, value.text, "at most 100 years");
  return duration;
}

void read_duration_and_measure(const YamlMap& map, Scenario& scenario) {
  const YamlValue& duration = map.require("duration");
  scenario.duration = read_run_time(duration, "duration");
  if (scenario.duration == Duration()) {
    refuse(duration.place, "duration", duration.text, "a duration above zero");
  }
  scenario.measure_to = Time::zero() + scenario.duration;
  if (const auto* v = map.find("bootstrap")) scenario.bootstrap = read_run_time(*v, "bootstrap");
  const YamlValue* measure = map.find("measure");
  if (measure == nullptr) return;
  const std::string& text = read_text(*measure, "measure");
  const size_t dots = text.find("..");
  if (dots == std::string::npos) {
    refuse(measure->place, "measure", text, "a window as in 10 s..60 s");
  }
  YamlValue from = *measure, to = *measure;
  from.text = text.substr(0, dots);
  to.text = text.substr(dots + 2);
  scenario.measure_from = Time::zero() + read_run_time(from, "measure");
  scenario.measure_to = Time::zero() + read_run_time(to, "measure");
  if (scenario.measure_from >= scenario.measure_to ||
      scenario.measure_to > Time::zero() + scenario.duration) {
    refuse(measure->place, "not a window within the duration", text,
           "from before to, and to at most " + to_string(scenario.duration));
  }
}

void read_planes(const YamlMap& map, const ScenarioOptions& options, ScenarioFiles& files,
                 ScenarioIndex& index, Scenario& scenario) {
  PlaneContext context{scenario, index, files};
  const std::optional<Calibration>& calibration = options.overrides.calibration;
  if (calibration) context.calibration = &*calibration;
  std::optional<YamlMap> defaults;
  if (const auto* v = map.find("defaults")) {
    defaults.emplace(*v, "defaults", std::vector<std::string>{"link", "node"});
    context.link_defaults = defaults->find("link");
    context.node_defaults = defaults->find("node");
    check_defaults(context);
  }
  if (const auto* v = map.find("underlay")) read_plane(context, "underlay", v->place, *v);
  for (const YamlEntry& entry : read_entries(map.find("violins"), "violins")) {
    require_name(entry.key_place, "a violin's name", entry.key);
    if (entry.key == "underlay") {
      throw InputError(entry.key_place, "a violin cannot be called underlay");
    }
    read_plane(context, entry.key, entry.key_place, *entry.value);
  }
  if (scenario.nodes.empty()) throw InputError(map.place(), "the scenario has no nodes");
}

void read_capture(const YamlMap& map, const ScenarioIndex& index, Scenario& scenario) {
  for (const YamlValue* item : read_items(map.find("capture"))) {
    const std::string& text = read_text(*item, "capture");
    std::vector<CaptureSpec> found;
    if (text == "all") {
      for (size_t n = 0; n < scenario.nodes.size(); ++n) {
        for (size_t i = 0; i < scenario.nodes[n].interfaces.size(); ++i) {
          found.push_back({static_cast<int>(n), static_cast<int>(i)});
        }
      }
    } else {
      found = index.interfaces(item->place, text);
    }
    scenario.captures.insert(scenario.captures.end(), found.begin(), found.end());
  }
  // "all" and a name, or two ranges, may say the same interface twice.
  std::map<std::pair<int, int>, bool> seen;
  const auto again = [&seen](const CaptureSpec& c) {
    return !seen.emplace(std::pair(c.node, c.interface), true).second;
  };
  scenario.captures.erase(std::remove_if(scenario.captures.begin(), scenario.captures.end(), again),
                          scenario.captures.end());
  const YamlValue* snaplen = map.find("snaplen");
  if (snaplen == nullptr) return;
  constexpr Bytes kMin = Bytes(14), kMax = Bytes(262'144);  // an Ethernet header; libpcap's maximum
  scenario.snaplen = read_bytes(*snaplen, "snaplen");
  if (*scenario.snaplen < kMin || *scenario.snaplen > kMax) {
    refuse(snaplen->place, "snaplen", snaplen->text, "14 B to 262144 B");
  }
}

UmlSpec read_uml(const YamlValue* value) {
  UmlSpec uml;
  if (value == nullptr) return uml;
  const YamlMap map(*value, "uml", {"memory", "syscall_cost"});
  if (const YamlValue* memory = map.find("memory")) {
    uml.memory = read_bytes(*memory, "memory");
    if (uml.memory < UmlSpec::kMemoryMin || uml.memory > UmlSpec::kMemoryMax ||
        uml.memory.count() % (1 << 20) != 0) {
      refuse(memory->place, "memory", memory->text, "32 MiB to 8192 MiB, in whole MiB");
    }
  }
  if (const YamlValue* cost = map.find("syscall_cost")) {
    uml.syscall_cost = read_duration(*cost, "syscall_cost");
    if (uml.syscall_cost > UmlSpec::kSyscallCostMax) {
      refuse(cost->place, "syscall_cost", cost->text,
             "0 s to " + to_string(UmlSpec::kSyscallCostMax));
    }
  }
  return uml;
}

uint64_t read_seed(const YamlMap& map, const ScenarioOptions& options) {
  if (options.overrides.seed) return *options.overrides.seed;
  if (options.point) return options.point->seed;
  const YamlValue* value = map.find("seed");
  if (value == nullptr) return 1;
  const auto seed = parse_unsigned(read_text(*value, "seed"));
  if (!seed) {
    refuse(value->place, "seed", value->text, "a whole number from 0 to 18446744073709551615");
  }
  return *seed;
}

// Says what the file left to the defaults, for `violin check`. What a plane takes from a pool is
// noted where it is cut.
void note_defaults(const YamlMap& map, Scenario& scenario) {
  std::vector<std::string>& notes = scenario.defaults_used;
  if (!map.has("measure")) notes.push_back("measure: the whole duration");
  for (const PlaneSpec& plane : scenario.planes) {
    int64_t cables = 0, default_queues = 0;
    for (const LinkSpec& link : scenario.links) {
      if (link.plane != plane.name) continue;
      for (const WireSpec* wire : {&link.a_to_b, &link.b_to_a}) {
        const bool has_rate = !wire->rate.unlimited() || wire->trace != nullptr;
        cables += has_rate ? 0 : 1;
        default_queues += has_rate && wire->queue == QueueSpec() ? 1 : 0;
      }
    }
    if (cables > 0) {
      notes.push_back(plane.name + ": " + std::to_string(cables) +
                      " link directions have no rate, so no queue");
    }
    if (default_queues > 0) {
      notes.push_back(plane.name + ": " + std::to_string(default_queues) +
                      " link directions have the default queue, droptail of 1000 packets");
    }
  }
}

// What replaces the file's parameters: the sweep's point under what the command line sets.
std::map<std::string, std::string> replaced_params(const ScenarioOptions& options) {
  std::map<std::string, std::string> replaced = options.overrides.params;
  if (options.point) {
    replaced.insert(options.point->params.begin(), options.point->params.end());
  }
  return replaced;
}

void read_version(const YamlMap& map) {
  const YamlValue& version = map.require("violin");
  if (read_text(version, "violin") != "1") {
    refuse(version.place, "the format's version", version.text, "violin: 1");
  }
}

}  // namespace

std::vector<std::string> scenario_keys() {
  return {"violin", "name",    "duration", "measure",  "bootstrap", "seed",
          "params", "sweep",   "defaults", "underlay", "violins",   "workloads",
          "events", "capture", "snaplen",  "compare",  "expect",    "uml"};
}

Scenario read_scenario(const ScenarioSource& source, const ScenarioOptions& options) {
  const YamlPointer root = parse_yaml(source.text, source.file);
  const YamlMap map(*root, "a scenario", scenario_keys());
  read_version(map);
  const Parameters parameters(map.find("params"), replaced_params(options), source.file);
  parameters.substitute_all(*root);
  // An error in the sweep is one even when a single point is read.
  if (map.has("sweep") && !options.point) sweep_points(source, options.overrides);

  Scenario scenario;
  ScenarioFiles files(source.directory);
  ScenarioIndex index(scenario);
  const YamlValue& name = map.require("name");
  scenario.name = read_text(name, "name");
  require_name(name.place, "a scenario's name", scenario.name);
  scenario.params = parameters.values();
  scenario.seed = read_seed(map, options);
  scenario.uml = read_uml(map.find("uml"));
  read_duration_and_measure(map, scenario);
  read_planes(map, options, files, index, scenario);
  read_workloads(map.find("workloads"), index, scenario);
  read_events(map.find("events"), index, scenario);
  read_capture(map, index, scenario);
  read_compare(map.find("compare"), scenario);
  read_expect(map.find("expect"), scenario);
  note_defaults(map, scenario);
  return scenario;
}

}  // namespace violin
