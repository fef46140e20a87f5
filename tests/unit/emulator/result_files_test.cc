#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "emulator/results/expectation.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/result_tables.hh"
#include "emulator/results/result_writer.hh"
#include "emulator/results/summary.hh"
#include "emulator/scenario/input_error.hh"
#include "tests/support/example_result.hh"
#include "tests/support/temporary_folder.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Everything a RunResult can hold, for round trips.
RunResult full_result() {
  RunResult result = example_result();
  result.workloads.push_back(
      {"path",
       "v1/h1",
       "v1/h3",
       "model",
       Time::zero(),
       TracerouteResult{true,
                        {{1, "10.0.0.1", "v1/r1", {Duration::milliseconds(1)}},
                         {2, "", "", {std::nullopt}},
                         {3, "10.0.1.2", "v1/h3", {}}}},
       {}});
  UdpResult udp;
  udp.window = result.window;
  udp.sent = 3;
  udp.received = 2;
  udp.lost = 1;
  udp.goodput_bps = 1.0 / 3.0;
  udp.jitter = Duration::microseconds(5);
  udp.delay = {2,
               Duration::milliseconds(1),
               Duration::milliseconds(1),
               Duration::milliseconds(2),
               Duration::milliseconds(2),
               Duration::milliseconds(2),
               1.5e6,
               0.1};
  result.workloads.push_back({"voice", "v1/h1", "v1/h3", "model", Time::zero(), udp, {}});
  result.workloads.push_back(
      {"ls", "v1/h1", "", "program", Time::from_ns(-5), ExecResult{3, "a \"b\"\n\xff"}, {}});
  result.expectations.push_back({"vm.goodput >= 1 bit/s",
                                 "why, \"so\"",
                                 "s.yaml:1:2",
                                 false,
                                 ">= 1 bit/s",
                                 "0 bit/s",
                                 "-1 bit/s",
                                 "",
                                 result.window,
                                 {"vm.goodput"}});
  AgentFidelity agent;
  agent.host = "mit";
  LogHistogram lateness;
  for (int64_t i = 0; i < 100; ++i) lateness.add(Duration::microseconds(i));
  agent.lateness = histogram_of(lateness);
  agent.steal_seconds = 0.25;
  agent.processor_seconds = 10;
  agent.overruns = 3;
  agent.buffer_drops = 4;
  agent.aggregation = Duration::microseconds(120);
  AgentFidelity quiet;
  quiet.host = "berkeley";
  result.fidelity = judge_fidelity({agent, quiet}, {.valid_p50 = Duration::microseconds(6)});
  result.kernels = {.kernels = 2,
                    .syscall_cost = Duration::microseconds(5),
                    .turns = 3,
                    .calendar_messages = 4,
                    .kicks = 5,
                    .interrupts = 6,
                    .kernel_seconds = 0.75,
                    .own_seconds = 0.125,
                    .process_switches = 7};
  return result;
}

TEST(ResultFiles, ComeBackAsTheyWere) {
  const TemporaryFolder folder;
  const RunResult result = full_result();
  write_result(result, folder.path());
  const RunResult again = read_result(folder.path());
  // Written once more they give the same bytes, table by table: nothing was lost on the way.
  const TemporaryFolder second;
  write_result(again, second.path());
  for (const char* file : {"series.csv", "flows.csv", "links.csv", "pings.csv", "digest.csv",
                           "events.jsonl", "junit.xml"}) {
    EXPECT_EQ(contents(folder.path() / file), contents(second.path() / file)) << file;
    EXPECT_GT(contents(folder.path() / file).size(), 10u) << file;
  }
  EXPECT_EQ(contents(folder.path() / "summary.json"), contents(second.path() / "summary.json"));
  EXPECT_EQ(again.identity.seed, result.identity.seed);
  EXPECT_EQ(again.digest, result.digest);
  EXPECT_EQ(again.idle_links, result.idle_links);
  EXPECT_EQ(again.routers, result.routers);
  EXPECT_EQ(std::get<PingResult>(again.workloads[0].outcome).probes.size(), 600u);
  EXPECT_EQ(metric_value(again, "rtt.rtt.p99").value, metric_value(result, "rtt.rtt.p99").value);
  EXPECT_EQ(metric_value(again, "voice.goodput").value, 1.0 / 3.0);
  EXPECT_EQ(again.fidelity->verdict, FidelityVerdict::kDegraded);
  ASSERT_TRUE(again.kernels);
  EXPECT_EQ(again.kernels->syscall_cost, Duration::microseconds(5));
  EXPECT_EQ(again.kernels->process_switches, 7u);
  EXPECT_EQ(again.fidelity->agents.at(1).lateness.bins.size(),
            result.fidelity->agents.at(1).lateness.bins.size());
  EXPECT_EQ(metric_value(again, "fidelity.lateness.p99").value,
            metric_value(result, "fidelity.lateness.p99").value);
}

TEST(ResultFiles, OfEarlierVersionsAreRead) {
  const TemporaryFolder folder;
  write_result(full_result(), folder.path());
  nlohmann::json summary = nlohmann::json::parse(contents(folder.path() / "summary.json"));
  summary.erase("kernels");
  summary.erase("idle_links");
  for (nlohmann::json& workload : summary["workloads"]) workload.erase("program_rtt_ns");
  std::ofstream(folder.path() / "summary.json") << summary;
  const RunResult again = read_result(folder.path());
  EXPECT_FALSE(again.kernels);
  EXPECT_EQ(std::get<PingResult>(again.workloads[0].outcome).probes.size(), 600u);
}

TEST(ResultFiles, SatisfyTheSchema) {
  rapidjson::Document schema_document;
  schema_document.Parse(
      contents(fs::path(VIOLIN_SOURCE_DIR) / "emulator/results/summary.schema.json").c_str());
  ASSERT_FALSE(schema_document.HasParseError());
  const rapidjson::SchemaDocument schema(schema_document);
  RunResult real_time = full_result();
  real_time.digest.reset();
  real_time.interrupted = true;
  for (const RunResult& result : {full_result(), real_time, RunResult{}}) {
    rapidjson::Document summary;
    summary.Parse(summary_text(result).c_str());
    ASSERT_FALSE(summary.HasParseError());
    rapidjson::SchemaValidator validator(schema);
    rapidjson::StringBuffer where;
    const bool is_valid = summary.Accept(validator);
    validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
    EXPECT_TRUE(is_valid) << where.GetString() << " " << validator.GetInvalidSchemaKeyword();
  }
}

TEST(ResultFiles, AreRefusedByTheSchemaWhenAKeyIsMissingOrNew) {
  rapidjson::Document schema_document;
  schema_document.Parse(
      contents(fs::path(VIOLIN_SOURCE_DIR) / "emulator/results/summary.schema.json").c_str());
  const rapidjson::SchemaDocument schema(schema_document);
  for (const bool remove : {true, false}) {
    rapidjson::Document summary;
    summary.Parse(summary_text(full_result()).c_str());
    if (remove) {
      summary.RemoveMember("digest");
    } else {
      summary.AddMember("surprise", 1, summary.GetAllocator());
    }
    rapidjson::SchemaValidator validator(schema);
    EXPECT_FALSE(summary.Accept(validator));
  }
}

TEST(ResultFiles, NeverHoldNotANumber) {
  RunResult result = full_result();
  std::get<TcpResult>(result.workloads[1].outcome).goodput_bps = 0.0 / 0.0;
  result.series[0].points[3].second = 1.0 / 0.0;
  const TemporaryFolder folder;
  write_result(result, folder.path());
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    const std::string text = contents(entry.path());
    EXPECT_EQ(text.find("nan"), std::string::npos) << entry.path();
    EXPECT_EQ(text.find("NaN"), std::string::npos) << entry.path();
    EXPECT_EQ(text.find("inf,"), std::string::npos) << entry.path();
  }
  EXPECT_NE(contents(folder.path() / "summary.json").find("\"goodput_bps\": null"),
            std::string::npos);
}

TEST(ResultFiles, AreRefusedWithTheirNameAndLine) {
  const TemporaryFolder folder;
  write_result(full_result(), folder.path());
  const auto message_with = [&](const char* file, const std::string& text) {
    const std::string kept = contents(folder.path() / file);
    std::ofstream(folder.path() / file) << text;
    std::string message;
    try {
      read_result(folder.path());
    } catch (const InputError& error) {
      message = error.what();
    }
    std::ofstream(folder.path() / file) << kept;
    return message;
  };
  EXPECT_NE(
      message_with("series.csv", "t_s,entity,metric,value\n1,a\n").find("series.csv:2: 2 cells"),
      std::string::npos);
  EXPECT_NE(message_with("pings.csv", "workload,sequence,sent_s,rtt_ns,queueing_ns\nrtt,x,1,2,3\n")
                .find("not a whole number in sequence: x"),
            std::string::npos);
  EXPECT_NE(message_with("summary.json", "{\"schema\": 99}").find("schema 99"), std::string::npos);
  EXPECT_NE(message_with("summary.json", "{").find("summary.json"), std::string::npos);
  EXPECT_NO_THROW(read_result(folder.path()));
}

TEST(ResultFiles, GiveContinuousIntegrationATestCasePerExpectation) {
  RunResult result = full_result();
  result.interrupted = true;
  const std::string text = junit_text(result);
  EXPECT_NE(text.find("tests=\"2\" failures=\"1\" errors=\"1\""), std::string::npos) << text;
  EXPECT_NE(text.find("wanted >= 1 bit/s, measured 0 bit/s"), std::string::npos) << text;
}

TEST(ResultTables, PutThePrefixOfASweepInFront) {
  std::ostringstream out;
  TableOptions options{{{"run", "seed"}, {"007", "3"}}, true};
  write_digests(out, example_result(), options);
  EXPECT_EQ(out.str().substr(0, 77),
            "run,seed,wire,second,chain\n007,3,v1/h1--r1.h1->r1,0,0000000000000001\n007,3,v1");
}

TEST(ResultFolder, IsThereWholeOrNotAtAll) {
  const TemporaryFolder base;
  const fs::path final_folder = base.path() / "runs" / "x" / "001";
  {
    ResultFolder folder(final_folder, Existing::kRefuse);
    std::ofstream(folder.working() / "summary.json") << "{}";
    EXPECT_FALSE(fs::exists(final_folder));
  }
  EXPECT_FALSE(fs::exists(final_folder));
  EXPECT_TRUE(fs::is_empty(base.path() / "runs" / "x"));
  ResultFolder folder(final_folder, Existing::kRefuse);
  std::ofstream(folder.working() / "summary.json") << "{}";
  folder.commit();
  EXPECT_TRUE(fs::exists(final_folder / "summary.json"));
  EXPECT_EQ(fs::read_symlink(base.path() / "runs/x/latest"), "001");
  EXPECT_EQ(next_run_folder(base.path() / "runs", "x").filename(), "002");
}

TEST(ResultFolder, ReplacesResultsOnlyWhenAskedToAndNothingElseEver) {
  const TemporaryFolder base;
  const fs::path results = base.path() / "001";
  fs::create_directories(results);
  std::ofstream(results / "summary.json") << "old";
  EXPECT_THROW(ResultFolder(results, Existing::kRefuse), std::runtime_error);
  ResultFolder folder(results, Existing::kReplace);
  std::ofstream(folder.working() / "summary.json") << "new";
  folder.commit();
  EXPECT_EQ(contents(results / "summary.json"), "new");
  const fs::path home = base.path() / "home";
  fs::create_directories(home);
  std::ofstream(home / "letter") << "dear";
  EXPECT_THROW(ResultFolder(home, Existing::kReplace), std::runtime_error);
  EXPECT_EQ(contents(home / "letter"), "dear");
}

TEST(SecondsText, IsExactBothWays) {
  for (const int64_t ns : {0L, 1L, -1L, 100'000'000L, 12'300'000'000L, -999'999'999L}) {
    EXPECT_EQ(parse_seconds(seconds_text(Time::from_ns(ns))), Time::from_ns(ns)) << ns;
  }
  EXPECT_EQ(seconds_text(Time::from_ns(12'300'000'000)), "12.3");
  EXPECT_FALSE(parse_seconds("1e3"));
  EXPECT_FALSE(parse_seconds("1."));
  EXPECT_FALSE(parse_seconds(""));
}

TEST(Csv, ReadsBackWhatHasCommasQuotesAndLineEnds) {
  std::ostringstream out;
  CsvWriter writer(out);
  writer.row({"a", "b"});
  writer.row({"x,y", "he said \"no\"\nand left"});
  std::istringstream in(out.str());
  CsvReader reader(in, "t.csv");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.cell(0), "x,y");
  EXPECT_EQ(reader.cell(1), "he said \"no\"\nand left");
  EXPECT_FALSE(reader.next());
}

}  // namespace
}  // namespace violin
