#include "emulator/graph/topology_picture.hh"

#include "emulator/graph/topology_drawing.hh"
#include "emulator/os/child_process.hh"
#include "emulator/os/filter_program.hh"

namespace violin {
namespace {

// Beyond these a picture on a page is no help, and dense graphs take Graphviz seconds.
constexpr size_t kNodesMax = 80;
constexpr size_t kLinksMax = 120;

}  // namespace

std::string topology_svg(const Scenario& scenario) {
  if (scenario.nodes.size() > kNodesMax || scenario.links.size() > kLinksMax) return {};
  try {
    const FilterOutput drawn = run_filter({"dot", "-Tsvg"}, draw_dot(scenario));
    // Without the XML declaration and document type, which have no place inside a page.
    const size_t start = drawn.output.find("<svg");
    return drawn.status == 0 && start != std::string::npos ? drawn.output.substr(start) : "";
  } catch (const ProgramMissing&) {
    return {};
  }
}

}  // namespace violin
