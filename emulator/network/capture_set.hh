#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/frame_observer.hh"
#include "emulator/network/network.hh"
#include "emulator/network/pcap_writer.hh"

namespace violin {

// The `capture:` of a scenario: one pcap file per captured interface, named VIOLIN.NODE.INTERFACE.
// A capture sees what the node hands to the link, before the link's queue, and what arrives: a
// frame that the queue or the wire drops is in the sender's file and not in the receiver's.
class CaptureSet {
 public:
  // Creates the files in `folder` (made when there is something to capture) and hangs itself on the
  // interfaces. Throws std::runtime_error naming the file.
  // `epoch_ns` is what the files call scenario time 0, nanoseconds since 1970.
  CaptureSet(Network& network, const std::filesystem::path& folder,
             int64_t epoch_ns = kVirtualEpochNs);
  ~CaptureSet();
  CaptureSet(const CaptureSet&) = delete;
  CaptureSet& operator=(const CaptureSet&) = delete;

  // Everything is on disk, or an exception says which file is not.
  void close();
  // File names within the folder.
  const std::vector<std::string>& files() const { return files_; }

 private:
  class Capture;
  std::vector<std::unique_ptr<Capture>> captures_;
  std::vector<std::string> files_;
};

}  // namespace violin
