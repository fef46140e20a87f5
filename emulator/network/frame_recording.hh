#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "emulator/network/network.hh"
#include "emulator/results/frame_record.hh"

namespace violin {

// `--record`: writes every frame that leaves the far end of a wire into frames.bin.
class FrameRecording {
 public:
  FrameRecording(Network& network, const std::filesystem::path& file);
  ~FrameRecording();
  FrameRecording(const FrameRecording&) = delete;
  FrameRecording& operator=(const FrameRecording&) = delete;
  void close() { writer_.close(); }

 private:
  class Point;
  FrameRecordWriter writer_;
  std::vector<std::unique_ptr<Point>> points_;
};

}  // namespace violin
