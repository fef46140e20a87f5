#include "emulator/graph/graph_reader.hh"

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <string_view>
#include <utility>

#include "emulator/graph/gml.hh"
#include "emulator/graph/graph_import.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {

namespace {

std::string read_all(std::istream& input, const std::string& file_name) {
  std::string text;
  char block[65536];
  while (input.read(block, sizeof block) || input.gcount() > 0) {
    text.append(block, static_cast<size_t>(input.gcount()));
    if (text.size() > kMaximumGraphBytes) {
      throw InputError({file_name, 0, 0}, "larger than " +
                                              std::to_string(kMaximumGraphBytes >> 20) +
                                              " MiB, the limit for a graph file");
    }
  }
  return text;
}

class GraphmlReader {
 public:
  GraphmlReader(const std::string& text, const std::string& file_name) : file_name_(file_name) {
    line_starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_starts_.push_back(static_cast<ptrdiff_t>(i) + 1);
    }
    const pugi::xml_parse_result result = document_.load_buffer(text.data(), text.size());
    if (!result) fail(line_at(result.offset), std::string("not XML: ") + result.description());
  }

  RawGraph read() {
    const pugi::xml_node root = document_.document_element();
    if (local_name(root) != "graphml") {
      fail(line_of(root), std::string("not GraphML: the root element is <") + root.name() + ">");
    }
    read_keys(root);
    bool found = false;
    for (const pugi::xml_node child : root.children()) {
      if (local_name(child) != "graph") continue;
      if (found) note_once("only the first <graph> of the file is read");
      if (!found) read_graph(child);
      found = true;
    }
    if (!found) fail(line_of(root), "there is no <graph> in it");
    return std::move(raw_);
  }

 private:
  struct Key {
    std::string name;   // attr.name
    std::string scope;  // node, edge, graph, all …
    std::string fallback;
    bool has_fallback = false;
  };

  [[noreturn]] void fail(int line, const std::string& message) const {
    throw InputError({file_name_, line, 0}, message);
  }

  int line_at(ptrdiff_t offset) const {
    return static_cast<int>(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) -
                            line_starts_.begin());
  }
  int line_of(const pugi::xml_node& node) const { return line_at(node.offset_debug()); }

  // The name without a namespace prefix.
  static std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
  }

  void note_once(const std::string& note) {
    if (std::find(raw_.notes.begin(), raw_.notes.end(), note) == raw_.notes.end()) {
      raw_.notes.push_back(note);
    }
  }

  void read_keys(const pugi::xml_node& root) {
    for (const pugi::xml_node child : root.children()) {
      if (local_name(child) != "key") continue;
      Key key{child.attribute("attr.name").value(), child.attribute("for").as_string("all"), "",
              false};
      const std::string id = child.attribute("id").value();
      if (id.empty()) fail(line_of(child), "this <key> has no id");
      if (key.name.empty()) key.name = id;
      for (const pugi::xml_node part : child.children()) {
        if (local_name(part) != "default") continue;
        key.fallback = part.text().get();
        key.has_fallback = true;
      }
      if (!keys_.emplace(id, std::move(key)).second) {
        fail(line_of(child), "there is already a key with id " + id);
      }
    }
    for (const auto& [id, key] : keys_) {
      if (key.has_fallback) keys_with_fallback_.push_back(&key);
    }
  }

  void read_graph(const pugi::xml_node& graph) {
    raw_.directed = std::string_view(graph.attribute("edgedefault").value()) == "directed";
    for (const pugi::xml_node child : graph.children()) {
      const std::string_view name = local_name(child);
      if (name == "node") {
        raw_.nodes.push_back({required(child, "id"), line_of(child), attributes_of(child, "node")});
      } else if (name == "edge") {
        raw_.edges.push_back({required(child, "source"), required(child, "target"), line_of(child),
                              attributes_of(child, "edge")});
      } else if (name == "hyperedge") {
        note_once("hyperedges are left out");
      }
    }
  }

  std::string required(const pugi::xml_node& node, const char* attribute) const {
    std::string value = node.attribute(attribute).value();
    if (value.empty()) {
      fail(line_of(node), std::string("this <") + node.name() + "> has no " + attribute);
    }
    return value;
  }

  std::vector<GraphAttribute> attributes_of(const pugi::xml_node& node, std::string_view scope) {
    std::vector<GraphAttribute> attributes;
    for (const pugi::xml_node child : node.children()) {
      if (local_name(child) == "graph") note_once("graphs inside nodes are left out");
      if (local_name(child) != "data") continue;
      const auto key = keys_.find(child.attribute("key").value());
      if (key == keys_.end()) {
        fail(line_of(child),
             std::string("there is no <key> with id ") + child.attribute("key").value());
      }
      attributes.push_back({key->second.name, child.text().get(), line_of(child)});
    }
    // Found last, so that they count only where the node or edge itself says nothing.
    for (const Key* key : keys_with_fallback_) {
      if (key->scope != scope && key->scope != "all") continue;
      attributes.push_back({key->name, key->fallback, line_of(node)});
    }
    return attributes;
  }

  const std::string& file_name_;
  pugi::xml_document document_;
  std::vector<ptrdiff_t> line_starts_;
  std::map<std::string, Key, std::less<>> keys_;
  std::vector<const Key*> keys_with_fallback_;
  RawGraph raw_;
};

std::string required(const GmlItem& owner, const std::string& key, const std::string& file_name) {
  for (const GmlItem& item : owner.list) {
    if (item.key == key && !item.is_list && !item.text.empty()) return item.text;
  }
  throw InputError({file_name, owner.line, 0}, "this " + owner.key + " has no " + key);
}

std::vector<GraphAttribute> attributes_of(const GmlItem& owner) {
  std::vector<GraphAttribute> attributes;
  for (const GmlItem& item : owner.list) {
    if (!item.is_list) attributes.push_back({item.key, item.text, item.line});
  }
  return attributes;
}

}  // namespace

ImportedGraph read_graphml(std::istream& input, const std::string& file_name) {
  const std::string text = read_all(input, file_name);
  return import_graph(GraphmlReader(text, file_name).read(), file_name);
}

ImportedGraph read_gml(std::istream& input, const std::string& file_name) {
  const std::vector<GmlItem> top = parse_gml(read_all(input, file_name), file_name);
  const auto is_graph = [](const GmlItem& item) { return item.key == "graph" && item.is_list; };
  const auto graph = std::find_if(top.begin(), top.end(), is_graph);
  if (graph == top.end()) throw InputError({file_name, 1, 0}, "there is no graph [ … ] in it");
  RawGraph raw;
  if (std::count_if(top.begin(), top.end(), is_graph) > 1) {
    raw.notes.push_back("only the first graph of the file is read");
  }
  for (const GmlItem& item : graph->list) {
    if (item.key == "directed" && !item.is_list) raw.directed = item.text == "1";
    if (!item.is_list) continue;
    if (item.key == "node") {
      raw.nodes.push_back({required(item, "id", file_name), item.line, attributes_of(item)});
    } else if (item.key == "edge") {
      raw.edges.push_back({required(item, "source", file_name), required(item, "target", file_name),
                           item.line, attributes_of(item)});
    }
  }
  return import_graph(raw, file_name);
}

}  // namespace violin
