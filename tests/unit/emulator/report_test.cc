#include "emulator/results/report.hh"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "emulator/results/drop_plot.hh"
#include "emulator/results/expectation.hh"
#include "emulator/results/plot.hh"
#include "emulator/results/plot_legend.hh"
#include "emulator/results/plot_stack.hh"
#include "emulator/results/sweep_result.hh"
#include "tests/support/example_result.hh"

namespace violin {
namespace {

bool has_gnuplot() {
  try {
    Plot plot;
    plot.name = "probe";
    plot.panels.push_back({});
    plot.panels[0].curves.push_back({"", Curve::Style::kLines, {{0, 0}, {1, 1}}, {}, -1});
    draw_svg(plot);
    return true;
  } catch (const PlotError&) {
    return false;
  }
}

RunResult judged_result() {
  RunResult result = example_result();
  result.expectations.push_back({"rtt.longest_gap <= 1 s",
                                 "",
                                 "s.yaml:4:5",
                                 false,
                                 "<= 1 s",
                                 "2.102 s",
                                 "-1.102 s (-110 %)",
                                 "",
                                 result.window,
                                 {"rtt.longest_gap"}});
  result.expectations.push_back({"vm.goodput >= 70 Mbit/s",
                                 "",
                                 "s.yaml:5:5",
                                 true,
                                 ">= 70 Mbit/s",
                                 "90 Mbit/s",
                                 "+20 Mbit/s (+28.6 %)",
                                 "",
                                 result.window,
                                 {"vm.goodput"}});
  return result;
}

SweepResult sweep_of(int seeds) {
  SweepResult sweep;
  int number = 0;
  for (const char* crypt : {"none", "aes-256-gcm"}) {
    for (int seed = 1; seed <= seeds; ++seed) {
      const double cost = crypt[0] == 'n' ? 0 : 7 + 0.3 * ((seed * 7) % 5);
      RunResult result = example_result(static_cast<uint64_t>(seed), 10 + cost);
      result.identity.params["crypt"] = crypt;
      sweep.runs.push_back({"00" + std::to_string(++number), std::move(result)});
    }
  }
  return sweep;
}

// For people: VIOLIN_KEEP_REPORTS=FOLDER keeps the pages to look at.
void keep(const std::string& name, const std::string& page) {
  const char* folder = ::getenv("VIOLIN_KEEP_REPORTS");
  if (folder != nullptr) std::ofstream(std::string(folder) + "/" + name) << page;
}

TEST(Report, NeedsNothingFromElsewhere) {
  for (const std::string& page :
       {report_text(judged_result()), sweep_report_text(sweep_of(3), "example")}) {
    EXPECT_EQ(page.find("src="), std::string::npos);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("<link"), std::string::npos);
    EXPECT_EQ(page.find("@import"), std::string::npos);
    EXPECT_EQ(page.find("url(http"), std::string::npos);
  }
}

TEST(Report, IsTheSameEachTime) {
  EXPECT_EQ(report_text(judged_result()), report_text(judged_result()));
  EXPECT_EQ(sweep_report_text(sweep_of(2), "x"), sweep_report_text(sweep_of(2), "x"));
}

TEST(Report, LinksAFailedExpectationToItsPlot) {
  const std::string page = report_text(judged_result());
  keep("run.html", page);
  EXPECT_NE(page.find("1 of 2 expectations failed"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"#rtt\">"), std::string::npos);
  EXPECT_NE(page.find("<section id=\"rtt\">"), std::string::npos);
  EXPECT_NE(page.find("link_down"), std::string::npos);
  EXPECT_NE(page.find("01234567"), std::string::npos);
}

TEST(Report, HoldsPlotsWithUnitsOnTheirAxes) {
  if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const std::string page = report_text(judged_result());
  EXPECT_NE(page.find("goodput (Mbit/s)"), std::string::npos);
  EXPECT_NE(page.find("round trip (ms)"), std::string::npos);
  EXPECT_NE(page.find("packets waiting"), std::string::npos);
  EXPECT_EQ(page.find("No plot:"), std::string::npos);
}

TEST(Report, DrawsDropsByReason) {
  const Plot plot = drop_plot(example_result());
  ASSERT_EQ(plot.panels.size(), 1u);
  const Panel& panel = plot.panels[0];
  EXPECT_EQ(panel.x_names, (std::vector<std::string>{"v1/last.r1->h3", "v1/r1"}));
  ASSERT_EQ(panel.curves.size(), 3u);
  EXPECT_EQ(panel.curves[0].name, "queue_full");
  EXPECT_EQ(panel.curves[1].name, "link_down");
  EXPECT_EQ(panel.curves[1].points[0].second, 20);
  const Panel drawn = unstacked(panel);
  EXPECT_EQ(drawn.curves.back().points[0].second, 312);
  EXPECT_EQ(drawn.curves[1].name, "link_down");
  EXPECT_EQ(drawn.curves[1].points[0].second, 332);
  EXPECT_TRUE(drop_plot(RunResult{}).panels.empty());
}

TEST(Report, FoldsLongTablesAwayAndShortOnesNot) {
  RunResult result = example_result();
  EXPECT_NE(report_text(result, {}).find("<details open><summary>4 directions of links"),
            std::string::npos);
  auto& tcp = std::get<TcpResult>(result.workloads.back().outcome);
  tcp.flows.resize(50, tcp.flows.front());
  const std::string text = report_text(result, {});
  EXPECT_NE(text.find("<details><summary>50 flows"), std::string::npos);
  EXPECT_NE(text.find("all of them are in flows.csv"), std::string::npos);
}

TEST(Report, NamesTheSeedAsSweptOnlyWhereItIs) {
  EXPECT_NE(sweep_report_text(sweep_of(2), "s", {}).find("<b>swept</b>crypt, seed<"),
            std::string::npos);
  EXPECT_NE(sweep_report_text(sweep_of(1), "s", {}).find("<b>swept</b>crypt<"), std::string::npos);
}

TEST(Plot, KeepsRoomForEveryRowOfALegend) {
  Panel panel;
  for (int i = 0; i < 7; ++i) {
    panel.curves.push_back({"a workload with a long name", Curve::Style::kLines, {}, {}, -1});
  }
  EXPECT_EQ(legend_of(panel, 1000).rows, 3u);
  EXPECT_EQ(legend_of(panel, 500).rows, 7u);
  EXPECT_EQ(legend_of(Panel{}, 500).rows, 0u);
  Plot plot;
  plot.name = "p";
  plot.panels = {panel};
  plot.width = 1000;
  const std::string three_rows = gnuplot_script(plot);
  plot.width = 500;
  EXPECT_NE(three_rows.find("set bmargin 7.8\n"), std::string::npos) << three_rows;
  EXPECT_NE(gnuplot_script(plot).find("set bmargin 13\n"), std::string::npos);
}

TEST(Report, OfASweepShowsIntervals) {
  SweepResult sweep = sweep_of(10);
  sweep.failed = {"021: the pool was too small"};
  const std::string page = sweep_report_text(sweep, "degradation");
  keep("sweep.html", page);
  EXPECT_NE(page.find("±"), std::string::npos);
  EXPECT_NE(page.find("021: the pool was too small"), std::string::npos);
  EXPECT_NE(page.find("(host − violin) / host"), std::string::npos);
  EXPECT_NE(page.find("Simulated: every figure"), std::string::npos);
}

TEST(Report, EscapesWhatAScenarioSays) {
  RunResult result = judged_result();
  result.identity.scenario = "<b>&";
  result.workloads.push_back(
      {"ls", "v1/h1", "", "program", Time::zero(), ExecResult{0, "<script>"}, {}});
  const std::string page = report_text(result);
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;&amp;"), std::string::npos);
}

TEST(Report, OfARunInWhichNothingHappenedIsStillAPage) {
  RunResult empty;
  empty.interrupted = true;
  const std::string page = report_text(empty);
  EXPECT_NE(page.find("interrupted"), std::string::npos);
  EXPECT_NE(page.find("</html>"), std::string::npos);
  EXPECT_NE(sweep_report_text({}, "empty").find("A sweep of 0 runs"), std::string::npos);
}

TEST(Plot, QuotesNamesSoThatTheyCannotCommandGnuplot) {
  Plot plot;
  plot.name = "p";
  plot.panels.push_back({});
  plot.panels[0].curves.push_back({"it's\nset output 'x'", Curve::Style::kLines, {{0, 1}}, {}, -1});
  const std::string script = gnuplot_script(plot);
  EXPECT_NE(script.find("title 'it''s set output ''x'''"), std::string::npos) << script;
}

TEST(Plot, KeepsTheExtremesOfALongCurve) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 100'000; ++i) points.emplace_back(i, i == 70'707 ? 1000 : i % 7);
  const auto kept = thinned(points, 600);
  EXPECT_LE(kept.size(), 1200u);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; }));
  EXPECT_EQ(std::count(kept.begin(), kept.end(), std::make_pair(70'707.0, 1000.0)), 1);
  EXPECT_EQ(thinned({{1, 2}}, 600).size(), 1u);
}

}  // namespace
}  // namespace violin
