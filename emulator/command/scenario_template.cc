#include "emulator/command/scenario_template.hh"

#include <algorithm>
#include <stdexcept>

#include "core/check.hh"
#include "emulator/command/template_text.hh"

namespace violin {
namespace {

int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

// Numbers of the text that follow from its sizes.
void add_derived(std::string_view kind, TemplateSizes& values) {
  if (kind == "line") values["hops"] = values["routers"] + 1;
  if (kind == "tree") {
    values["hosts"] = power(values["fanout"], values["depth"]);
    // Up through every level of routers, down again, and the host.
    values["hops"] = 2 * values["depth"];
    constexpr int64_t kMostHosts = 5'000;  // every leaf is a subnet, and each router knows all
    if (values["hosts"] > kMostHosts) {
      throw std::invalid_argument("a tree of " + std::to_string(values["hosts"]) +
                                  " hosts; allowed: at most " + std::to_string(kMostHosts));
    }
  }
  if (kind == "grid") {
    values["hosts"] = values["rows"] * values["columns"];
    values["hops"] = values["rows"] + values["columns"];
  }
  // Flows start within the first second.
  if (kind == "dumbbell") values["stagger"] = 1000 / values["pairs"];
  if (kind == "clos") {
    values["all"] = values["leaves"] * values["hosts"];
    values["half"] = values["all"] / 2;
    values["middle"] = values["half"] + 1;
    values["last"] = 2 * values["half"];
  }
  if (kind == "random") {
    if (values["degree"] >= values["routers"]) {
      throw std::invalid_argument("degree " + std::to_string(values["degree"]) +
                                  "; allowed: less than the number of routers");
    }
    values["all"] = values["routers"] * values["hosts"];
    values["targets"] = std::min<int64_t>(values["all"], 10);
  }
}

std::string filled_in(std::string_view text, const TemplateSizes& values) {
  std::string result;
  while (true) {
    const size_t open = text.find('@');
    result += text.substr(0, open);
    if (open == std::string_view::npos) return result;
    const size_t close = text.find('@', open + 1);
    CHECK(close != std::string_view::npos);
    const auto value = values.find(std::string(text.substr(open + 1, close - open - 1)));
    CHECK(value != values.end());
    result += std::to_string(value->second);
    text.remove_prefix(close + 1);
  }
}

}  // namespace

const std::vector<ScenarioTemplate>& scenario_templates() {
  static const std::vector<ScenarioTemplate> kTemplates = {
      {"star", "hosts around one switch", {{"hosts", 4, 2, 1000, "hosts"}}},
      {"line",
       "routers in a row, a host at each, and a link that fails",
       {{"routers", 4, 2, 60, "routers"}}},
      {"tree",
       "routers as a tree, hosts as its leaves",
       {{"depth", 3, 1, 6, "levels below the top"}, {"fanout", 2, 2, 10, "children of each"}}},
      {"grid",
       "routers in rows and columns, a host at each",
       {{"rows", 4, 2, 30, "rows"}, {"columns", 4, 2, 30, "columns"}}},
      {"dumbbell",
       "TCP flows through one bottleneck",
       {{"pairs", 4, 2, 100, "senders, and as many receivers"}}},
      {"clos",
       "a data centre of spines and leaves",
       {{"spines", 2, 1, 16, "routers on top"},
        {"leaves", 4, 2, 32, "routers below"},
        {"hosts", 4, 2, 16, "hosts at each leaf"}}},
      {"random",
       "a random connected network of routers and hosts",
       {{"routers", 20, 3, 1000, "routers"},
        {"degree", 3, 1, 20, "links of a router, on average"},
        {"hosts", 1, 1, 100, "hosts at each router"}}},
      {"overlay", "a virtual network over two machines, with a tunnel between them", {}},
  };
  return kTemplates;
}

std::string scenario_text(std::string_view kind, const TemplateSizes& sizes) {
  const auto& all = scenario_templates();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [kind](const ScenarioTemplate& one) { return one.kind == kind; });
  CHECK(found != all.end());
  TemplateSizes values;
  for (const TemplateSize& size : found->sizes) values[size.name] = size.usual;
  for (const auto& [name, value] : sizes) {
    CHECK_MESSAGE(values.count(name) == 1, name);
    values[name] = value;
  }
  for (const TemplateSize& size : found->sizes) {
    CHECK(values[size.name] >= size.least && values[size.name] <= size.most);
  }
  add_derived(kind, values);
  return filled_in(template_text(kind), values);
}

}  // namespace violin
