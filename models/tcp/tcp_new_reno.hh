#pragma once

#include "models/tcp/tcp_congestion.hh"

namespace violin {

// The congestion avoidance of RFC 5681: one segment per round trip, half the window after a loss.
class TcpNewReno final : public TcpCongestionControl {
 public:
  void grow(TcpCongestionWindow& window, const TcpGrowth& growth) override;
  int64_t threshold_after_loss(const TcpCongestionWindow& window) override;
  void timed_out() override { acknowledged_ = 0; }
  void resumed(Duration) override {}

 private:
  int64_t acknowledged_ = 0;  // bytes since the window last grew
};

}  // namespace violin
