#include "emulator/results/result_writer.hh"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <pugixml.hpp>
#include <sstream>
#include <stdexcept>

#include "emulator/results/csv.hh"
#include "emulator/results/result_tables.hh"
#include "emulator/results/summary.hh"

namespace violin {
namespace {

void write_file(const std::filesystem::path& file,
                const std::function<void(std::ostream&)>& write) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (out) write(out);
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string() + ": " + std::strerror(errno));
}

void add_case(pugi::xml_node suite, const ExpectationOutcome& outcome) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("name") = outcome.check.c_str();
  test.append_attribute("classname") = suite.attribute("name").value();
  if (outcome.met) return;
  pugi::xml_node failure = test.append_child("failure");
  std::string message = "wanted " + outcome.wanted + ", measured ";
  message += outcome.measured.empty() ? "nothing: " + outcome.reason : outcome.measured;
  failure.append_attribute("message") = message.c_str();
  failure.text().set(outcome.fail.c_str());
}

}  // namespace

std::string junit_text(const RunResult& result) {
  pugi::xml_document document;
  pugi::xml_node suite = document.append_child("testsuites").append_child("testsuite");
  size_t failures = 0;
  for (const ExpectationOutcome& outcome : result.expectations) failures += outcome.met ? 0 : 1;
  suite.append_attribute("name") = result.identity.scenario.c_str();
  suite.append_attribute("tests") = result.expectations.size() + (result.interrupted ? 1 : 0);
  suite.append_attribute("failures") = failures;
  suite.append_attribute("errors") = result.interrupted ? 1 : 0;
  suite.append_attribute("time") = double_text(result.total_seconds).c_str();
  for (const ExpectationOutcome& outcome : result.expectations) add_case(suite, outcome);
  if (result.interrupted) {
    pugi::xml_node test = suite.append_child("testcase");
    test.append_attribute("name") = "the run goes to its end";
    test.append_attribute("classname") = result.identity.scenario.c_str();
    test.append_child("error").append_attribute("message") = "it was interrupted";
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

void write_result(const RunResult& result, const std::filesystem::path& folder) {
  using Out = std::ostream&;
  write_file(folder / "series.csv", [&](Out out) { write_series(out, result); });
  write_file(folder / "flows.csv", [&](Out out) { write_flows(out, result); });
  write_file(folder / "links.csv", [&](Out out) { write_links(out, result); });
  write_file(folder / "pings.csv", [&](Out out) { write_pings(out, result); });
  write_file(folder / "digest.csv", [&](Out out) { write_digests(out, result); });
  write_file(folder / "events.jsonl", [&](Out out) { write_event_log(out, result); });
  write_file(folder / "junit.xml", [&](Out out) { out << junit_text(result); });
  write_file(folder / "summary.json", [&](Out out) { out << summary_text(result); });
}

}  // namespace violin
