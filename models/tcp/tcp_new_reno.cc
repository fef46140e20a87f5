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

int64_t TcpNewReno::threshold_after_loss(const TcpCongestionWindow& window) {
  acknowledged_ = 0;
  return std::max<int64_t>(window.segments() / 2, 2) * window.segment_size;
}

}  // namespace violin
