#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "emulator/scenario/place.hh"
#include "emulator/scenario/tunnel_cost.hh"

namespace violin {

// Measured costs of tunnels, one per cipher: the file that `violin calibrate` writes and
// `--calibration` reads,
//
//   none:        { tunnel_cost: { per_frame: 2 us, latency: 20 us } }
//   aes-256-gcm: { tunnel_cost: { per_frame: 2 us, per_kibibyte: 0.4 us, latency: 25 us } }
//
// whose inner maps are those of a violin, so that they can be put into one.
struct Calibration {
  std::filesystem::path file;
  std::map<Encryption, TunnelCost> costs;

  // For a violin at `violin` in its scenario; throws InputError when the file has none for its
  // cipher.
  const TunnelCost& cost_of(Encryption encryption, const Place& violin) const;
};

// Throws InputError, also for a file without any cost.
Calibration parse_calibration(const std::string& text, const std::string& file);
Calibration load_calibration(const std::filesystem::path& path);

}  // namespace violin
