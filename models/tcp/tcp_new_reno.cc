#include "models/tcp/tcp_new_reno.hh"

#include <algorithm>

namespace violin {

void TcpNewReno::grow(TcpCongestionWindow& window, const TcpGrowth& growth) {
  int64_t bytes = growth.bytes;
  if (window.in_slow_start()) bytes = grow_in_slow_start(window, bytes);
  if (bytes == 0) return;
  acknowledged_ += bytes;
  if (acknowledged_ < window.congestion_window) return;
  acknowledged_ -= window.congestion_window;
  window.congestion_window += window.segment_size;
}

int64_t TcpNewReno::threshold_after_loss(const TcpCongestionWindow& window, int64_t in_flight) {
  acknowledged_ = 0;
  // RFC 5681 equation 4, but never above half the window: what is in flight may exceed it.
  const int64_t base = std::min(in_flight, window.congestion_window);
  return std::max(base / 2, 2 * window.segment_size);
}

}  // namespace violin
