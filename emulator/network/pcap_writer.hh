#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/frame.hh"
#include "core/time.hh"
#include "core/units.hh"

// One capture file, written by libpcap: classic pcap with nanosecond time stamps (magic 0xa1b23c4d)
// and link type EN10MB, as Wireshark, tshark and tcpdump read. It is not pcapng: no interface names
// and no comments are in it, the name of the file says where it was taken.

namespace violin {

// What captures call scenario time 0 under the virtual clock: 2020-01-01T00:00:00Z. A constant, for
// equal runs must give equal files; bootstrap is before it. Nanoseconds since 1970.
inline constexpr int64_t kVirtualEpochNs = 1'577'836'800'000'000'000;

struct PcapOptions {
  Bytes snaplen =
      Bytes(262'144);  // only this much of each frame is kept; its length is always told
  int64_t epoch_ns = kVirtualEpochNs;
};

class PcapWriter {
 public:
  // Creates the file; throws std::runtime_error naming it.
  explicit PcapWriter(const std::filesystem::path& file, PcapOptions options = {});
  // Closes without telling of errors; call close() to hear of them.
  ~PcapWriter();
  PcapWriter(PcapWriter&&) noexcept;
  PcapWriter& operator=(PcapWriter&&) noexcept;

  // Appends `frame` as seen at `now`. A super-frame must be given as its segments.
  void write(const Frame& frame, Time now);
  // Everything is on disk, or an exception says which file is not.
  void close();

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace violin
