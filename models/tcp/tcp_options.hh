#pragma once

#include <cstdint>

#include "core/time.hh"
#include "core/units.hh"

namespace violin {

enum class TcpCongestionAlgorithm : uint8_t {
  kNewReno,  // RFC 5681
  kCubic,    // RFC 9438, leaving slow start by HyStart, as in Linux
};

// How the retransmission timeout follows from the smoothed round-trip time and its deviation.
enum class TcpTimeoutRule : uint8_t {
  kLinux,    // SRTT + max(200 ms, 4 RTTVAR): what Linux does, and the default
  kRfc6298,  // max(1 s, SRTT + 4 RTTVAR)
};

// Everything about a connection that a scenario may choose. The defaults are those of a recent
// Linux, where Linux has one; nothing is negotiated that the peer does not offer too.
struct TcpOptions {
  TcpCongestionAlgorithm congestion = TcpCongestionAlgorithm::kCubic;
  Bytes send_buffer{4 << 20};     // unacknowledged and unsent data; at most 1 GiB
  Bytes receive_buffer{4 << 20};  // the largest window ever advertised; at most 1 GiB
  // The largest segment we offer to receive and are ready to send; 0 = from the route's MTU.
  Bytes maximum_segment_size{0};
  int initial_window_segments = 10;  // RFC 6928
  bool window_scale = true;
  bool timestamps = true;
  bool sack = true;
  bool ecn = false;                   // RFC 3168
  bool nagle = false;                 // RFC 896; bulk senders never notice
  bool slow_start_after_idle = true;  // RFC 2861
  bool tail_loss_probe = true;        // RFC 8985 section 7; needs SACK

  // Delayed ACKs (RFC 1122): every second full segment, or after `ack_delay`. The first
  // `quick_acks` segments are acknowledged one by one, so that slow start is not held back.
  Duration ack_delay = Duration::milliseconds(40);
  int quick_acks = 16;

  TcpTimeoutRule timeout_rule = TcpTimeoutRule::kLinux;
  Duration timeout_initial = Duration::seconds(1);
  Duration timeout_max = Duration::seconds(120);
  int syn_retries = 6;    // unanswered retransmissions of a SYN before the connection fails
  int data_retries = 15;  // the same of a data segment or a window probe
  Duration time_wait = Duration::seconds(60);  // 2 MSL

  // The window scale with which all of the receive buffer can be advertised (RFC 7323 section 2.2).
  int window_shift() const {
    int shift = 0;
    while (shift < 14 && receive_buffer.count() >> shift > 65'535) ++shift;
    return shift;
  }
};

}  // namespace violin
