#pragma once

#include <string>
#include <vector>

#include "models/tunnel/processing_cost.hh"

namespace violin {

class YamlValue;

// How the tunnels of a violin are enciphered.
enum class Encryption { kNone, kAes256Gcm, kChaCha20Poly1305 };
// "none", "aes-256-gcm" and "chacha20-poly1305", in the order of the enumeration.
const std::vector<std::string>& encryption_names();
std::string name_of(Encryption encryption);

// What each end of a violin's tunnels costs under the virtual clock: `tunnel_cost:` of the violin,
//   tunnel_cost: { per_frame: 3 us, per_kibibyte: 0.4 us, latency: 20 us, origin: "…" }
// What is left out of it is zero. It is the same for frames sent and for datagrams received; see
// ProcessingCost for what each means.
struct TunnelCost {
  ProcessingCost cost;
  std::string origin;  // where the figures are from, in words; empty = nobody says
  bool operator==(const TunnelCost&) const = default;
};

// At most this much each, so that no sum of them overflows.
inline constexpr Duration kTunnelCostMax = Duration::seconds(1);

// The value of `tunnel_cost:`. Throws InputError.
TunnelCost read_tunnel_cost(const YamlValue& value);
// The map that read_tunnel_cost reads back to the same.
std::string tunnel_cost_text(const TunnelCost& cost);
std::vector<std::string> tunnel_cost_keys();

// What a violin costs whose scenario does not say and that no calibration is given for.
TunnelCost default_tunnel_cost(Encryption encryption);

}  // namespace violin
