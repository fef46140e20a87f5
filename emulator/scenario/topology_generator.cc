#include "emulator/scenario/topology_generator.hh"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "emulator/scenario/yaml_map.hh"

namespace violin {
namespace {

constexpr int64_t kMaxNodes = 1'000'000;
constexpr int64_t kMaxLinks = 2'000'000;

// Collects a topology and numbers its hosts and switches.
class Generator {
 public:
  explicit Generator(const Place& place) : place_(place) {}

  int add(const std::string& name, NodeKind kind) {
    if (static_cast<int64_t>(result_.nodes.size()) >= kMaxNodes) {
      throw InputError(place_, "the topology has more than 1000000 nodes");
    }
    result_.nodes.push_back({name, kind});
    return static_cast<int>(result_.nodes.size()) - 1;
  }
  int add_router(const std::string& name) { return add(name, NodeKind::kRouter); }
  int add_host() { return add("h" + std::to_string(++hosts_), NodeKind::kHost); }

  std::vector<int> add_routers(const std::string& prefix, int64_t count) {
    std::vector<int> routers;
    for (int64_t i = 1; i <= count; ++i) routers.push_back(add_router(prefix + std::to_string(i)));
    return routers;
  }

  void link(int a, int b, bool to_host) {
    if (static_cast<int64_t>(result_.links.size()) >= kMaxLinks) {
      throw InputError(place_, "the topology has more than 2000000 links");
    }
    result_.links.push_back({a, b, to_host});
  }

  // Hosts of one router: one directly, more behind a switch.
  void add_hosts(int router, int64_t count) {
    if (count == 0) return;
    int centre = router;
    if (count > 1) {
      centre = add("s" + std::to_string(++switches_), NodeKind::kSwitch);
      link(router, centre, true);
    }
    for (int64_t i = 0; i < count; ++i) link(centre, add_host(), true);
  }

  GeneratedTopology take() { return std::move(result_); }

 private:
  Place place_;
  GeneratedTopology result_;
  int64_t hosts_ = 0;
  int64_t switches_ = 0;
};

int64_t read_count(const YamlMap& map, std::string_view key) {
  return read_integer(map.require(key), key, {1, kMaxNodes});
}

int64_t read_hosts(const YamlMap& map) {
  const YamlValue* value = map.find("hosts");
  return value == nullptr ? 1 : read_integer(*value, "hosts", {0, kMaxNodes});
}

void make_star(const YamlMap& map, Generator& generator) {
  const int64_t hosts = read_count(map, "hosts");
  const int centre = generator.add("s1", NodeKind::kSwitch);
  for (int64_t i = 0; i < hosts; ++i) generator.link(centre, generator.add_host(), true);
}

void make_line(const YamlMap& map, Generator& generator) {
  const std::vector<int> routers = generator.add_routers("r", read_count(map, "routers"));
  for (size_t i = 1; i < routers.size(); ++i) generator.link(routers[i - 1], routers[i], false);
  for (const int router : routers) generator.add_hosts(router, read_hosts(map));
}

void make_tree(const YamlMap& map, Generator& generator) {
  const int64_t depth = read_integer(map.require("depth"), "depth", {1, 20});
  const int64_t fanout = read_count(map, "fanout");
  int64_t number = 1;
  std::vector<int> level = {generator.add_router("r1")};
  for (int64_t below = 1; below <= depth; ++below) {
    std::vector<int> next;
    for (const int parent : level) {
      for (int64_t i = 0; i < fanout; ++i) {
        const bool is_leaf = below == depth;
        const int child =
            is_leaf ? generator.add_host() : generator.add_router("r" + std::to_string(++number));
        generator.link(parent, child, is_leaf);
        next.push_back(child);
      }
    }
    level = std::move(next);
  }
}

void make_grid(const YamlMap& map, Generator& generator) {
  const int64_t rows = read_count(map, "rows");
  const int64_t columns = read_count(map, "columns");
  std::vector<int> routers;
  for (int64_t row = 1; row <= rows; ++row) {
    for (int64_t column = 1; column <= columns; ++column) {
      const int router =
          generator.add_router("r" + std::to_string(row) + "_" + std::to_string(column));
      if (column > 1) generator.link(routers.back(), router, false);
      if (row > 1) {
        generator.link(routers[routers.size() - static_cast<size_t>(columns)], router, false);
      }
      routers.push_back(router);
    }
  }
  for (const int router : routers) generator.add_hosts(router, read_hosts(map));
}

void make_dumbbell(const YamlMap& map, Generator& generator) {
  const int64_t pairs = read_count(map, "pairs");
  const std::vector<int> routers = generator.add_routers("r", 2);
  generator.link(routers[0], routers[1], false);
  for (int64_t i = 1; i <= pairs; ++i) {
    generator.link(generator.add("left" + std::to_string(i), NodeKind::kHost), routers[0], true);
  }
  for (int64_t i = 1; i <= pairs; ++i) {
    generator.link(routers[1], generator.add("right" + std::to_string(i), NodeKind::kHost), true);
  }
}

void make_clos(const YamlMap& map, Generator& generator) {
  const std::vector<int> spines = generator.add_routers("spine", read_count(map, "spines"));
  const std::vector<int> leaves = generator.add_routers("leaf", read_count(map, "leaves"));
  for (const int leaf : leaves) {
    for (const int spine : spines) generator.link(leaf, spine, false);
  }
  for (const int leaf : leaves) generator.add_hosts(leaf, read_hosts(map));
}

void make_random(const YamlMap& map, Generator& generator, Random random) {
  const int64_t count = read_count(map, "routers");
  // The bound keeps drawing edges until a new one comes up cheap even for the complete graph.
  const int64_t degree = read_integer(map.require("degree"), "degree", {1, 1000});
  if (degree >= count && count > 1) {
    refuse(map.require("degree").place, "degree", std::to_string(degree),
           "less than the number of routers");
  }
  const std::vector<int> routers = generator.add_routers("r", count);
  std::unordered_set<uint64_t> joined;  // asked only, never iterated
  const auto join = [&](uint64_t a, uint64_t b) {
    if (a == b || !joined.insert(std::min(a, b) << 32 | std::max(a, b)).second) return;
    generator.link(routers[std::min(a, b)], routers[std::max(a, b)], false);
  };
  const auto bound = static_cast<uint64_t>(count);
  for (uint64_t i = 1; i < bound; ++i) join(random.below(i), i);
  const auto wanted = static_cast<size_t>(std::min(count * degree / 2, count * (count - 1) / 2));
  while (joined.size() < wanted) {
    const uint64_t first = random.below(bound);
    join(first, random.below(bound));
  }
  for (const int router : routers) generator.add_hosts(router, read_hosts(map));
}

struct Kind {
  std::string name;
  std::vector<std::string> keys;
};

std::vector<Kind> kinds() {
  return {{"star", {"hosts"}},
          {"line", {"routers", "hosts"}},
          {"tree", {"depth", "fanout"}},
          {"grid", {"rows", "columns", "hosts"}},
          {"dumbbell", {"pairs"}},
          {"clos", {"spines", "leaves", "hosts"}},
          {"random", {"routers", "degree", "hosts"}}};
}

}  // namespace

GeneratedTopology generate_topology(const YamlValue& value, Random random) {
  const YamlValue* kind_value = value.find("kind");
  if (kind_value == nullptr) throw InputError(value.place, "a topology needs the key \"kind\"");
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  const Kind kind = kinds()[read_word(*kind_value, "kind", names)];

  std::vector<std::string> keys = {"kind", "link", "host_link", "seed"};
  keys.insert(keys.end(), kind.keys.begin(), kind.keys.end());
  const YamlMap map(value, "a topology of kind " + kind.name, keys);
  Generator generator(value.place);
  if (kind.name == "star") make_star(map, generator);
  if (kind.name == "line") make_line(map, generator);
  if (kind.name == "tree") make_tree(map, generator);
  if (kind.name == "grid") make_grid(map, generator);
  if (kind.name == "dumbbell") make_dumbbell(map, generator);
  if (kind.name == "clos") make_clos(map, generator);
  if (kind.name == "random") make_random(map, generator, random);
  return generator.take();
}

}  // namespace violin
