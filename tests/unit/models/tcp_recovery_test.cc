#include "models/tcp/tcp_recovery.hh"

#include <gtest/gtest.h>

namespace violin {
namespace {

Time at_ms(int64_t ms) { return Time::zero() + Duration::milliseconds(ms); }

// What undoing compares an ACK's echo with: an ACK that echoes an earlier time answers a segment
// that was sent before anything was repaired, so the reduction was in vain.
TEST(TcpRecovery, TheFirstRepairIsThatOfTheRecoveryItself) {
  TcpRecovery recovery;
  recovery.remember({20'000, 15'000}, 1'000);
  recovery.retransmitted(2'000, at_ms(10));
  recovery.retransmitted(3'000, at_ms(11));
  EXPECT_EQ(recovery.undo().first_retransmission, at_ms(10));
  EXPECT_EQ(recovery.undo().window, 20'000);
}

TEST(TcpRecovery, RepairsStillUnderWayFromAnEarlierRecoveryCountForTheNext) {
  TcpRecovery recovery;
  recovery.remember({20'000, 15'000}, 1'000);
  recovery.retransmitted(5'000, at_ms(10));
  recovery.forget();
  // The next recovery begins while the repair up to 5 000 is not acknowledged: its ACK will echo
  // 10 ms, which must not be taken for an answer from before the repair at 30 ms.
  recovery.remember({18'000, 12'000}, 4'000);
  recovery.retransmitted(9'000, at_ms(30));
  EXPECT_EQ(recovery.undo().first_retransmission, at_ms(10));
}

TEST(TcpRecovery, AcknowledgedRepairsAreForgotten) {
  TcpRecovery recovery;
  recovery.remember({20'000, 15'000}, 1'000);
  recovery.retransmitted(5'000, at_ms(10));
  recovery.remember({18'000, 12'000}, 5'000);
  recovery.retransmitted(9'000, at_ms(30));
  EXPECT_EQ(recovery.undo().first_retransmission, at_ms(30));
}

}  // namespace
}  // namespace violin
