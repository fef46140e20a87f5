#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "emulator/network/network.hh"
#include "emulator/network/network_cut.hh"

namespace violin {

// What leaves one part of a network that is cut, for each of the others. Frames cross as bytes, for
// the memory of frames belongs to one thread. There are two sides that take turns: while the part
// fills one in a window, the others empty the one of the window before.
class SliceExit final : public Frontier {
 public:
  SliceExit(const Scenario& scenario, const NetworkCut& cut);

  // The part's thread: what crosses from now on goes to this side (0 or 1), which is empty then.
  void begin(size_t side);
  // When the first of what crossed since comes out; never = nothing did.
  Time earliest() const { return earliest_; }
  void cross(uint32_t wire, const Frame& frame, Time due) override;
  void went_down(uint32_t wire) override;

  // Another part's thread, when the window of that side is over: hands over what is for `part`.
  void deliver(size_t side, int part, Network& network) const;

 private:
  struct Crossing {
    uint32_t wire;
    uint32_t size;  // 0: the wire went down
    Time due;
    bool checksum_good;
  };
  struct Letters {
    std::vector<Crossing> crossings;
    std::vector<std::byte> bytes;  // of all of them
  };

  Letters& letters_for(uint32_t wire) {
    return sides_[side_][static_cast<size_t>(far_part_[wire])];
  }

  std::vector<int> far_part_;                  // by wire, as frontiers call them
  std::array<std::vector<Letters>, 2> sides_;  // by part
  size_t side_ = 0;
  Time earliest_ = Time::never();
};

}  // namespace violin
