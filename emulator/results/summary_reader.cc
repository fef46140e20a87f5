#include "emulator/results/summary.hh"

#include <charconv>

#include "emulator/results/summary_fields.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

using namespace summary_fields;

DropCounts take_drops(const Json& json) {
  DropCounts drops{};
  for (const auto& [name, count] : json.at("drops").items()) {
    size_t reason = 0;
    while (reason < kDropReasonCount && name_of(static_cast<DropReason>(reason)) != name) ++reason;
    if (reason == kDropReasonCount) throw WrongValue("no such drop reason: " + name);
    drops[reason] = count.get<uint64_t>();
  }
  return drops;
}

LinkDirectionResult take_direction(const Json& json) {
  LinkDirectionResult direction;
  direction.from = take<std::string>(json, "from");
  direction.to = take<std::string>(json, "to");
  direction.frames = take<uint64_t>(json, "frames");
  direction.bytes = take<uint64_t>(json, "bytes");
  direction.rate_bps = take_optional<int64_t>(json, "rate_bps").value_or(0);
  direction.utilisation = take_optional<double>(json, "utilisation");
  direction.marks = take<uint64_t>(json, "marks");
  direction.duplicated = take<uint64_t>(json, "duplicated");
  direction.corrupted = take<uint64_t>(json, "corrupted");
  direction.queue_packets_max = take<int64_t>(json, "queue_packets_max");
  direction.queue_bytes_max = take<int64_t>(json, "queue_max_bytes");
  direction.sojourn = take_summary(json, "sojourn_ns");
  direction.drops = take_drops(json);
  return direction;
}

ExpectationOutcome take_expectation(const Json& json) {
  ExpectationOutcome outcome;
  outcome.check = take<std::string>(json, "check");
  outcome.met = take<bool>(json, "met");
  outcome.wanted = take<std::string>(json, "wanted");
  outcome.measured = take<std::string>(json, "measured");
  outcome.margin = take<std::string>(json, "margin");
  outcome.reason = take<std::string>(json, "reason");
  outcome.fail = take<std::string>(json, "fail");
  outcome.place = take<std::string>(json, "place");
  outcome.metrics = take<std::vector<std::string>>(json, "metrics");
  outcome.window = take_window(json);
  return outcome;
}

CompareOutcome take_compare(const Json& json) {
  CompareOutcome outcome;
  outcome.name = take<std::string>(json, "name");
  outcome.host_expression = take<std::string>(json, "host_expression");
  outcome.violin_expression = take<std::string>(json, "violin_expression");
  outcome.unit = take<std::string>(json, "unit");
  outcome.host = take_optional<double>(json, "host");
  outcome.violin = take_optional<double>(json, "violin");
  outcome.percent = take_optional<double>(json, "percent");
  return outcome;
}

RunIdentity take_identity(const Json& json) {
  RunIdentity identity;
  identity.scenario = take<std::string>(json, "scenario");
  identity.version = take<std::string>(json, "version");
  identity.commit = take<std::string>(json, "commit");
  identity.command = take<std::vector<std::string>>(json, "command");
  identity.machine = take<std::string>(json, "machine");
  identity.seed = take<uint64_t>(json, "seed");
  identity.params = take<std::map<std::string, std::string>>(json, "params");
  identity.clock = take<std::string>(json, "clock");
  identity.epoch_ns = take<int64_t>(json, "epoch_ns");
  // Earlier runs do not say.
  if (json.contains("underlay")) {
    identity.underlay = take_optional<std::string>(json, "underlay").value_or("");
  }
  return identity;
}

std::optional<uint64_t> take_digest(const Json& json) {
  const auto text = take_optional<std::string>(json, "digest");
  if (!text) return std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value, 16);
  if (error != std::errc{} || end != text->data() + text->size()) {
    throw WrongValue("not a digest: " + *text);
  }
  return value;
}

void check_schema(const Json& json) {
  const int schema = take<int>(json, "schema");
  if (schema == kSummarySchema) return;
  throw WrongValue("schema " + std::to_string(schema) +
                   " was written by another version; allowed: " + std::to_string(kSummarySchema));
}

// Nothing in runs of versions that had no parts.
std::optional<RunCut> take_cut(const Json& json) {
  const Json cut = json.value("parallel", Json(nullptr));
  if (cut.is_null()) return std::nullopt;
  const bool bounded = !cut.at("lookahead_ns").is_null();
  return RunCut{take<int>(cut, "parts"),
                bounded ? take_duration(cut, "lookahead_ns") : Duration::max()};
}

RunResult take_result(const Json& json) {
  check_schema(json);
  RunResult result;
  result.identity = take_identity(json);
  result.interrupted = take<bool>(json, "interrupted");
  result.failures = json.value("failures", std::vector<std::string>());
  result.duration = take_duration(json, "duration_ns");
  result.window = take_window(json);
  result.virtual_time = take_duration(json, "virtual_ns");
  result.wall_seconds = take<double>(json, "wall_seconds");
  result.total_seconds = take<double>(json, "total_seconds");
  result.frame_hops = take<uint64_t>(json, "frame_hops");
  result.events = take<uint64_t>(json, "events");
  result.cut = take_cut(json);
  result.digest = take_digest(json);
  result.fidelity = take_fidelity(json);
  result.kernels = take_kernels(json);
  for (const Json& entry : json.at("expectations")) {
    result.expectations.push_back(take_expectation(entry));
  }
  for (const Json& entry : json.at("compares")) result.compares.push_back(take_compare(entry));
  for (const Json& entry : json.at("workloads")) result.workloads.push_back(take_workload(entry));
  for (const Json& entry : json.at("links")) {
    result.links.push_back({take<std::string>(entry, "name"), take_direction(entry.at("a_to_b")),
                            take_direction(entry.at("b_to_a"))});
  }
  // Runs of the first version listed every link.
  result.idle_links = json.value("idle_links", uint64_t{0});
  for (const Json& entry : json.at("nodes")) {
    result.nodes.push_back({take<std::string>(entry, "name"), take_drops(entry)});
  }
  result.routers = take_routers(json);
  result.captures = take<std::vector<std::string>>(json, "captures");
  return result;
}

// Runs `read` on the JSON in `text`, turning every complaint into one about `file`.
template <typename Read>
auto parse(const std::string& text, const std::string& file, Read read) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    throw InputError(Place{file, 0, 0}, error.what());
  } catch (const WrongValue& error) {
    throw InputError(Place{file, 0, 0}, error.what());
  }
}

}  // namespace

RunResult parse_summary(const std::string& text, const std::string& file) {
  return parse(text, file, take_result);
}

std::vector<ExpectationOutcome> parse_expectations(const std::string& text,
                                                   const std::string& file) {
  return parse(text, file, [](const Json& json) {
    check_schema(json);
    std::vector<ExpectationOutcome> outcomes;
    for (const Json& entry : json.at("expectations")) outcomes.push_back(take_expectation(entry));
    return outcomes;
  });
}

}  // namespace violin
