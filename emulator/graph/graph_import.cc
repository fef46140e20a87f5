#include "emulator/graph/graph_import.hh"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/topology.hh"
#include "emulator/graph/great_circle.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {

namespace {

constexpr size_t kLongestName = 60;
constexpr size_t kExamplesInANote = 5;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

// One sentence about all nodes or edges that share a defect, with the first few by name.
class Finding {
 public:
  void add(std::string example) {
    if (count_++ < kExamplesInANote) examples_.push_back(std::move(example));
  }
  void tell(std::string_view what, std::vector<std::string>& notes) const {
    if (count_ == 0) return;
    std::string note = std::to_string(count_) + " " + std::string(what) + ": ";
    for (size_t i = 0; i < examples_.size(); ++i) note += (i == 0 ? "" : ", ") + examples_[i];
    if (count_ > examples_.size()) note += ", …";
    notes.push_back(std::move(note));
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> examples_;
};

class Importer {
 public:
  Importer(const RawGraph& raw, const std::string& file_name) : raw_(raw), file_name_(file_name) {}

  ImportedGraph import() {
    graph_.notes = raw_.notes;
    check_size();
    for (const RawGraphNode& node : raw_.nodes) import_node(node);
    for (const RawGraphEdge& edge : raw_.edges) import_edge(edge);
    if (raw_.directed) {
      graph_.notes.push_back(
          "the graph is directed: every edge is read as a link of both directions");
    }
    unlabelled_.tell("nodes have no label and are named after their id", graph_.notes);
    repeated_.tell("nodes repeat the label of another and got a number", graph_.notes);
    without_place_.tell("nodes have no coordinates", graph_.notes);
    loops_.tell("edges from a node to itself are dropped", graph_.notes);
    without_delay_.tell("edges have no delay, since an end has no coordinates", graph_.notes);
    unreadable_rate_.tell("edges have a LinkSpeed that is not a rate", graph_.notes);
    without_rate_.tell("edges have no rate", graph_.notes);
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(int line, const std::string& message) const {
    throw InputError({file_name_, line, 0}, message);
  }

  void check_size() const {
    if (raw_.nodes.size() > kMaximumGraphNodes) {
      fail(raw_.nodes[kMaximumGraphNodes].line,
           "more than " + std::to_string(kMaximumGraphNodes) + " nodes");
    }
    if (raw_.edges.size() > kMaximumGraphEdges) {
      fail(raw_.edges[kMaximumGraphEdges].line,
           "more than " + std::to_string(kMaximumGraphEdges) + " edges");
    }
  }

  void import_node(const RawGraphNode& raw) {
    const int number = static_cast<int>(graph_.nodes.size());
    if (!number_of_id_.emplace(raw.id, number).second) {
      fail(raw.line, "there is already a node with id " + raw.id);
    }
    ImportedNode node;
    const GraphAttribute* label = find_attribute(raw.attributes, "label");
    if (label != nullptr) node.label = std::string(trimmed(label->value));
    const bool says_nothing = node.label.empty() || node.label == "None" || node.label == "?";
    std::string name = says_nothing ? "" : name_from_label(node.label);
    if (name.empty()) {
      name = name_from_label(raw.id);
      if (name.empty()) name = "n";
      unlabelled_.add(name);
    }
    node.name = make_unique(name);
    if (node.name != name) repeated_.add(node.name);
    import_coordinates(raw, node);
    graph_.nodes.push_back(std::move(node));
  }

  // The suffix counts per name, so that a million equal labels cost no more than a million steps.
  std::string make_unique(const std::string& name) {
    if (names_.insert(name).second) return name;
    int& suffix = suffixes_.emplace(name, 1).first->second;
    for (;;) {
      std::string candidate = name + "_" + std::to_string(++suffix);
      if (names_.insert(candidate).second) return candidate;
    }
  }

  void import_coordinates(const RawGraphNode& raw, ImportedNode& node) {
    const GraphAttribute* latitude = find_attribute(raw.attributes, "Latitude");
    const GraphAttribute* longitude = find_attribute(raw.attributes, "Longitude");
    const std::optional<double> north = number_of(latitude);
    const std::optional<double> east = number_of(longitude);
    if (!north || !east) {
      without_place_.add(node.name);
      return;
    }
    if (*north < -90 || *north > 90) {
      fail(latitude->line,
           "the latitude of " + node.name + " is not between -90 and 90: " + latitude->value);
    }
    if (*east < -180 || *east > 180) {
      fail(longitude->line,
           "the longitude of " + node.name + " is not between -180 and 180: " + longitude->value);
    }
    node.latitude = north;
    node.longitude = east;
  }

  int find_node(const RawGraphEdge& edge, const std::string& id) const {
    const auto found = number_of_id_.find(id);
    if (found == number_of_id_.end()) fail(edge.line, "the edge ends at an unknown node: " + id);
    return found->second;
  }

  void import_edge(const RawGraphEdge& raw) {
    ImportedEdge edge;
    edge.a = find_node(raw, raw.source);
    edge.b = find_node(raw, raw.target);
    const std::string name = graph_.nodes[edge.a].name + "--" + graph_.nodes[edge.b].name;
    if (edge.a == edge.b) {
      loops_.add(graph_.nodes[edge.a].name);
      return;
    }
    edge.delay = delay_of(raw, edge);
    if (!edge.delay) without_delay_.add(name);
    bool unreadable = false;
    edge.rate = rate_of(raw, unreadable);
    if (unreadable) unreadable_rate_.add(name);
    if (!edge.rate) without_rate_.add(name);
    graph_.edges.push_back(edge);
  }

  std::optional<Duration> delay_of(const RawGraphEdge& raw, const ImportedEdge& edge) const {
    for (const std::string_view key : {"delay", "latency"}) {
      const GraphAttribute* given = find_attribute(raw.attributes, key);
      if (given == nullptr) continue;
      const Duration delay = parse(*given, parse_duration);
      if (delay < Duration() || delay > Topology::kMaximumDelay) {
        fail(given->line, given->key + " is not between 0 and 1 h: " + given->value);
      }
      return delay;
    }
    const ImportedNode& a = graph_.nodes[edge.a];
    const ImportedNode& b = graph_.nodes[edge.b];
    if (!a.latitude || !b.latitude) return std::nullopt;
    return great_circle_delay({*a.latitude, *a.longitude}, {*b.latitude, *b.longitude});
  }

  std::optional<BitRate> rate_of(const RawGraphEdge& raw, bool& unreadable) const {
    for (const std::string_view key : {"rate", "bandwidth"}) {
      const GraphAttribute* given = find_attribute(raw.attributes, key);
      if (given == nullptr) continue;
      const BitRate rate = parse(*given, parse_bit_rate);
      if (rate <= BitRate()) fail(given->line, given->key + " is not above 0: " + given->value);
      return rate;
    }
    if (const auto rate = link_speed_of(raw.attributes)) return rate;
    unreadable = find_attribute(raw.attributes, "LinkSpeedRaw") != nullptr ||
                 find_attribute(raw.attributes, "LinkSpeed") != nullptr;
    return std::nullopt;
  }

  template <typename Quantity>
  Quantity parse(const GraphAttribute& given, Quantity (*parser)(std::string_view)) const {
    try {
      return parser(trimmed(given.value));
    } catch (const UnitError& error) {
      fail(given.line, given.key + ": " + error.what());
    }
  }

  const RawGraph& raw_;
  const std::string& file_name_;
  ImportedGraph graph_;
  std::map<std::string, int> number_of_id_;
  std::set<std::string> names_;
  std::map<std::string, int> suffixes_;
  Finding unlabelled_, repeated_, without_place_, loops_;
  Finding without_delay_, unreadable_rate_, without_rate_;
};

}  // namespace

std::string name_from_label(std::string_view label) {
  std::string name;
  for (const char c : label) {
    if (name.size() == kLongestName) break;
    const char wanted = is_name_character(c) ? c : '_';
    const bool is_mark = wanted == '_' || wanted == '.' || wanted == '-';
    // One mark stands for a run of them, and none stands at the front.
    const char last = name.empty() ? '_' : name.back();
    if (is_mark && (last == '_' || last == '.' || last == '-')) continue;
    if (name.empty() && !is_letter(wanted)) name.push_back('n');
    name.push_back(wanted);
  }
  while (!name.empty() && !is_letter(name.back()) && (name.back() < '0' || name.back() > '9')) {
    name.pop_back();
  }
  return name;
}

ImportedGraph import_graph(const RawGraph& raw, const std::string& file_name) {
  return Importer(raw, file_name).import();
}

}  // namespace violin
