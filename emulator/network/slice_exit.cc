#include "emulator/network/slice_exit.hh"

#include <algorithm>
#include <span>
#include <utility>

namespace violin {

SliceExit::SliceExit(const Scenario& scenario, const NetworkCut& cut) {
  for (const LinkSpec& link : scenario.links) {
    far_part_.push_back(cut.part_of[static_cast<size_t>(link.b.node)]);
    far_part_.push_back(cut.part_of[static_cast<size_t>(link.a.node)]);
  }
  for (auto& side : sides_) side.resize(static_cast<size_t>(cut.parts));
}

void SliceExit::begin(size_t side) {
  side_ = side;
  earliest_ = Time::never();
  for (Letters& letters : sides_[side]) {
    letters.crossings.clear();
    letters.bytes.clear();
  }
}

void SliceExit::cross(uint32_t wire, const Frame& frame, Time due) {
  Letters& letters = letters_for(wire);
  const size_t begin = letters.bytes.size();
  letters.bytes.resize(begin + frame.size());
  frame.copy_to(std::span(letters.bytes).subspan(begin));
  letters.crossings.push_back({wire, frame.size(), due, frame.checksum_good()});
  earliest_ = std::min(earliest_, due);
}

void SliceExit::went_down(uint32_t wire) {
  letters_for(wire).crossings.push_back({wire, 0, Time(), false});
}

void SliceExit::deliver(size_t side, int part, Network& network) const {
  const Letters& letters = sides_[side][static_cast<size_t>(part)];
  std::span<const std::byte> bytes = letters.bytes;
  for (const Crossing& crossing : letters.crossings) {
    if (crossing.size == 0) {
      network.accept_down(crossing.wire);
      continue;
    }
    Frame frame = Frame::from_bytes(network.pools(), bytes.first(crossing.size));
    frame.set_checksum_good(crossing.checksum_good);
    bytes = bytes.subspan(crossing.size);
    network.accept(crossing.wire, std::move(frame), crossing.due);
  }
}

}  // namespace violin
