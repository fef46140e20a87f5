#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace violin {

// Why a frame ended before it reached whom it was for. Every drop has exactly one reason.
enum class DropReason : uint8_t {
  // wires
  kQueueFull,       // drop-tail limit, or the hard limit of any discipline
  kActiveQueue,     // RED, CoDel, FQ-CoDel or PIE decided so
  kLoss,            // the loss model
  kLinkDown,        // arrived, queued or in flight while the link was down
  kTooLongForLink,  // larger than the link's MTU
  // switches
  kFiltered,  // the destination is on the port it came from
  kLoop,      // the loop guard
  // hosts and routers
  kNotForUs,     // another station's frame, seen because a switch flooded it
  kBadChecksum,  // Ethernet payload whose IP, ICMP, UDP or TCP checksum is wrong
  kMalformed,    // shorter than its headers say, or values that no header may have
  kUnsupported,  // a protocol nobody here speaks
  kNoRoute,
  kTtlExceeded,
  kFragmentationNeeded,   // DF set and too large for the next link
  kNeighbourUnreachable,  // ARP without an answer, or its queue full
  kReassemblyTimeout,     // a fragment whose siblings did not come
  kNoListener,            // no socket at the port
  kRateLimited,           // an ICMP error that was not sent
  kNodeDown,
  // tunnels
  kNoTunnel,      // no peer for the destination
  kWrongSession,  // another violin's, or nobody's
  kReplayed,
  kUnauthentic,
  // where frames meet a kernel
  kPortRefused,  // the interface or socket would not take it now
  kNoBuffer,     // no memory left for it
  kCount,
};

constexpr size_t kDropReasonCount = static_cast<size_t>(DropReason::kCount);

// "queue_full", as in links.csv and in metric names.
std::string_view name_of(DropReason reason);

// How many frames ended for each reason.
class DropCounters {
 public:
  void count(DropReason reason) { ++counts_[static_cast<size_t>(reason)]; }
  void count(DropReason reason, uint64_t times) { counts_[static_cast<size_t>(reason)] += times; }
  void add(const DropCounters& others) {
    for (size_t i = 0; i < kDropReasonCount; ++i) counts_[i] += others.counts_[i];
  }
  uint64_t of(DropReason reason) const { return counts_[static_cast<size_t>(reason)]; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (uint64_t count : counts_) sum += count;
    return sum;
  }

 private:
  std::array<uint64_t, kDropReasonCount> counts_{};
};

}  // namespace violin
