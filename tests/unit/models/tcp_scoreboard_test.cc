#include "models/tcp/tcp_scoreboard.hh"

#include <gtest/gtest.h>

#include <map>

#include "core/random.hh"

namespace violin {
namespace {

using namespace literals;

Time at_ms(int64_t ms) { return Time::zero() + Duration::milliseconds(ms); }

// Ten segments of 100 bytes at positions 1, 101 …, sent 1 ms apart.
TcpScoreboard ten_segments() {
  TcpScoreboard board;
  for (int i = 0; i < 10; ++i) board.append(1 + i * 100, 100, at_ms(i));
  return board;
}

TEST(TcpScoreboard, CountsWhatIsInFlightSackedAndAcknowledged) {
  TcpScoreboard board = ten_segments();
  EXPECT_EQ(board.in_flight(), 1'000);
  TcpDelivery delivery;
  board.sack(301, 501, delivery);
  EXPECT_EQ(delivery.delivered, 200);
  EXPECT_EQ(board.sacked(), 200);
  EXPECT_EQ(board.in_flight(), 800);
  board.sack(301, 501, delivery);  // again: nothing new
  EXPECT_EQ(delivery.delivered, 200);
  board.acknowledge(601, delivery);
  EXPECT_EQ(delivery.delivered, 600);
  EXPECT_EQ(delivery.acknowledged, 600);
  EXPECT_EQ(board.sacked(), 0);
  EXPECT_EQ(board.in_flight(), 400);
}

TEST(TcpScoreboard, AcknowledgesPartOfASegment) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.acknowledge(151, delivery);
  EXPECT_EQ(board.begin(), 151);
  EXPECT_EQ(board.first().begin, 151);
  EXPECT_EQ(board.first().length, 50u);
  EXPECT_EQ(delivery.delivered, 150);
}

TEST(TcpScoreboard, LeavesASegmentThatIsOnlyPartlySackedInFlight) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(351, 551, delivery);
  EXPECT_EQ(board.sacked(), 100);  // 401 to 501
}

TEST(TcpScoreboard, DeemsLostWhatWasSentLongEnoughBeforeWhatArrived) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(501, 601, delivery);  // sent at 5 ms
  EXPECT_EQ(delivery.newest_sent, at_ms(5));
  // Round trip 10 ms, 2 ms of patience, now 15 ms: lost is what was sent until 3 ms.
  const Time next = board.mark_lost({delivery.newest_sent, delivery.newest_end, 12_ms, at_ms(15)});
  EXPECT_EQ(board.lost(), 400);
  EXPECT_EQ(next, at_ms(16));  // when that of 4 ms is due
  EXPECT_EQ(board.mark_lost({delivery.newest_sent, delivery.newest_end, 12_ms, at_ms(16)}),
            Time::never());
  EXPECT_EQ(board.lost(), 500);
}

TEST(TcpScoreboard, GivesLostSegmentsInOrderAndFindsALostRetransmission) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(501, 601, delivery);
  board.mark_lost({delivery.newest_sent, delivery.newest_end, 10_ms, at_ms(16)});
  std::vector<int64_t> again;
  for (int i = 0; i < 5; ++i) {
    const TcpScoreboard::Segment segment = board.first_lost();
    again.push_back(segment.begin);
    board.retransmitted(segment, at_ms(16 + i));
  }
  EXPECT_EQ(again, (std::vector<int64_t>{1, 101, 201, 301, 401}));
  EXPECT_FALSE(board.first_lost().exists());
  // The retransmissions of 101 and later arrive, that of 1 does not.
  TcpDelivery later;
  board.sack(101, 501, later);
  EXPECT_TRUE(later.retransmission_delivered);
  board.mark_lost({later.newest_sent, later.newest_end, 10_ms, at_ms(30)});
  EXPECT_EQ(board.first_lost().begin, 1);
}

TEST(TcpScoreboard, NoticesThatAnOriginalArrivedAfterALaterOne) {
  TcpScoreboard board = ten_segments();
  TcpDelivery first;
  board.sack(501, 601, first);
  EXPECT_FALSE(first.reordering);
  TcpDelivery second;
  board.sack(201, 301, second);
  EXPECT_TRUE(second.reordering);
}

TEST(TcpScoreboard, DoesNotTakeARetransmissionForReordering) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(101, 601, delivery);
  board.mark_lost({delivery.newest_sent, delivery.newest_end, 10_ms, at_ms(16)});
  board.retransmitted(board.first_lost(), at_ms(16));
  TcpDelivery later;
  board.acknowledge(601, later);
  EXPECT_FALSE(later.reordering);
}

TEST(TcpScoreboard, ForgetsSacksWhenToldThatTheReceiverDid) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(301, 501, delivery);
  board.mark_lost_by_timeout({at_ms(100), true});
  EXPECT_EQ(board.sacked(), 0);
  EXPECT_EQ(board.lost(), 1'000);
}

TEST(TcpScoreboard, TakesLossesBackWhenTheyWereNone) {
  TcpScoreboard board = ten_segments();
  TcpDelivery delivery;
  board.sack(501, 601, delivery);
  board.mark_lost({delivery.newest_sent, delivery.newest_end, 10_ms, at_ms(16)});
  board.retransmitted(board.first_lost(), at_ms(16));
  board.revert_losses();
  EXPECT_EQ(board.lost(), 0);
  EXPECT_EQ(board.in_flight(), 900);
  // They can be found lost again.
  board.mark_lost({delivery.newest_sent, delivery.newest_end, 10_ms, at_ms(17)});
  EXPECT_EQ(board.lost(), 400);  // all but the one that was sent again
}

TEST(TcpScoreboard, CutsSegmentsThatAreTooLongForThePathAndDeemsThemLost) {
  TcpScoreboard board = ten_segments();
  board.append(1'001, 30, at_ms(10));
  TcpDelivery delivery;
  board.sack(501, 601, delivery);
  board.resegment(40);
  EXPECT_EQ(board.end(), 1'031);
  EXPECT_EQ(board.sacked(), 100);
  EXPECT_EQ(board.lost(), 900);
  EXPECT_EQ(board.in_flight(), 30);
  EXPECT_EQ(board.first_lost().length, 40u);
}

// A plain model: one entry per segment.
TEST(TcpScoreboard, AgreesWithAPlainModelOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    TcpScoreboard board;
    struct Entry {
      int64_t end;
      char state;  // F in flight, L lost, S sacked
      Time sent;
    };
    std::map<int64_t, Entry> model;
    int64_t next = 1;
    Time now = Time::zero();
    for (int step = 0; step < 3'000; ++step) {
      now += Duration::microseconds(static_cast<int64_t>(random.below(50)));
      const uint64_t what = random.below(10);
      if (what < 4) {
        const auto length = static_cast<uint32_t>(1 + random.below(1'448));
        board.append(next, length, now);
        model[next] = {next + length, 'F', now};
        next += length;
      } else if (what < 6 && !model.empty()) {
        auto from = model.begin();
        std::advance(from, random.below(model.size()));
        auto to = from;
        int64_t end = to->second.end;
        for (uint64_t i = random.below(6); i > 0 && std::next(to) != model.end(); --i) {
          end = (++to)->second.end;
        }
        TcpDelivery delivery;
        board.sack(from->first, end, delivery);
        int64_t delivered = 0;
        for (auto entry = from; entry != std::next(to); ++entry) {
          if (entry->second.state != 'S') delivered += entry->second.end - entry->first;
          entry->second.state = 'S';
        }
        ASSERT_EQ(delivery.delivered, delivered);
      } else if (what == 6 && !model.empty()) {
        TcpDelivery delivery;
        const int64_t position = model.begin()->first + static_cast<int64_t>(random.below(4'000));
        const int64_t bounded = std::min(position, next);
        board.acknowledge(bounded, delivery);
        while (!model.empty() && model.begin()->second.end <= bounded) {
          model.erase(model.begin());
        }
        if (!model.empty() && model.begin()->first < bounded) {
          Entry entry = model.begin()->second;
          model.erase(model.begin());
          model[bounded] = entry;
        }
      } else if (what == 7) {
        const Time before = now - Duration::microseconds(static_cast<int64_t>(random.below(900)));
        board.mark_lost({now + 1_s, next, now - before, now});
        for (auto& [begin, entry] : model) {
          if (entry.state == 'F' && entry.sent <= before) entry.state = 'L';
        }
      } else if (what == 8) {
        const TcpScoreboard::Segment lost = board.first_lost();
        auto wanted = model.begin();
        while (wanted != model.end() && wanted->second.state != 'L') ++wanted;
        ASSERT_EQ(lost.exists(), wanted != model.end());
        if (lost.exists()) {
          ASSERT_EQ(lost.begin, wanted->first);
          board.retransmitted(lost, now);
          wanted->second.state = 'F';
          wanted->second.sent = now;
        }
      } else if (random.below(20) == 0) {
        board.revert_losses();
        for (auto& [begin, entry] : model) {
          if (entry.state == 'L') entry.state = 'F';
        }
      }
      int64_t in_flight = 0, lost = 0, sacked = 0;
      for (const auto& [begin, entry] : model) {
        (entry.state == 'F' ? in_flight : entry.state == 'L' ? lost : sacked) += entry.end - begin;
      }
      ASSERT_EQ(board.in_flight(), in_flight) << "seed " << seed << " step " << step;
      ASSERT_EQ(board.lost(), lost) << "seed " << seed << " step " << step;
      ASSERT_EQ(board.sacked(), sacked) << "seed " << seed << " step " << step;
      ASSERT_EQ(board.segments(), model.size());
    }
  }
}

}  // namespace
}  // namespace violin
