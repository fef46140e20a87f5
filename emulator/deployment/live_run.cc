#include "emulator/deployment/live_run.hh"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace violin {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "violin/run/";
constexpr size_t kIdMax = 80;
constexpr std::array<const char*, 4> kPhases = {"building", "running", "finishing", "held"};

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > kIdMax) return false;
  for (const char c : text) {
    const bool usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!usual && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

LiveRun read(const Json& json) {
  LiveRun run;
  json.at("id").get_to(run.id);
  json.at("scenario").get_to(run.scenario);
  json.at("file").get_to(run.file);
  json.at("folder").get_to(run.folder);
  json.at("pid").get_to(run.pid);
  json.at("began").get_to(run.began);
  json.at("agents").get_to(run.agents);
  const std::string phase = json.at("phase").get<std::string>();
  for (size_t i = 0; i < kPhases.size(); ++i) {
    if (phase == kPhases[i]) run.phase = static_cast<LiveRun::Phase>(i);
  }
  if (json.contains("seconds_left")) run.seconds_left = json["seconds_left"].get<double>();
  for (const Json& node : json.at("nodes")) {
    run.nodes.push_back({node.at("name").get<std::string>(), node.at("real").get<bool>(),
                         node.at("socket").get<std::string>()});
  }
  return run;
}

}  // namespace

std::string LiveRun::text() const {
  Json json = {{"id", id},   {"scenario", scenario}, {"file", file},     {"folder", folder},
               {"pid", pid}, {"began", began},       {"agents", agents}, {"phase", word_of(phase)}};
  if (seconds_left) json["seconds_left"] = *seconds_left;
  json["nodes"] = Json::array();
  for (const LiveNode& node : nodes) {
    json["nodes"].push_back({{"name", node.name}, {"real", node.real}, {"socket", node.socket}});
  }
  // Paths need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<LiveRun> LiveRun::parse(std::string_view text) try {
  const LiveRun run = read(Json::parse(text));
  if (!is_id(run.id)) return std::nullopt;
  return run;
} catch (const Json::exception&) {
  return std::nullopt;
}

const char* word_of(LiveRun::Phase phase) { return kPhases[static_cast<size_t>(phase)]; }

std::string run_socket_name(uid_t user, const std::string& id) {
  return std::string(kPrefix) + std::to_string(user) + "/" + id;
}

std::optional<RunSocket> parse_run_socket_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  RunSocket socket;
  const auto [behind, error] = std::from_chars(name.data(), name.data() + name.size(), socket.user);
  if (error != std::errc() || behind == name.data() + name.size() || *behind != '/') {
    return std::nullopt;
  }
  name.remove_prefix(static_cast<size_t>(behind - name.data()) + 1);
  if (!is_id(name)) return std::nullopt;
  socket.id = name;
  return socket;
}

}  // namespace violin
