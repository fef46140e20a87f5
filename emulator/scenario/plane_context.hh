#pragma once

#include "emulator/scenario/calibration.hh"
#include "emulator/scenario/scenario.hh"
#include "emulator/scenario/scenario_index.hh"
#include "emulator/scenario/scenario_source.hh"
#include "emulator/scenario/yaml_document.hh"

namespace violin {

// What reading a plane needs of the rest of the file.
struct PlaneContext {
  Scenario& scenario;
  ScenarioIndex& index;
  ScenarioFiles& files;
  const YamlValue* link_defaults = nullptr;  // defaults: {link:}
  const YamlValue* node_defaults = nullptr;  // defaults: {node:}
  const Calibration* calibration = nullptr;  // for violins without a tunnel_cost
};

}  // namespace violin
