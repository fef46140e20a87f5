#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "models/tunnel/tunnel_header.hh"

namespace violin {

// Puts the chunks of frames together again, in whatever order they come. At most kFrames frames
// wait for chunks; a newer one takes the place of the oldest, whose chunks are counted as
// kReassemblyTimeout: a chunk that was lost on the underlay loses its frame, as a lost fragment
// does.
class TunnelReassembly {
 public:
  static constexpr size_t kFrames = 64;

  // Takes one chunk (`chunk` starts at its first inner byte); returns the frame when it is whole.
  Frame add(const TunnelHeader& header, Frame chunk, DropCounters& drops);
  // Chunks that wait for others.
  uint32_t held() const;

 private:
  static constexpr uint32_t kPartsMax = TunnelHeader::kChunksMax;
  struct Partial {
    uint64_t frame_id = 0;
    uint16_t total = 0;
    uint8_t chunks = 0;
    uint64_t received = 0;  // bit per chunk
    FrameQueue parts;       // stamped with their offset, so in order of offset
    uint64_t age = 0;
  };

  Partial& find_or_replace(const TunnelHeader& header, DropCounters& drops);
  static Frame join(Partial& partial);

  std::array<Partial, kFrames> partials_;
  uint64_t next_age_ = 1;
};

}  // namespace violin
