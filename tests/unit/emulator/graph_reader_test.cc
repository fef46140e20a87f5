#include "emulator/graph/graph_reader.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/routing.hh"
#include "core/topology.hh"
#include "emulator/graph/graph_import.hh"
#include "emulator/graph/great_circle.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

using Reader = ImportedGraph (*)(std::istream&, const std::string&);

ImportedGraph read(Reader reader, const std::string& text) {
  std::istringstream input(text);
  return reader(input, "in.txt");
}

std::string error_of(Reader reader, const std::string& text) {
  try {
    read(reader, text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

bool has_note(const ImportedGraph& graph, const std::string& part) {
  return std::any_of(graph.notes.begin(), graph.notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

std::string graphml(const std::string& inside) {
  return "<graphml>\n"
         "<key id=\"l\" for=\"node\" attr.name=\"label\"/>\n"
         "<key id=\"d\" for=\"edge\" attr.name=\"latency\"/>\n"
         "<key id=\"b\" for=\"edge\" attr.name=\"bandwidth\"/>\n"
         "<graph edgedefault=\"undirected\">\n" +
         inside + "</graph></graphml>\n";
}
const std::string kTwoNodes = "<node id=\"0\"/>\n<node id=\"1\"/>\n";

std::string gml_edge(const std::string& attributes) {
  return "graph [ node [ id 0 ] node [ id 1 ]\nedge [ source 0 target 1\n" + attributes + " ] ]";
}

// ---- great circles ------------------------------------------------------------------------------

TEST(GreatCircle, SinesAndArctangentsAreWithinOneTenToTheMinusFourteenOfTheTrueOnes) {
  // The library's own functions are good to one unit in the last place, far inside the bound.
  const double radian = 3.14159265358979323846 / 180;
  for (int i = -1800; i <= 1800; ++i) {
    const double degrees = i / 10.0;
    EXPECT_NEAR(sine_of_degrees(degrees), std::sin(degrees * radian), 1e-14) << degrees;
    EXPECT_NEAR(cosine_of_degrees(degrees), std::cos(degrees * radian), 1e-14) << degrees;
  }
  for (int i = 0; i <= 4000; ++i) {
    EXPECT_NEAR(arctangent(i / 100.0), std::atan(i / 100.0), 1e-14) << i;
  }
  EXPECT_EQ(sine_of_degrees(180), 0);
  EXPECT_EQ(cosine_of_degrees(-90), 0);
}

// Expected values from the haversine formula in 50-digit arithmetic.
TEST(GreatCircle, GivesKnownDelaysRoundedToAMicrosecond) {
  const GeoPoint london{51.5074, -0.1278}, paris{48.8566, 2.3522};
  EXPECT_EQ(great_circle_delay(london, paris), Duration::microseconds(1719));
  EXPECT_EQ(great_circle_delay(paris, london), Duration::microseconds(1719));
  EXPECT_EQ(great_circle_delay({40.6413, -73.7781}, {51.47, -0.4543}),
            Duration::microseconds(27719));
  EXPECT_EQ(great_circle_delay({-33.8688, 151.2093}, {-34.6037, -58.3816}),
            Duration::microseconds(59046));
  // Across the date line.
  EXPECT_EQ(great_circle_delay({35.6762, 139.6503}, {37.7749, -122.4194}),
            Duration::microseconds(41402));
  EXPECT_EQ(great_circle_delay({0, 0}, {0, 1}), Duration::microseconds(556));
  EXPECT_EQ(great_circle_delay({0, 179.5}, {0, -179.5}), Duration::microseconds(556));
}

TEST(GreatCircle, HandlesTheSamePlaceAndTheOppositeOne) {
  EXPECT_EQ(great_circle_delay({48.1, 11.5}, {48.1, 11.5}), Duration());
  EXPECT_EQ(great_circle_delay({0, 0}, {0, 180}), Duration::microseconds(100145));
  EXPECT_EQ(great_circle_delay({90, 0}, {-90, 77}), Duration::microseconds(100145));
}

// ---- names --------------------------------------------------------------------------------------

TEST(GraphNames, MakesValidNamesOfLabels) {
  EXPECT_EQ(name_from_label("New York"), "New_York");
  EXPECT_EQ(name_from_label("FLR/SOX"), "FLR_SOX");
  EXPECT_EQ(name_from_label("3ROX"), "n3ROX");
  EXPECT_EQ(name_from_label("a--b..c -_. d"), "a-b.c_d");
  EXPECT_EQ(name_from_label("  (AMS-IX)  "), "AMS-IX");
  EXPECT_EQ(name_from_label("?!"), "");
  EXPECT_EQ(name_from_label(std::string(500, 'x')).size(), 60u);
}

TEST(GraphNames, NumbersRepeatedLabelsAndNamesBlankOnesAfterTheirId) {
  const ImportedGraph graph = read(
      read_gml,
      "graph [ node [ id 0 label \"UA\" ] node [ id 1 label \"UA_2\" ] node [ id 2 label \"UA\" ]\n"
      "node [ id 3 label \"UA\" ] node [ id 4 ] node [ id 5 label \"None\" ] node [ id x label "
      "\"?\" ] ]");
  std::vector<std::string> names;
  for (const ImportedNode& node : graph.nodes) names.push_back(node.name);
  EXPECT_EQ(names, (std::vector<std::string>{"UA", "UA_2", "UA_3", "UA_4", "n4", "n5", "x"}));
  EXPECT_TRUE(has_note(graph, "3 nodes have no label"));
  EXPECT_TRUE(has_note(graph, "2 nodes repeat the label of another"));
}

// ---- attributes ---------------------------------------------------------------------------------

TEST(GraphReader, TakesAnExplicitDelayBeforeTheDistance) {
  const ImportedGraph graph =
      read(read_gml,
           "graph [ node [ id 0 Latitude 0 Longitude 0 ] node [ id 1 Latitude 0 Longitude 1 ]\n"
           "edge [ source 0 target 1 latency \"10 ms\" bandwidth \"1 Gbit/s\" ]\n"
           "edge [ source 0 target 1 ] ]");
  ASSERT_EQ(graph.edges.size(), 2u);
  EXPECT_EQ(graph.edges[0].delay, Duration::milliseconds(10));
  EXPECT_EQ(graph.edges[0].rate, BitRate::megabits_per_second(1000));
  EXPECT_EQ(graph.edges[1].delay, Duration::microseconds(556));
  EXPECT_FALSE(graph.edges[1].rate.has_value());
}

TEST(GraphReader, ReadsTheSpeedsOfTheTopologyZoo) {
  const auto rate = [](const std::string& attributes) {
    return read(read_gml, gml_edge(attributes)).edges.at(0).rate;
  };
  EXPECT_EQ(rate("LinkSpeedRaw 10000000000.0"), BitRate::megabits_per_second(10'000));
  EXPECT_EQ(rate("LinkSpeed \"2.5\" LinkSpeedUnits \"G\""), BitRate::megabits_per_second(2'500));
  EXPECT_EQ(rate("LinkSpeed \"34\" LinkSpeedUnits \"M\""), BitRate::megabits_per_second(34));
  EXPECT_EQ(rate("LinkSpeed \"64000\""), BitRate::bits_per_second(64'000));
  EXPECT_EQ(rate("LinkSpeedRaw \"?\" LinkSpeed 1 LinkSpeedUnits \"T\""),
            BitRate::megabits_per_second(1'000'000));
  EXPECT_EQ(rate("LinkSpeed \"<10\" LinkSpeedUnits \"G\""), std::nullopt);
  EXPECT_EQ(rate("LinkSpeedRaw 1e300"), std::nullopt);
  EXPECT_EQ(rate("LinkSpeedRaw nan"), std::nullopt);
  EXPECT_TRUE(has_note(read(read_gml, gml_edge("LinkSpeed \"<10\"")), "not a rate: n0--n1"));
}

TEST(GraphReader, RefusesDelaysAndRatesThatAreThereButWrongWithTheirLine) {
  for (const char* wrong : {"delay 10", "latency \"10 parsec\"", "latency \"2 h\"",
                            "bandwidth \"10 Mbps\"", "rate \"0 Mbit/s\""}) {
    const std::string error = error_of(read_gml, gml_edge(wrong));
    EXPECT_EQ(error.substr(0, 10), "in.txt:3: ") << wrong << " gave " << error;
  }
}

TEST(GraphReader, RefusesImpossibleCoordinatesAndToleratesUnreadableOnes) {
  EXPECT_EQ(error_of(read_gml, "graph [\nnode [ id 0\nLatitude 91 Longitude 0 ] ]"),
            "in.txt:3: the latitude of n0 is not between -90 and 90: 91");
  EXPECT_EQ(error_of(read_gml, "graph [\nnode [ id 0\nLatitude 1 Longitude -181 ] ]"),
            "in.txt:3: the longitude of n0 is not between -180 and 180: -181");
  const ImportedGraph graph =
      read(read_gml, "graph [ node [ id 0 Latitude \"None\" Longitude 7 ] ]");
  EXPECT_FALSE(graph.nodes[0].latitude.has_value());
  EXPECT_FALSE(graph.nodes[0].longitude.has_value());
  EXPECT_TRUE(has_note(graph, "1 nodes have no coordinates: n0"));
}

TEST(GraphReader, KeepsParallelEdgesAndDropsSelfLoopsWithANote) {
  const ImportedGraph graph =
      read(read_gml,
           "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 ]\n"
           "edge [ source 1 target 0 ] edge [ source 1 target 1 ] ]");
  EXPECT_EQ(graph.edges.size(), 2u);
  EXPECT_TRUE(has_note(graph, "1 edges from a node to itself are dropped: n1"));
  EXPECT_TRUE(has_note(graph, "2 edges have no delay"));
}

TEST(GraphReader, SaysThatADirectedGraphIsReadAsLinksOfBothDirections) {
  EXPECT_TRUE(has_note(read(read_gml, "graph [ directed 1 node [ id 0 ] ]"), "is directed"));
  EXPECT_FALSE(has_note(read(read_gml, "graph [ directed 0 node [ id 0 ] ]"), "is directed"));
  EXPECT_TRUE(has_note(read(read_graphml, "<graphml><graph edgedefault=\"directed\"/></graphml>"),
                       "is directed"));
}

// ---- GraphML ------------------------------------------------------------------------------------

TEST(Graphml, AppliesTheDefaultOfAKeyWhereAnElementSaysNothing) {
  const ImportedGraph graph = read(read_graphml,
                                   "<graphml><key id=\"b\" for=\"edge\" attr.name=\"bandwidth\">"
                                   "<default>1 Gbit/s</default></key><graph>" +
                                       kTwoNodes +
                                       "<edge source=\"0\" target=\"1\"/>"
                                       "<edge source=\"0\" target=\"1\">"
                                       "<data key=\"b\">10 Mbit/s</data></edge></graph></graphml>");
  EXPECT_EQ(graph.edges.at(0).rate, BitRate::megabits_per_second(1000));
  EXPECT_EQ(graph.edges.at(1).rate, BitRate::megabits_per_second(10));
}

TEST(Graphml, ReadsANamespacePrefix) {
  const ImportedGraph graph =
      read(read_graphml, "<g:graphml><g:graph><g:node id=\"a\"/></g:graph></g:graphml>");
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].name, "a");
}

TEST(Graphml, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(error_of(read_graphml, graphml(kTwoNodes + "<edge source=\"0\" target=\"9\"/>\n")),
            "in.txt:8: the edge ends at an unknown node: 9");
  EXPECT_EQ(error_of(read_graphml, graphml(kTwoNodes + "<edge source=\"0\"/>\n")),
            "in.txt:8: this <edge> has no target");
  EXPECT_EQ(error_of(read_graphml, graphml("<node id=\"0\"/>\n<node id=\"0\"/>\n")),
            "in.txt:7: there is already a node with id 0");
  EXPECT_EQ(error_of(read_graphml, graphml("<node id=\"0\"><data key=\"zz\"/></node>\n")),
            "in.txt:6: there is no <key> with id zz");
  EXPECT_EQ(error_of(read_graphml, graphml(kTwoNodes + "<edge source=\"0\" target=\"1\">\n"
                                                       "<data key=\"d\">5</data></edge>\n"))
                .substr(0, 19),
            "in.txt:9: latency: ");
  EXPECT_EQ(error_of(read_graphml, "<graphml>\n<graph>\n").substr(0, 8), "in.txt:2");
  EXPECT_EQ(error_of(read_graphml, "<html/>"), "in.txt:1: not GraphML: the root element is <html>");
  EXPECT_EQ(error_of(read_graphml, "<graphml/>"), "in.txt:1: there is no <graph> in it");
  EXPECT_NE(error_of(read_graphml, ""), "no error");
}

TEST(Graphml, LeavesOutWhatItCannotUseWithANote) {
  const ImportedGraph graph =
      read(read_graphml,
           "<graphml><graph><node id=\"0\"><graph><node id=\"9\"/></graph></node>"
           "<hyperedge/></graph><graph/></graphml>");
  EXPECT_EQ(graph.nodes.size(), 1u);
  EXPECT_TRUE(has_note(graph, "graphs inside nodes are left out"));
  EXPECT_TRUE(has_note(graph, "hyperedges are left out"));
  EXPECT_TRUE(has_note(graph, "only the first <graph>"));
}

// ---- GML ----------------------------------------------------------------------------------------

TEST(Gml, ReadsCommentsEntitiesAndTextOverLines) {
  const ImportedGraph graph =
      read(read_gml,
           "# made by hand [ \" \n"
           "Creator \"x [ y ] z\"\nVersion 1\n"
           "graph [ comment \"two\nlines\"\n"
           "node [ id 0 label \"A&amp;B &#220;&nbsp;\" nested [ a [ b 1 ] ] ] ]");
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].label, "A&B \xc3\x9c&nbsp;");
  EXPECT_EQ(graph.nodes[0].name, "A_B_nbsp");
}

TEST(Gml, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(error_of(read_gml, "graph [\nnode [ id 0 ]\n"),
            "in.txt:3: the list graph of line 1 is not closed");
  EXPECT_EQ(error_of(read_gml, "graph [\n] ]"), "in.txt:2: ] without [");
  EXPECT_EQ(error_of(read_gml, "graph [\n 7 ]"),
            "in.txt:2: expected a key, which begins with a letter");
  EXPECT_EQ(error_of(read_gml, "graph [ node\n]"), "in.txt:2: the key node has no value");
  EXPECT_EQ(error_of(read_gml, "graph [ label\n\"x ]\n"),
            "in.txt:3: the text of label in line 1 has no closing quote");
  EXPECT_EQ(error_of(read_gml, "\n\ngraph [\nnode [ label \"x\" ] ]"),
            "in.txt:4: this node has no id");
  EXPECT_EQ(error_of(read_gml, "Version 1\n"), "in.txt:1: there is no graph [ … ] in it");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "a [\n";
  EXPECT_EQ(error_of(read_gml, deep), "in.txt:17: lists are nested deeper than 16");
}

// ---- RTT matrices -------------------------------------------------------------------------------

TEST(RttMatrix, MakesAnEdgeOfHalfTheRoundTripForEachPair) {
  const ImportedGraph graph =
      read(read_rtt_matrix, "# ms\n0 0.175\t2984.1\r\n\n0.175 0 3\n2984.1 3 0");
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[2].name, "n2");
  ASSERT_EQ(graph.edges.size(), 3u);
  EXPECT_EQ(graph.edges[0].delay, Duration::nanoseconds(87'500));
  EXPECT_EQ(graph.edges[1].delay, Duration::nanoseconds(1'492'050'000));
  EXPECT_EQ(graph.edges[2].delay, Duration::microseconds(1500));
  EXPECT_EQ(std::pair(graph.edges[2].a, graph.edges[2].b), std::pair(1, 2));
  EXPECT_TRUE(graph.notes.empty());
}

TEST(RttMatrix, AveragesTheTwoDirectionsWithANote) {
  const ImportedGraph graph = read(read_rtt_matrix, "0 10\n20 0\n");
  EXPECT_EQ(graph.edges.at(0).delay, Duration::microseconds(7500));
  EXPECT_TRUE(has_note(graph, "1 pairs have two different"));
}

TEST(RttMatrix, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(error_of(read_rtt_matrix, "0 1\n1 0 5\n"),
            "in.txt:2: this line has 3 numbers, the first one 2");
  EXPECT_EQ(error_of(read_rtt_matrix, "0 1\n1 0\n1 1\n").substr(0, 20), "in.txt:3: not square");
  EXPECT_EQ(error_of(read_rtt_matrix, "0 1 2\n1 0 2\n").substr(0, 20), "in.txt:2: not square");
  EXPECT_EQ(error_of(read_rtt_matrix, "0 1\n1 0.5\n").substr(0, 36),
            "in.txt:2: the diagonal is not 0 at n");
  for (const char* wrong : {"-1", "nan", "inf", "1x", "7200001", "0x10"}) {
    EXPECT_EQ(error_of(read_rtt_matrix, std::string("0 ") + wrong + "\n1 0\n").substr(0, 12),
              "in.txt:1:3: ")
        << wrong;
  }
  EXPECT_EQ(error_of(read_rtt_matrix, "\n"), "in.txt:1: there is no number in it");
}

// ---- the recorded files -------------------------------------------------------------------------

std::ifstream open_shared(const std::string& name) {
  return std::ifstream(std::string(VIOLIN_SHARED_DATA) + "/" + name);
}

bool is_valid_name(const std::string& name) {
  const auto ends_well = [](unsigned char c) { return std::isalnum(c) != 0; };
  const auto may_stand = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  };
  return !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
         ends_well(static_cast<unsigned char>(name.back())) &&
         std::all_of(name.begin(), name.end(), may_stand) && name.find("--") == std::string::npos &&
         name.find("..") == std::string::npos;
}

struct ZooFile {
  const char* name;
  size_t nodes, edges, edges_with_delay, edges_with_rate;
};

TEST(GraphReader, ReadsEveryFileOfTheTopologyZooThatWeHave) {
  for (const ZooFile& file :
       {ZooFile{"Abilene.graphml", 11, 14, 14, 0}, ZooFile{"Cesnet2.graphml", 30, 42, 0, 0},
        ZooFile{"Geant2011.graphml", 40, 61, 58, 38}, ZooFile{"Geant2011.gml", 40, 61, 58, 38},
        ZooFile{"Internet2.graphml", 20, 26, 0, 0}}) {
    std::ifstream input = open_shared(std::string("topologies/") + file.name);
    if (!input) GTEST_SKIP() << "no topologies in " << VIOLIN_SHARED_DATA;
    const bool is_gml = std::string_view(file.name).ends_with(".gml");
    const ImportedGraph graph =
        is_gml ? read_gml(input, file.name) : read_graphml(input, file.name);
    EXPECT_EQ(graph.nodes.size(), file.nodes) << file.name;
    EXPECT_EQ(graph.edges.size(), file.edges) << file.name;
    size_t with_delay = 0, with_rate = 0;
    for (const ImportedEdge& edge : graph.edges) {
      with_delay += edge.delay.has_value() ? 1 : 0;
      with_rate += edge.rate.has_value() ? 1 : 0;
    }
    EXPECT_EQ(with_delay, file.edges_with_delay) << file.name;
    EXPECT_EQ(with_rate, file.edges_with_rate) << file.name;
    std::set<std::string> names;
    for (const ImportedNode& node : graph.nodes) {
      EXPECT_TRUE(is_valid_name(node.name)) << node.name;
      EXPECT_TRUE(names.insert(node.name).second) << node.name;
    }
  }
}

TEST(GraphReader, ReadsTheSameGraphFromGmlAndGraphml) {
  std::ifstream gml = open_shared("topologies/Geant2011.gml");
  std::ifstream xml = open_shared("topologies/Geant2011.graphml");
  if (!gml || !xml) GTEST_SKIP() << "no topologies in " << VIOLIN_SHARED_DATA;
  const ImportedGraph a = read_gml(gml, "a");
  const ImportedGraph b = read_graphml(xml, "b");
  const auto nodes_of = [](const ImportedGraph& graph) {
    std::multiset<std::tuple<std::string, std::optional<double>, std::optional<double>>> nodes;
    for (const ImportedNode& node : graph.nodes) {
      nodes.emplace(node.name, node.latitude, node.longitude);
    }
    return nodes;
  };
  const auto edges_of = [](const ImportedGraph& graph) {
    std::multiset<std::tuple<std::string, std::string, int64_t, int64_t>> edges;
    for (const ImportedEdge& edge : graph.edges) {
      const auto [first, second] = std::minmax(graph.nodes[edge.a].name, graph.nodes[edge.b].name);
      edges.emplace(first, second, edge.delay ? edge.delay->ns() : -1,
                    edge.rate ? edge.rate->bps() : -1);
    }
    return edges;
  };
  EXPECT_EQ(nodes_of(a), nodes_of(b));
  EXPECT_EQ(edges_of(a), edges_of(b));
}

// A router per node, a /30 per edge and a /32 per router.
struct RoutedGraph {
  Topology topology;
  std::vector<AddressAssignment> assignments;
};
RoutedGraph route_graph_of(const ImportedGraph& graph) {
  RoutedGraph routed;
  for (const ImportedNode& node : graph.nodes) {
    routed.topology.add_node({node.name, "underlay", TopologyNode::Kind::kRouter, -1});
  }
  std::vector<int> interfaces(graph.nodes.size(), 0);
  uint32_t net = 0x0a000000;
  for (const ImportedEdge& edge : graph.edges) {
    const int a = interfaces[edge.a]++, b = interfaces[edge.b]++;
    routed.topology.add_link({edge.a, edge.b, a, b, *edge.delay, *edge.delay});
    routed.assignments.push_back({edge.a, a, {IpAddress::v4(net + 1), 30}});
    routed.assignments.push_back({edge.b, b, {IpAddress::v4(net + 2), 30}});
    net += 4;
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    routed.assignments.push_back({static_cast<int>(i),
                                  interfaces[i],
                                  {IpAddress::v4(0xc0000000 + static_cast<uint32_t>(i)), 32}});
  }
  return routed;
}

TEST(GraphReader, RoutesOverTheAbileneFileEqualFloydAndWarshall) {
  std::ifstream input = open_shared("topologies/Abilene.graphml");
  if (!input) GTEST_SKIP() << "no topologies in " << VIOLIN_SHARED_DATA;
  const ImportedGraph graph = read_graphml(input, "Abilene.graphml");
  const RoutedGraph routed = route_graph_of(graph);
  ASSERT_TRUE(routed.topology.problems().empty());
  const Routing routing(routed.topology, routed.assignments, {.plane = "underlay"});
  const size_t count = graph.nodes.size();
  std::vector<std::vector<int64_t>> far(count, std::vector<int64_t>(count, INT64_MAX / 4));
  for (size_t i = 0; i < count; ++i) far[i][i] = 0;
  for (const ImportedEdge& edge : graph.edges) {
    far[edge.a][edge.b] = far[edge.b][edge.a] = edge.delay->ns();
  }
  for (size_t k = 0; k < count; ++k) {
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < count; ++j) far[i][j] = std::min(far[i][j], far[i][k] + far[k][j]);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      const auto path =
          routing.path(static_cast<int>(i), IpAddress::v4(0xc0000000 + static_cast<uint32_t>(j)));
      ASSERT_TRUE(path.has_value());
      EXPECT_EQ(path->delay.ns(), far[i][j]) << graph.nodes[i].name << " " << graph.nodes[j].name;
    }
  }
}

TEST(RttMatrix, ReadsThe490PlanetLabNodesAndPathsEqualTheEntries) {
  std::ifstream input = open_shared("planetlab/rtt_490.txt");
  if (!input) GTEST_SKIP() << "no planetlab/rtt_490.txt in " << VIOLIN_SHARED_DATA;
  const ImportedGraph graph = read_rtt_matrix(input, "rtt_490.txt");
  ASSERT_EQ(graph.nodes.size(), 490u);
  ASSERT_EQ(graph.edges.size(), 490u * 489 / 2);

  // Read again, in another way: digits after the point padded to six are nanoseconds.
  input.clear();
  input.seekg(0);
  std::vector<std::vector<int64_t>> rtt(490, std::vector<int64_t>(490));
  for (auto& row : rtt) {
    for (int64_t& entry : row) {
      std::string word;
      input >> word;
      const size_t point = std::min(word.find('.'), word.size());
      std::string fraction = point < word.size() ? word.substr(point + 1) : "";
      fraction.resize(6, '0');
      entry = std::stoll(word.substr(0, point)) * 1'000'000 + std::stoll(fraction);
    }
  }
  for (const ImportedEdge& edge : graph.edges) {
    ASSERT_EQ(edge.delay->ns() * 2, rtt[edge.a][edge.b]) << edge.a << " to " << edge.b;
    ASSERT_EQ(edge.delay->ns() * 2, rtt[edge.b][edge.a]) << edge.b << " to " << edge.a;
  }

  const RoutedGraph routed = route_graph_of(graph);
  const Routing routing(routed.topology, routed.assignments,
                        {.plane = "underlay", .direct_only = true});
  for (int i = 0; i < 490; i += 97) {
    for (int j = 0; j < 490; j += 13) {
      if (i == j) continue;
      const auto forth = routing.path({.from = i, .to = j});
      const auto back = routing.path({.from = j, .to = i});
      ASSERT_TRUE(forth && back) << i << " to " << j;
      EXPECT_EQ(forth->steps.size(), 1u);
      EXPECT_EQ((forth->delay + back->delay).ns(), rtt[i][j]) << i << " to " << j;
    }
  }
}

}  // namespace
}  // namespace violin
