#include "models/link/flight.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/pacer.hh"
#include "models/link/wire.hh"
#include "tests/support/frame_log.hh"

namespace violin {
namespace {

using namespace literals;
using testing::FrameLog;
using testing::number_of;
using testing::numbered_frame;

class FlightTest : public ::testing::Test {
 protected:
  FlightTest() : flight_(scheduler_, "a->b") {
    flight_.set_sink(log_);
    std::array<Entity*, 1> entities{&flight_.entity()};
    assign_ranks(entities, 1);
    run_to(0_ms);
  }
  void run_to(Duration at) { scheduler_.run_until(Time::zero() + at, warp_); }
  void launch(uint32_t number, Duration due, bool overtaking = false) {
    flight_.launch(numbered_frame(pools_, number, 100), Time::zero() + due, overtaking);
  }
  std::vector<uint32_t> numbers() const { return testing::numbers_of(log_); }

  BufferPools pools_;
  Scheduler scheduler_;
  Warp warp_;
  FrameLog log_;
  Flight flight_;
};

TEST_F(FlightTest, DeliversEachFrameWhenItIsDue) {
  launch(1, 3_ms);
  launch(2, 5_ms);
  EXPECT_EQ(flight_.in_flight(), 2u);
  run_to(4_ms);
  EXPECT_EQ(flight_.in_flight(), 1u);
  run_to(1_s);
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{3'000'000, 5'000'000}));
  EXPECT_EQ(flight_.delivered(), 2u);
  EXPECT_EQ(flight_.delivered_bytes(), 200u);
}

TEST_F(FlightTest, DeliversWhatOvertakesFirstAndEqualsInTheOrderOfTheirLaunch) {
  launch(1, 9_ms);
  launch(2, 4_ms, true);
  launch(3, 4_ms, true);
  launch(4, 9_ms, true);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{2, 3, 1, 4}));
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{4'000'000, 4'000'000, 9'000'000, 9'000'000}));
}

TEST_F(FlightTest, DropsAllThatIsUnderWayAndCarriesWhatComesAfter) {
  launch(1, 3_ms);
  launch(2, 5_ms);
  EXPECT_EQ(flight_.drop_all(), 2u);
  launch(3, 4_ms);
  run_to(1_s);
  EXPECT_EQ(numbers(), (std::vector<uint32_t>{3}));
  EXPECT_EQ(log_.times_ns(), (std::vector<int64_t>{4'000'000}));
}

// The digest of a wire that delivered these numbers at these nanoseconds.
uint64_t digest_of(const std::vector<std::pair<uint32_t, int64_t>>& frames) {
  BufferPools pools;
  Scheduler scheduler;
  Warp warp;
  FrameLog log;
  Flight flight(scheduler, "a->b");
  flight.set_sink(log);
  scheduler.run_until(Time::zero(), warp);
  for (const auto& [number, due] : frames) {
    flight.launch(numbered_frame(pools, number, 100), Time::from_ns(due), /*overtaking=*/false);
  }
  scheduler.run_until(Time::zero() + 1_s, warp);
  return flight.digest();
}

TEST(FlightDigest, CoversTimesBytesAndOrder) {
  const uint64_t digest = digest_of({{1, 10}, {2, 20}});
  EXPECT_EQ(digest, digest_of({{1, 10}, {2, 20}}));
  EXPECT_NE(digest, digest_of({{1, 10}, {2, 21}}));
  EXPECT_NE(digest, digest_of({{1, 10}, {3, 20}}));
  EXPECT_NE(digest, digest_of({{2, 10}, {1, 20}}));
  EXPECT_NE(digest, digest_of({{1, 10}}));
}

TEST_F(FlightTest, AnObserverSeesEachFrameBeforeItsReceiver) {
  class Observer final : public FrameObserver {
   public:
    explicit Observer(const FrameLog& log) : log_(log) {}
    void observe(const Frame&, Time, bool) override { seen_before.push_back(log_.count()); }
    std::vector<size_t> seen_before;

   private:
    const FrameLog& log_;
  } observer(log_);
  flight_.set_observer(&observer);
  launch(1, 1_ms);
  launch(2, 2_ms);
  run_to(1_s);
  EXPECT_EQ(observer.seen_before, (std::vector<size_t>{0, 1}));
}

// ---- the edge of a slice ------------------------------------------------------------------------

class FrontierLog final : public Frontier {
 public:
  void cross(uint32_t wire, const Frame& frame, Time due) override {
    crossings.push_back({wire, number_of(frame), due.ns()});
  }
  void went_down(uint32_t wire) override { crossings.push_back({wire, 0, -1}); }
  struct Crossing {
    uint32_t wire, number;
    int64_t due_ns;
    bool operator==(const Crossing&) const = default;
  };
  std::vector<Crossing> crossings;
};

TEST_F(FlightTest, AStandInHandsFramesToItsFrontierInTheOrderOfTheirLaunch) {
  FrontierLog frontier;
  flight_.set_frontier(frontier, 7);
  launch(1, 9_ms);
  launch(2, 4_ms, true);
  EXPECT_EQ(flight_.in_flight(), 2u);
  EXPECT_EQ(flight_.drop_all(), 2u);
  launch(3, 12_ms);
  using Crossing = FrontierLog::Crossing;
  EXPECT_EQ(frontier.crossings,
            (std::vector<Crossing>{
                {7, 1, 9'000'000}, {7, 2, 4'000'000}, {7, 0, -1}, {7, 3, 12'000'000}}));
  run_to(12_ms - 1_ns);
  EXPECT_EQ(flight_.delivered(), 0u);
  run_to(1_s);
  EXPECT_EQ(flight_.delivered(), 1u) << "as the far half counts";
  EXPECT_EQ(flight_.in_flight(), 0u);
  EXPECT_EQ(log_.count(), 0u);
}

TEST_F(FlightTest, AStandInServesItsQueueInTimeAlthoughNothingComesBack) {
  FrontierLog frontier;
  flight_.set_frontier(frontier, 7);
  const MeasureWindow window;
  Wire wire(flight_, {.rate = BitRate::megabits_per_second(8), .delay = 2_ms}, {1, window});
  flight_.set_feeder(wire);
  // 1000 bytes take 1 ms. The one that arrives as the first ends is served in the same instant,
  // whichever comes first.
  for (uint32_t i = 1; i <= 2; ++i) wire.receive(numbered_frame(pools_, i, 1000), Time::zero());
  scheduler_.run_until(Time::zero() + 1_ms - 1_ns, warp_);
  wire.receive(numbered_frame(pools_, 3, 1000), scheduler_.now());
  for (int64_t ms = 1; ms <= 6; ++ms) {
    run_to(Duration::milliseconds(ms));
    const auto sent = static_cast<size_t>(std::min<int64_t>(ms + 1, 3));
    EXPECT_EQ(frontier.crossings.size(), sent) << "at " << ms << " ms";
  }
}

}  // namespace
}  // namespace violin
