#include <filesystem>
#include <iostream>
#include <system_error>

#include "emulator/command/arguments.hh"
#include "emulator/graph/topology_drawing.hh"
#include "emulator/os/child_process.hh"
#include "emulator/results/result_folder.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario_reader.hh"

// violin draw FILE: the topology as a picture. Graphviz does the layout, as a child process.

namespace violin {
namespace {

namespace fs = std::filesystem;

// Graphviz takes hours beyond this, and nobody can read the picture.
constexpr size_t kMostNodesInPicture = 2'000;

CommandSpec draw_spec() {
  CommandSpec spec;
  spec.purpose =
      "Draws the topology of a scenario: planes, nodes, links with delay and rate, and which "
      "overlay host carries which virtual node.";
  spec.usage = "FILE [-o FILE.svg|.png|.pdf|.dot] [--geographic] [--set NAME=VALUE]… [--seed N]";
  spec.operands = {{"FILE", 1, 1}};
  spec.options = {
      {.name = "out,o",
       .value = "FILE",
       .explanation = "what to write; its end says what: .svg, .png, .pdf (by Graphviz) or .dot. "
                      "Without it, DOT goes to standard output"},
      {.name = "geographic", .explanation = "nodes with coordinates stand as on a map"},
      {.name = "no-labels", .explanation = "leave out delay and rate of links"},
      {.name = "no-placements", .explanation = "leave out which overlay host carries a node"},
      {.name = "quiet", .explanation = "do not say what was written"}};
  for (OptionSpec& option : scenario_options()) spec.options.push_back(std::move(option));
  return spec;
}

// Lets Graphviz write `file`. It writes beside it, so that there is a whole picture or none.
void render(const std::string& dot, const fs::path& file, bool geographic) {
  fs::path partial = file;
  partial += ".partial";
  // neato -s takes positions in points, as they stand in the text, and places what has none.
  std::vector<std::string> argv =
      geographic ? std::vector<std::string>{"neato", "-s"} : std::vector<std::string>{"dot"};
  argv.push_back("-T" + file.extension().string().substr(1));
  argv.push_back("-o" + partial.string());
  try {
    ChildProcess graphviz(argv);
    const bool fed = graphviz.feed(dot);
    const int status = graphviz.wait();
    if (!fed || status != 0) {
      throw std::runtime_error("Graphviz (" + argv[0] + ") could not draw it: exit status " +
                               std::to_string(status));
    }
    fs::rename(partial, file);
  } catch (const ProgramMissing&) {
    throw std::runtime_error(
        "pictures need Graphviz, which is not installed (package graphviz); "
        "-o FILE.dot and no -o work without it");
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
}

void check_output(const Arguments& arguments, const fs::path& file, const Scenario& scenario) {
  const std::string end = file.extension().string();
  if (end != ".svg" && end != ".png" && end != ".pdf" && end != ".dot") {
    refuse(arguments.place_of("out"), "not a kind of picture", file.string(),
           "a file that ends in .svg, .png, .pdf or .dot");
  }
  if (end != ".dot" && scenario.nodes.size() > kMostNodesInPicture) {
    throw InputError(arguments.place_of("out"),
                     "a picture of " + std::to_string(scenario.nodes.size()) +
                         " nodes cannot be laid out; allowed: at most " +
                         std::to_string(kMostNodesInPicture) + ", or a .dot file");
  }
}

}  // namespace

ExitStatus draw_command(const CommandLine& line) {
  const std::optional<Arguments> arguments = parse_arguments(line, draw_spec(), std::cout);
  if (!arguments) return ExitStatus::kDone;
  const Scenario scenario = read_scenario(load_scenario_source(arguments->operands()[0]),
                                          {.overrides = read_overrides(*arguments)});
  DrawingOptions options;
  options.placements = !arguments->has("no-placements");
  options.link_labels = !arguments->has("no-labels");
  options.geographic = arguments->has("geographic");
  const std::optional<std::string> out = arguments->value("out");
  if (!out) {
    std::cout << draw_dot(scenario, options);
    return ExitStatus::kDone;
  }
  check_output(*arguments, *out, scenario);
  const std::string dot = draw_dot(scenario, options);
  if (fs::path(*out).extension() == ".dot") {
    write_file_atomically(*out, dot);
  } else {
    render(dot, *out, options.geographic);
  }
  if (!arguments->has("quiet")) std::cout << "wrote " << *out << '\n';
  return ExitStatus::kDone;
}

}  // namespace violin
