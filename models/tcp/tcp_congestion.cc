#include "models/tcp/tcp_congestion.hh"

#include <algorithm>

#include "models/tcp/tcp_cubic.hh"
#include "models/tcp/tcp_new_reno.hh"

namespace violin {

std::unique_ptr<TcpCongestionControl> make_congestion_control(TcpCongestionAlgorithm algorithm) {
  if (algorithm == TcpCongestionAlgorithm::kNewReno) return std::make_unique<TcpNewReno>();
  return std::make_unique<TcpCubic>();
}

int64_t grow_in_slow_start(TcpCongestionWindow& window, int64_t bytes) {
  const int64_t step = std::min(bytes, 8 * window.segment_size);
  const int64_t room = window.slow_start_threshold - window.congestion_window;
  window.congestion_window += std::min(step, room);
  return std::max<int64_t>(step - room, 0);
}

}  // namespace violin
