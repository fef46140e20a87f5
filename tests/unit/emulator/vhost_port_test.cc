#include "emulator/realtime/vhost_port.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "core/segmentation.hh"
#include "tests/support/fake_guest.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using namespace literals;
using testing::bytes_of;
using testing::FakeGuest;

// What a port tells its owner.
class Owner final : public PortOwner {
 public:
  void port_received(int, Frame frame, Time now) override {
    frames.push_back(std::move(frame));
    received_at.push_back(now);
  }
  void port_dropped(int, DropReason reason) override { drops.push_back(reason); }
  void port_wrote(int, std::span<const Time> due, Time, bool taken) override {
    (taken ? written : refused) += due.size();
  }

  std::vector<Frame> frames;
  std::vector<Time> received_at;
  std::vector<DropReason> drops;
  size_t written = 0;
  size_t refused = 0;
};

class VhostPortTest : public ::testing::Test {
 protected:
  // One round of the clock: what was written is flushed, what is there is read.
  void run_round() {
    const Time due = clock_.now() + 1_ms;
    while (realtime_.advance_to(due) < due) {
    }
    realtime_.flush();
  }
  Frame segment_of_flow(uint32_t number) {
    testing::PacketBuilder builder;
    builder.payload_size = 1000;
    builder.stream = 5 + number * 1000;
    builder.tcp.sequence = number * 1000;
    builder.tcp.flags = TcpHeader::kAck;
    return builder.build(pools_);
  }

  ScenarioClock clock_{ScenarioClock::monotonic_ns()};
  Realtime realtime_{clock_};
  BufferPools pools_;
  Owner owner_;
  VhostPort port_{{}, realtime_, pools_, owner_, 2};
  FakeGuest guest_{[this](FileDescriptor end) { port_.connect(std::move(end)); },
                   [this] { port_.read_input(clock_.now()); },
                   {.in_band = false}};
};

TEST_F(VhostPortTest, FramesOfTheGuestComeWithTheNextRound) {
  ASSERT_TRUE(guest_.start()) << port_.nic().trouble();
  const Frame frame = segment_of_flow(0);
  EXPECT_TRUE(guest_.send_frame({}, bytes_of(frame)));
  const uint64_t one = 1;
  ASSERT_EQ(::write(guest_.kick_event[1].get(), &one, sizeof one), 8);
  run_round();
  ASSERT_EQ(owner_.frames.size(), 1u);
  EXPECT_EQ(bytes_of(owner_.frames[0]), bytes_of(frame));
  EXPECT_EQ(guest_.take_sent(), 1u);
}

TEST_F(VhostPortTest, FramesOfAFlowAreGivenAsOneAndInterruptOnce) {
  ASSERT_TRUE(guest_.start());
  guest_.give_buffers(64, 1536);
  for (uint32_t i = 0; i < 5; ++i) port_.write(segment_of_flow(i), Time::zero());
  EXPECT_EQ(port_.frames_held(), 5u);
  EXPECT_EQ(owner_.written, 0u);
  realtime_.flush();
  EXPECT_EQ(port_.frames_held(), 0u);
  EXPECT_EQ(owner_.written, 5u);
  EXPECT_EQ(guest_.interrupts(0), 1);
  const auto received = guest_.take_received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].header.gso_size, 1000);
  Frame whole = Frame::from_bytes(pools_, received[0].bytes);
  ASSERT_TRUE(finish_received(whole, received[0].header));
  uint32_t number = 0;
  segment(std::move(whole), [&](const Frame& part) {
    EXPECT_EQ(part.size(), segment_of_flow(number).size());
    EXPECT_TRUE(testing::checksums_are_right(part));
    EXPECT_EQ(bytes_of(part).back(), bytes_of(segment_of_flow(number)).back());
    ++number;
  });
  EXPECT_EQ(number, 5u);
}

TEST_F(VhostPortTest, AGuestThatTakesNoSuperFramesIsGivenNone) {
  guest_.options.features = ~(uint64_t{1} << 7);
  ASSERT_TRUE(guest_.start());
  guest_.give_buffers(64, 1536);
  for (uint32_t i = 0; i < 5; ++i) port_.write(segment_of_flow(i), Time::zero());
  realtime_.flush();
  EXPECT_EQ(guest_.interrupts(0), 1) << "for all of them";
  EXPECT_EQ(guest_.take_received().size(), 5u);
}

TEST_F(VhostPortTest, WithoutAGuestAFrameIsRefused) {
  port_.write(segment_of_flow(0), Time::zero());
  realtime_.flush();
  EXPECT_EQ(owner_.refused, 1u);
}

TEST_F(VhostPortTest, FramesWaitInOrderUntilTheGuestHasRoom) {
  ASSERT_TRUE(guest_.start());
  guest_.give_buffers(2, 1536);
  // None goes on where another ends: they are not gathered.
  for (uint32_t i = 0; i < 6; ++i) port_.write(segment_of_flow(7 * i), Time::zero());
  realtime_.flush();
  EXPECT_EQ(owner_.written, 2u);
  EXPECT_EQ(port_.frames_held(), 4u);
  EXPECT_EQ(guest_.interrupts(0), 1) << "or it would never look what it has";
  EXPECT_EQ(guest_.take_received().size(), 2u);  // and gives their buffers anew
  guest_.kick(0);
  run_round();
  EXPECT_EQ(owner_.written, 4u);
  EXPECT_EQ(guest_.take_received().size(), 2u);
  guest_.kick(0);
  run_round();
  EXPECT_EQ(owner_.written, 6u);
  EXPECT_EQ(owner_.refused, 0u);
  EXPECT_EQ(port_.frames_held(), 0u);
  const auto received = guest_.take_received();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[1].bytes, bytes_of(segment_of_flow(35)));
}

TEST_F(VhostPortTest, ATrainThatFindsNoRoomGoesOutWholeAndBeforeWhatFollows) {
  ASSERT_TRUE(guest_.start());
  guest_.give_buffers(2, 1536);
  for (uint32_t i = 0; i < 4; ++i) port_.write(segment_of_flow(i), Time::zero());
  realtime_.flush();
  port_.write(segment_of_flow(4), Time::zero());
  realtime_.flush();
  EXPECT_EQ(owner_.written, 0u);
  EXPECT_EQ(port_.frames_held(), 5u);
  guest_.give_buffers(6, 1536);
  guest_.kick(0);
  run_round();
  const auto received = guest_.take_received();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].header.gso_size, 1000);
  EXPECT_EQ(received[1].bytes, bytes_of(segment_of_flow(4)));
  EXPECT_EQ(owner_.written, 5u);
}

TEST_F(VhostPortTest, NoMoreThanSoManyFramesWait) {
  ASSERT_TRUE(guest_.start());
  for (uint32_t i = 0; i < GatheringPort::kWaitingMax + 5; ++i) {
    port_.write(segment_of_flow(7 * i), Time::zero());
    realtime_.flush();
  }
  // The first is a train, and is not counted.
  EXPECT_EQ(port_.frames_held(), GatheringPort::kWaitingMax + 1);
  EXPECT_EQ(owner_.refused, 4u);
  guest_.disconnect();
  run_round();
  EXPECT_FALSE(port_.is_there());
  port_.give_up();
  EXPECT_EQ(port_.frames_held(), 0u);
  EXPECT_EQ(owner_.refused, GatheringPort::kWaitingMax + 5);
}

TEST_F(VhostPortTest, AGuestMayGoAndAnotherOneComeInTheSameRun) {
  for (int i = 0; i < 3; ++i) {
    FakeGuest guest{[this](FileDescriptor end) { port_.connect(std::move(end)); },
                    [this] { port_.read_input(clock_.now()); },
                    {.in_band = false}};
    ASSERT_TRUE(guest.start()) << i;
    guest.send_frame({}, bytes_of(segment_of_flow(0)));
    const uint64_t one = 1;
    ASSERT_EQ(::write(guest.kick_event[1].get(), &one, sizeof one), 8);
    run_round();
    EXPECT_EQ(owner_.frames.size(), static_cast<size_t>(i) + 1);
    guest.disconnect();
    run_round();
    EXPECT_FALSE(port_.nic().is_connected());
    EXPECT_EQ(port_.nic().trouble(), "");
  }
}

}  // namespace
}  // namespace violin
