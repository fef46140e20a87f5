#pragma once

#include <optional>

#include "core/time.hh"
#include "emulator/network/network.hh"
#include "emulator/results/run_result.hh"

namespace violin {

// The nodes of a run under the virtual clock that are machines with kernels of their own.
class GuestMachines : public NetworkOutside {
 public:
  virtual ~GuestMachines() = default;
  // When they begin to boot: before time 0, at which they must be ready.
  virtual Time beginning() const = 0;
  // The network, or a slice of it, is built; they boot as soon as time passes. On that processor;
  // none = where they like.
  virtual void boot(Network& network, std::optional<int> processor) = 0;
  // It is time 0. Throws std::runtime_error naming those that are not ready.
  virtual void require_ready() = 0;
  // How long after the end of the scenario the last of them has ended, whatever it does.
  virtual Duration farewell() const = 0;
  // They have; adds what their programs measured.
  virtual void add_results(RunResult& result) = 0;
};

}  // namespace violin
