#pragma once

#include <cstdint>
#include <vector>

#include "core/drop_reason.hh"
#include "core/frame.hh"
#include "core/ip_header.hh"
#include "core/scheduler.hh"

namespace violin {

// Cuts an IPv4 packet (a frame that starts at its IP header) into fragments of at most `mtu` bytes
// (RFC 791 section 3.2), in order; a fragment may itself be cut again. Payload is shared where it
// can be. Options whose copied flag is set go into every fragment, the others into the first only.
// A whole packet that fits is returned alone. mtu >= 68 (RFC 791).
std::vector<Frame> fragment_v4(Frame packet, int64_t mtu);

// What a Reassembly tells its node.
class ReassemblyOwner {
 public:
  // A fragment that will not become part of a datagram.
  virtual void fragment_dropped(Frame fragment, DropReason reason) = 0;
  // `count` fragments ended inside a datagram made of them and one more, or were there already.
  virtual void fragments_consumed(uint64_t count) = 0;
  // The fragments of a datagram are about to be dropped because some did not come in time; `first`
  // is the one with offset 0.
  virtual void reassembly_timed_out(const Frame& first, Time now) = 0;

 protected:
  ~ReassemblyOwner() = default;
};

// Puts IPv4 datagrams together from fragments in any order (RFC 791 section 3.2; pieces rather than
// the holes of RFC 815). An exact repetition of a fragment is ignored; fragments that overlap in
// any other way discard the whole datagram as malformed, as RFC 5722 asks for IPv6.
//
// Bounds: 64 datagrams and 4 MiB of fragments, the oldest datagram making room; 128 fragments to a
// datagram; a datagram waits 30 s from its first fragment on.
class Reassembly final : private TimerTarget {
 public:
  static constexpr size_t kDatagramsMax = 64;
  static constexpr size_t kFragmentsMax = 128;
  static constexpr uint64_t kBytesMax = uint64_t{4} << 20;
  static constexpr Duration kTimeout = Duration::seconds(30);

  Reassembly(Scheduler& scheduler, Entity& entity, ReassemblyOwner& owner);

  // Takes a fragment that starts at its IP header, which was read into `header`, and ends where the
  // packet ends. Returns the whole datagram, its header rewritten, when this was the last missing
  // piece, and else an empty handle.
  Frame add(Frame fragment, const Ipv4Header& header, Time now);

  void forget_all(DropReason reason);
  uint64_t frames_held() const { return held_; }

 private:
  struct Piece {
    uint32_t begin, end;  // bytes of the datagram's data
    uint8_t header_length;
    Frame frame;
  };
  struct Datagram {
    IpAddress source, destination;
    uint16_t identification;
    uint8_t protocol;
    Time deadline;
    uint32_t length;            // of the data; 0 while the last fragment is missing
    std::vector<Piece> pieces;  // by begin

    bool matches(const Ipv4Header& header) const {
      return source == header.source && destination == header.destination &&
             identification == header.identification && protocol == header.protocol;
    }
  };
  enum class Placed { kNew, kRepeated, kInvalid };

  void expire(Timer& timer, Time now) override;
  size_t datagram_for(const Ipv4Header& header, Time now);
  static Placed place(Datagram& datagram, Piece& piece, const Ipv4Header& header);
  static bool is_whole(const Datagram& datagram);
  Frame combine(Datagram datagram);
  void discard(size_t index, DropReason reason);

  ReassemblyOwner& owner_;
  Timer timer_;
  std::vector<Datagram> datagrams_;  // the oldest first
  uint64_t held_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace violin
