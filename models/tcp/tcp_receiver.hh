#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/payload.hh"
#include "models/tcp/tcp_options.hh"
#include "models/tcp/tcp_reassembly.hh"

namespace violin {

// The receiving half of a connection: puts bytes in order, says when to acknowledge and what window
// to offer. The window's right edge never moves back, and moves on by a full segment or half the
// buffer at least (RFC 1122 section 4.2.3.3, silly window avoidance).
//
// The buffer bounds what is unread and what is out of order: nothing beyond the edge is kept.
class TcpReceiver {
 public:
  enum class Acknowledge : uint8_t {
    kNothing,
    kLater,  // within the delayed-ACK time, or with the next data we send
    kNow,
  };

  explicit TcpReceiver(const TcpOptions& options);

  // What the handshake agreed on.
  struct Agreement {
    int window_shift = 0;
    uint32_t segment_size = 536;  // of the peer's full segments, as far as we know
  };
  void agree(const Agreement& agreement);

  // The position of the next byte that is missing (RCV.NXT).
  int64_t next() const { return next_; }
  int64_t edge() const { return edge_; }
  bool fin_received() const { return fin_received_; }
  bool gap() const { return !reassembly_.empty(); }

  // Takes the payload of a segment, which begins before edge().
  Acknowledge receive(int64_t begin, Payload payload, bool fin);
  // The next in-order bytes for the user, none when all was taken; offset() is where they begin in
  // the peer's stream.
  Payload take();
  int64_t offset() const { return taken_ - 1; }
  bool has_unread() const { return taken_ < received_end(); }

  // The window field of the next segment, which is taken as sent: nothing waits for an ACK after.
  uint16_t announce();
  // The same of a SYN, which is never scaled.
  uint16_t announce_unscaled();
  // Whether reading has opened the window so far that the peer should be told.
  bool window_update_due() const;
  // What the next ACK selectively acknowledges: a duplicate first, when there is one (DSACK).
  int sacks(std::array<TcpReassembly::Range, 4>& out, int limit);
  bool has_sacks() const { return gap() || duplicate_.end > 0; }
  // Gives all memory back: nothing more is read.
  void stop();

 private:
  int64_t received_end() const { return next_ - (fin_received_ ? 1 : 0); }
  Acknowledge receive_in_order(Payload payload, bool fin);
  Acknowledge receive_out_of_order(int64_t begin, const Payload& payload, bool fin);
  void queue(Payload payload);
  int64_t offered_edge() const;

  int64_t next_ = 1;
  int64_t edge_ = 1;
  int64_t taken_ = 1;
  int64_t capacity_;
  int64_t fin_position_ = -1;  // of a FIN that came early
  bool fin_received_ = false;
  int window_shift_ = 0;
  uint32_t segment_size_ = 536;
  uint32_t largest_ = 1;         // payload seen
  uint32_t unacknowledged_ = 0;  // bytes since the last ACK
  int quick_acks_;
  TcpReassembly::Range duplicate_;  // to be reported once
  std::vector<Payload> ready_;      // in order, not taken; those before first_ are
  size_t first_ = 0;
  TcpReassembly reassembly_;
};

}  // namespace violin
