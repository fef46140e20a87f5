#include "emulator/results/comparison.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "emulator/results/expectation.hh"
#include "emulator/results/explanation.hh"
#include "emulator/results/metrics.hh"
#include "emulator/results/result_reader.hh"
#include "emulator/results/result_writer.hh"
#include "emulator/results/verification.hh"
#include "tests/support/example_result.hh"
#include "tests/support/temporary_folder.hh"

namespace violin {
namespace {

using namespace literals;

// Three seeds, plain and encrypted; encryption costs seed + 5 Mbit/s more.
SweepResult example_sweep() {
  SweepResult sweep;
  int number = 0;
  for (const char* crypt : {"none", "aes-256-gcm"}) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const double cost = crypt[0] == 'n' ? 0 : 5 + static_cast<double>(seed);
      RunResult result = example_result(seed, 10 + cost);
      result.identity.params["crypt"] = crypt;
      sweep.runs.push_back({"00" + std::to_string(++number), std::move(result)});
    }
  }
  return sweep;
}

std::vector<ComparedRun> compared(const SweepResult& sweep) {
  std::vector<ComparedRun> runs;
  for (const SweepRun& run : sweep.runs) runs.push_back({"runs/x/001", run});
  return runs;
}

TEST(Comparison, PairsRunsBySeed) {
  const Comparison comparison =
      compare_runs(compared(example_sweep()), {"crypt", {"vm.goodput"}, {}});
  ASSERT_EQ(comparison.rows.size(), 2u);
  EXPECT_EQ(comparison.baseline, "none");
  EXPECT_EQ(comparison.rows[0].estimate.samples, 3u);
  EXPECT_DOUBLE_EQ(comparison.rows[0].estimate.mean, 90e6);
  ASSERT_TRUE(comparison.rows[1].difference);
  EXPECT_EQ(comparison.rows[1].difference->samples, 3u);
  EXPECT_DOUBLE_EQ(comparison.rows[1].difference->mean, -7e6);
  // t(0.975, 2) = 4.302653; s = 1 Mbit/s; over sqrt(3).
  EXPECT_NEAR(*comparison.rows[1].difference->ci95, 2.484138e6, 1);
}

// As from a loop over seeds, each with a folder of its own.
TEST(Comparison, PairsRunsOfSeveralFoldersWhereThereIsOneOfEach) {
  std::vector<ComparedRun> runs = compared(example_sweep());
  for (size_t i = 0; i < runs.size(); ++i) runs[i].folder = "runs/" + std::to_string(i);
  const ComparisonOptions by_crypt{"crypt", {"vm.goodput"}, {}};
  Comparison comparison = compare_runs(runs, by_crypt);
  ASSERT_TRUE(comparison.rows.at(1).difference);
  EXPECT_EQ(comparison.rows[1].difference->samples, 3u);
  EXPECT_DOUBLE_EQ(comparison.rows[1].difference->mean, -7e6);
  // With another run of a seed nobody knows which is whose.
  runs.push_back(runs.front());
  runs.back().folder = "again";
  comparison = compare_runs(runs, by_crypt);
  EXPECT_EQ(comparison.rows.at(1).difference->samples, 0u);
}

TEST(Comparison, TakesARunOnceHoweverOftenItIsNamed) {
  const TemporaryFolder folder;
  for (const char* name : {"1", "2"}) {
    std::filesystem::create_directories(folder.path() / name);
    write_result(example_result(1, 10), folder.path() / name);
  }
  std::filesystem::create_directory_symlink("2", folder.path() / "latest");
  const std::string base = folder.path().string();
  EXPECT_EQ(found_runs({base + "/1", base + "/2", base + "/latest", base}).size(), 2u);
}

TEST(Comparison, ShowsATableWithIntervalsAndDifferences) {
  const std::string table =
      comparison_table(compare_runs(compared(example_sweep()), {"crypt", {"vm.goodput"}, "none"}));
  EXPECT_EQ(table,
            "metric      crypt        mean ± 95 %        n  paired difference to none\n"
            "vm.goodput  none         90 ± 0 Mbit/s      3  baseline\n"
            "            aes-256-gcm  83.0 ± 2.5 Mbit/s  3  -7.0 ± 2.5 Mbit/s (-7.78 %)\n")
      << table;
}

TEST(Comparison, SaysThatOneRunHasNoInterval) {
  const std::vector<ComparedRun> one = {{"a", {"a", example_result()}}};
  const std::string table = comparison_table(compare_runs(one, {}));
  EXPECT_NE(table.find("  90 Mbit/s    1  baseline\n"), std::string::npos) << table;
  EXPECT_EQ(table.find("n = 1"), table.rfind("n = 1")) << table;
  EXPECT_NE(table.find("(n = 1 throughout: no intervals)\n"), std::string::npos) << table;
}

TEST(Comparison, FindsNamesWithDotsByAPattern) {
  std::vector<ComparedRun> runs = compared(example_sweep());
  for (ComparedRun& run : runs) run.run.result.workloads.back().name = "web.v4.3";
  const Comparison comparison = compare_runs(runs, {"crypt", {"*.goodput"}, {}});
  ASSERT_FALSE(comparison.rows.empty());
  EXPECT_EQ(comparison.rows.back().metric.name, "web.v4.3.goodput");
}

TEST(Comparison, NamesWhatThereIsWhenAskedForWhatIsNot) {
  const auto runs = compared(example_sweep());
  const auto error_with = [&](const ComparisonOptions& options) -> std::string {
    try {
      compare_runs(runs, options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_with({"cript", {}, {}}),
            "no such parameter: cript; allowed: crypt, seed; did you mean \"crypt\"?");
  EXPECT_EQ(error_with({"crypt", {}, "some"}),
            "no such baseline: some; allowed: none, aes-256-gcm");
  EXPECT_NE(error_with({"crypt", {"vm.badput"}, {}}).find("no metric matches vm.badput"),
            std::string::npos);
}

TEST(Comparison, GivesCsvAndJsonTheSameNumbers) {
  const Comparison comparison =
      compare_runs(compared(example_sweep()), {"crypt", {"vm.goodput"}, "none"});
  EXPECT_NE(comparison_csv(comparison).find("vm.goodput,bit/s,none,3,90000000,0,0,none,0,,,\n"),
            std::string::npos);
  EXPECT_NE(comparison_json(comparison).find("\"mean\": -7000000.0"), std::string::npos)
      << comparison_json(comparison);
}

TEST(SweepResult, HasARowPerPointAndASummaryPerCombination) {
  const SweepResult sweep = example_sweep();
  EXPECT_EQ(swept_params(sweep.runs), std::vector<std::string>{"crypt"});
  std::ostringstream runs;
  write_runs_table(runs, sweep);
  EXPECT_EQ(runs.str().substr(0, 32), "run,crypt,seed,digest,interrupte");
  EXPECT_NE(runs.str().find("\n004,aes-256-gcm,1,0123456789abcdf0,false,"), std::string::npos);
  EXPECT_NE(runs.str().find("vm.goodput_bps"), std::string::npos);
  std::ostringstream summary;
  write_sweep_summary(summary, sweep);
  EXPECT_NE(summary.str().find("\naes-256-gcm,vm.goodput,bit/s,3,83000000,1000000,24841"),
            std::string::npos)
      << summary.str();
}

TEST(SweepResult, NamesParametersInTheOrderOfTheSweep) {
  SweepResult sweep;
  for (const char* rate : {"1", "2"}) {
    for (const char* aqm : {"pie", "red", "codel"}) {
      SweepRun run{"1", {}};
      run.result.identity.params = {{"aqm", aqm}, {"rate", rate}, {"same", "x"}};
      sweep.runs.push_back(run);
    }
  }
  EXPECT_EQ(swept_params(sweep.runs), (std::vector<std::string>{"rate", "aqm"}));
  EXPECT_FALSE(has_several_seeds(sweep.runs));
  EXPECT_TRUE(has_several_seeds(example_sweep().runs));
}

TEST(SweepResult, JudgesSelectorsByTheMeanOfTheMatchingPoints) {
  Scenario scenario;
  scenario.measure_to = Time::zero() + 60_s;
  scenario.workloads.push_back({.name = "vm", .kind = TcpWorkload{}});
  scenario.workloads.push_back({.name = "host", .kind = TcpWorkload{}});
  scenario.expects = {{"vm.goodput{crypt=none} == 90 Mbit/s", "", {}},
                      {"vm.goodput{crypt=aes-256-gcm, seed=3} == 82 Mbit/s", "", {}},
                      {"vm.goodput{crypt=none} within 5 % of host.goodput", "", {}},
                      {"vm.goodput >= 1 bit/s", "judged in each run", {}}};
  const auto outcomes = judge_sweep(scenario, example_sweep().runs);
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(outcomes[0].met) << outcomes[0].measured;
  EXPECT_TRUE(outcomes[1].met) << outcomes[1].measured;
  EXPECT_FALSE(outcomes[2].met);
}

TEST(SweepResult, ComesBackFromItsFolder) {
  const TemporaryFolder folder;
  SweepResult sweep = example_sweep();
  sweep.expectations.push_back({"a", "", "", true, "", "", "", "", {}, {}});
  for (const SweepRun& run : sweep.runs) {
    std::filesystem::create_directories(folder.path() / run.run);
    write_result(run.result, folder.path() / run.run);
  }
  write_sweep(sweep, folder.path());
  const SweepResult again = read_sweep(folder.path());
  EXPECT_EQ(again.runs.size(), 6u);
  EXPECT_EQ(again.runs[3].run, "004");
  EXPECT_EQ(again.expectations.size(), 1u);
  std::ifstream series(folder.path() / "series.csv");
  std::string header;
  std::getline(series, header);
  EXPECT_EQ(header, "run,seed,crypt,t_s,entity,metric,value");
}

TEST(Explanation, ShowsWhatWasWantedDroppedAndHappenedBefore) {
  RunResult result = example_result();
  Scenario scenario;
  scenario.expects = {{"rtt.longest_gap <= 1 s", "the link was away too long", {"s.yaml", 4, 5}}};
  scenario.workloads.push_back({.name = "rtt", .kind = PingWorkload{}});
  judge_run(scenario, result);
  const std::string text = explain_failures(result, {"runs/x/001"});
  EXPECT_EQ(text,
            "[1] FAILED  rtt.longest_gap <= 1 s    s.yaml:4:5\n"
            "  that is   the link was away too long\n"
            "  wanted    <= 1 s\n"
            "  measured  2.098 s\n"
            "  margin    -1.098 s (-110 %)\n"
            "  window    0 s to 60 s\n"
            "  workload  rtt: ping v1/h1 -> v1/h3 from 0 s\n"
            "  drops     v1/last.r1->h3: 312 queue_full, 20 link_down (0.066 % of its frames)\n"
            "            v1/r1: 3 ttl_exceeded\n"
            "  event     at 20 s: down v1/last for 2 s\n"
            "  capture   runs/x/001/pcap/v1.h1.eth0.pcap\n"
            "            tshark -r runs/x/001/pcap/v1.h1.eth0.pcap -Y '(icmp) && frame.time_epoch "
            ">= 1577836818.941881 && frame.time_epoch <= 1577836823.04018'\n")
      << text;
}

TEST(Verification, CallsEqualRunsEqual) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  write_result(example_result(), a.path());
  write_result(example_result(), b.path());
  const Verification result = verify_folders(a.path(), b.path());
  EXPECT_EQ(result.verdict, Verification::Verdict::kEqual);
  EXPECT_EQ(result.text, "equal: digest 0123456789abcdf0 over 1234567 frame hops\n");
}

TEST(Verification, NamesTheFirstSecondAndWireThatDiffer) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  RunResult other = example_result(2);
  other.digests[0].values[2] = 99;
  other.digests[1].values = {4, 50, 60};
  write_result(example_result(), a.path());
  write_result(other, b.path());
  const Verification result = verify_folders(a.path(), b.path());
  EXPECT_EQ(result.verdict, Verification::Verdict::kDiffer);
  EXPECT_NE(result.text.find("seed: 1 and 2"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("first in second 1 (by its end), on wire v1/last.r1->h3\n"),
            std::string::npos)
      << result.text;
  EXPECT_NE(result.text.find("--record"), std::string::npos);
}

TEST(Verification, DoesNotKnowAboutARunWithoutDigest) {
  const TemporaryFolder a;
  RunResult real = example_result();
  real.digest.reset();
  write_result(real, a.path());
  EXPECT_EQ(verify_folders(a.path(), a.path()).verdict, Verification::Verdict::kUnknown);
}

TEST(Verification, ShowsTheFirstFrameThatDiffers) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  BufferPools pools;
  int fill = 0;
  for (const TemporaryFolder* folder : {&a, &b}) {
    RunResult result = example_result(1 + static_cast<uint64_t>(fill));
    result.digests[0].values[0] += static_cast<uint64_t>(fill);
    write_result(result, folder->path());
    FrameRecordWriter writer(folder->path() / "frames.bin", {"x->y"});
    std::vector<std::byte> bytes(20);
    writer.write(0, Frame::from_bytes(pools, bytes), Time::from_ns(5));
    bytes[17] = static_cast<std::byte>(fill++);
    writer.write(0, Frame::from_bytes(pools, bytes), Time::from_ns(1'500'000));
    writer.close();
  }
  const std::string text = verify_folders(a.path(), b.path()).text;
  EXPECT_NE(text.find("frame hop 2 is the first that differs:\n"
                      "  first   1.5 ms wire x->y, 20 B\n"
                      "  second  1.5 ms wire x->y, 20 B\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  0010  00 00 00 00"), std::string::npos) << text;
  EXPECT_NE(text.find("00 01 00 00"), std::string::npos) << text;
  EXPECT_NE(text.find(" | 00 01 00 00\n"), std::string::npos) << text;
}

TEST(PingSummary, CountsOnlyProbesOfTheWindow) {
  const RunResult result = example_result();
  const auto& ping = std::get<PingResult>(result.workloads[0].outcome);
  const PingSummary summary = summarise_ping(ping, {Time::zero() + 21_s, Time::zero() + 23_s});
  EXPECT_EQ(summary.sent, 20);
  EXPECT_EQ(summary.received, 10);
  ASSERT_TRUE(summary.longest_gap);
  // From the first probe of the window, at 21 s, to the first reply after 22 s.
  EXPECT_EQ(*summary.longest_gap, 1_s + *ping.probes[220].rtt);
}

}  // namespace
}  // namespace violin
