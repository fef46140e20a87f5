#include "emulator/scenario/yaml_document.hh"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cctype>
#include <cstdint>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxTextBytes = size_t{256} << 20;
constexpr uint64_t kMaxAliasedValues = 20'000'000;

bool is_ignored_key(std::string_view key) { return key.substr(0, 2) == "x-"; }

// Builds the tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

  YamlPointer take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_leaf(YamlValue::Kind::kNull, mark, anchor, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& text) override {
    add_leaf(YamlValue::Kind::kScalar, mark, anchor, text);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw InputError(place_of(mark), "an alias cannot stand inside the value it refers to");
    }
    aliased_values_ += found->second.values;
    if (aliased_values_ > kMaxAliasedValues) {
      throw InputError(place_of(mark), "aliases expand to more than 20 million values");
    }
    if (!open_.empty()) open_.back().values += found->second.values;
    attach(found->second.value, place_of(mark));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlValue::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlValue::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override {
    finish_map(open_.back());
    close();
  }

 private:
  struct Open {
    YamlPointer value;
    YAML::anchor_t anchor = 0;
    uint64_t values = 1;                               // in this subtree, aliases expanded
    std::optional<std::pair<std::string, Place>> key;  // read, its value not yet
    std::unordered_set<std::string> keys;
  };
  struct Anchored {
    YamlPointer value;
    uint64_t values = 1;
  };

  Place place_of(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  YamlPointer make(YamlValue::Kind kind, const YAML::Mark& mark) const {
    auto value = std::make_shared<YamlValue>();
    value->kind = kind;
    value->place = place_of(mark);
    return value;
  }

  void add_leaf(YamlValue::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                const std::string& text) {
    YamlPointer value = make(kind, mark);
    value->text = text;
    if (anchor != 0) anchors_[anchor] = {value, 1};
    if (!open_.empty()) open_.back().values += 1;
    attach(value, value->place);
  }

  void open(YamlValue::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth) {
      throw InputError(place_of(mark), "nested more than 64 levels deep");
    }
    if (!open_.empty() && open_.back().value->is_map() && !open_.back().key) {
      throw InputError(place_of(mark), "a key must be plain text, not a list or a map");
    }
    Open opened;
    opened.value = make(kind, mark);
    opened.anchor = anchor;
    open_.push_back(std::move(opened));
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.anchor != 0) anchors_[closed.anchor] = {closed.value, closed.values};
    if (!open_.empty()) open_.back().values += closed.values;
    attach(closed.value, closed.value->place);
  }

  // Puts a finished value where it belongs: the root, the next item, a key or a key's value.
  void attach(const YamlPointer& value, const Place& place) {
    if (open_.empty()) {
      root_ = value;
      return;
    }
    Open& parent = open_.back();
    if (parent.value->is_list()) {
      parent.value->items.push_back(value);
    } else if (parent.key) {
      parent.value->entries.push_back({parent.key->first, parent.key->second, value});
      parent.key.reset();
    } else {
      begin_entry(parent, *value, place);
    }
  }

  static void begin_entry(Open& parent, const YamlValue& key, const Place& place) {
    if (!key.is_scalar()) throw InputError(place, "a key must be plain text");
    if (!parent.keys.insert(key.text).second) {
      throw InputError(place, "the key stands twice in this map: " + key.text);
    }
    parent.key.emplace(key.text, place);
  }

  // Applies `<<` and leaves out what begins with x-.
  static void finish_map(Open& opened) {
    std::vector<YamlEntry> own = std::move(opened.value->entries);
    std::vector<YamlEntry>& entries = opened.value->entries;
    entries.clear();
    const YamlEntry* merge = nullptr;
    for (YamlEntry& entry : own) {
      if (entry.key == "<<") {
        merge = &entry;
      } else if (!is_ignored_key(entry.key)) {
        entries.push_back(std::move(entry));
      }
    }
    if (merge == nullptr) return;
    for (const YamlPointer& source : merged_maps(*merge)) {
      for (const YamlEntry& entry : source->entries) {
        if (opened.keys.insert(entry.key).second) entries.push_back(entry);
      }
    }
  }

  static std::vector<YamlPointer> merged_maps(const YamlEntry& merge) {
    std::vector<YamlPointer> maps = {merge.value};
    if (merge.value->is_list()) maps = merge.value->items;
    for (const YamlPointer& map : maps) {
      if (!map->is_map()) throw InputError(merge.key_place, "<< takes a map or a list of maps");
    }
    return maps;
  }

  std::string file_;
  YamlPointer root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;  // looked up, never iterated
  uint64_t aliased_values_ = 0;
};

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

YamlPointer parse_yaml(const std::string& text, const std::string& file) {
  const Place start{file, 1, 1};
  if (text.size() > kMaxTextBytes) throw InputError(start, "the file is larger than 256 MiB");
  TreeBuilder builder(file);
  try {
    std::istringstream input(text);
    YAML::Parser parser(input);
    if (!parser.HandleNextDocument(builder)) throw InputError(start, "the file is empty");
    YamlPointer root = builder.take_root();
    TreeBuilder rest(file);
    if (parser.HandleNextDocument(rest)) {
      throw InputError(start, "the file holds more than one YAML document");
    }
    if (!root) throw InputError(start, "the file is empty");
    return root;
  } catch (const YAML::Exception& error) {
    const bool known = error.mark.line >= 0 && error.mark.column >= 0;
    throw InputError(known ? Place{file, error.mark.line + 1, error.mark.column + 1} : start,
                     "not YAML: " + error.msg);
  }
}

}  // namespace violin
