#include "emulator/scenario/calibration.hh"

#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_map.hh"

namespace violin {

const TunnelCost& Calibration::cost_of(Encryption encryption, const Place& violin) const {
  const auto found = costs.find(encryption);
  if (found == costs.end()) {
    throw InputError(violin, "the calibration " + file.string() + " has no cost for " +
                                 name_of(encryption) + ", and this violin has no tunnel_cost");
  }
  return found->second;
}

Calibration parse_calibration(const std::string& text, const std::string& file) {
  const YamlPointer root = parse_yaml(text, file);
  const YamlMap top(*root, "a calibration", encryption_names());
  Calibration calibration{.file = file, .costs = {}};
  for (size_t i = 0; i < encryption_names().size(); ++i) {
    const YamlValue* cipher = top.find(encryption_names()[i]);
    if (cipher == nullptr) continue;
    const YamlMap map(*cipher, "the calibration of a cipher", {"tunnel_cost"});
    calibration.costs[static_cast<Encryption>(i)] = read_tunnel_cost(map.require("tunnel_cost"));
  }
  if (calibration.costs.empty()) throw InputError(root->place, "a calibration without any cost");
  return calibration;
}

Calibration load_calibration(const std::filesystem::path& path) {
  const ScenarioSource source = load_scenario_source(path);
  return parse_calibration(source.text, source.file);
}

}  // namespace violin
