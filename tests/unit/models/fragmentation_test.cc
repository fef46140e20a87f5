#include "models/node/fragmentation.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/byte_order.hh"
#include "core/pacer.hh"
#include "core/random.hh"

namespace violin {
namespace {

using namespace literals;

class FragmentationTest : public ::testing::Test, public ReassemblyOwner {
 protected:
  void fragment_dropped(Frame, DropReason reason) override { drops.count(reason); }
  void fragments_consumed(uint64_t count) override { consumed += count; }
  void reassembly_timed_out(const Frame&, Time) override { ++timeouts; }

  Frame packet(uint32_t data, uint16_t identification = 1) {
    Ipv4Header header;
    header.total_length = static_cast<uint16_t>(Ipv4Header::kSize + data);
    header.identification = identification;
    header.protocol = ip_protocol::kUdp;
    header.source = IpAddress::v4(0x0a000001);
    header.destination = IpAddress::v4(0x0a000002);
    Frame frame = Frame::allocate(pools);
    header.write(frame.append(Ipv4Header::kSize));
    const uint32_t inline_size = std::min<uint32_t>(data, 8);
    std::memset(frame.append(inline_size), 0x5a, inline_size);
    frame.set_payload(Payload::of_stream(9, 100, data - inline_size));
    frame.set_checksum_good(true);
    return frame;
  }
  std::vector<std::byte> bytes(const Frame& frame) {
    std::vector<std::byte> all(frame.size());
    frame.copy_to(all);
    return all;
  }
  Frame add(Frame fragment, Time now = Time::zero()) {
    const auto header = Ipv4Header::read(fragment.headers());
    return reassembly.add(std::move(fragment), *header, now);
  }
  // A fragment as it comes from a real interface: bytes, not a stream.
  Frame as_bytes(Frame frame) { return Frame::from_bytes(pools, bytes(frame)); }

  BufferPools pools;
  Scheduler scheduler;
  Entity entity{"h1"};
  DropCounters drops;
  uint64_t consumed = 0;
  int timeouts = 0;
  Reassembly reassembly{scheduler, entity, *this};
};

TEST_F(FragmentationTest, LeavesAPacketThatFitsAlone) {
  std::vector<Frame> fragments = fragment_v4(packet(1480), 1500);
  ASSERT_EQ(fragments.size(), 1u);
  EXPECT_FALSE(Ipv4Header::read(fragments[0].headers())->is_fragment());
}

TEST_F(FragmentationTest, CutsAtMultiplesOfEightBytesWithRightChecksums) {
  const std::vector<Frame> fragments = fragment_v4(packet(3000), 1000);
  ASSERT_EQ(fragments.size(), 4u);  // 976 bytes of data in each but the last
  for (size_t i = 0; i < 4; ++i) {
    const auto header = Ipv4Header::read(fragments[i].headers());
    EXPECT_EQ(header->fragment_offset, 976 * i);
    EXPECT_EQ(header->more_fragments, i < 3);
    EXPECT_EQ(header->total_length, fragments[i].size());
    EXPECT_LE(fragments[i].size(), 1000u);
    EXPECT_TRUE(Ipv4Header::checksum_is_right(fragments[i].headers()));
  }
}

TEST_F(FragmentationTest, CopiesOnlyTheOptionsThatAskForIt) {
  Frame plain = packet(64);
  plain.pull_front(Ipv4Header::kSize);
  // Record route (7, not copied), then a security option (0x82, copied), 12 bytes in all.
  const std::byte options[12] = {std::byte{7},    std::byte{3}, std::byte{4}, std::byte{1},
                                 std::byte{0x82}, std::byte{4}, std::byte{9}, std::byte{9},
                                 std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}};
  std::byte* at = plain.push_front(32);
  Ipv4Header header;
  header.total_length = 96;
  header.write(at);
  at[0] = std::byte{0x48};
  std::memcpy(at + 20, options, sizeof options);
  std::vector<Frame> fragments = fragment_v4(std::move(plain), 72);
  ASSERT_EQ(fragments.size(), 2u);
  const auto first = Ipv4Header::read(fragments[0].headers());
  const auto second = Ipv4Header::read(fragments[1].headers());
  EXPECT_EQ(first->header_length, 32);
  EXPECT_EQ(second->header_length, 24);
  EXPECT_EQ(fragments[1].headers()[20], std::byte{0x82});
  EXPECT_EQ(first->total_length - 32 + second->total_length - 24, 64);
}

TEST_F(FragmentationTest, PutsShuffledFragmentsOfAnySizeTogetherAgain) {
  Random random(5);
  for (uint16_t round = 0; round < 200; ++round) {
    const auto size = static_cast<uint32_t>(1 + random.below(9'000));
    const auto original = bytes(packet(size, round));
    std::vector<Frame> fragments;
    for (Frame& part :
         fragment_v4(packet(size, round), static_cast<int64_t>(296 + random.below(1200)))) {
      for (Frame& piece :
           fragment_v4(std::move(part), static_cast<int64_t>(124 + random.below(1200)))) {
        fragments.push_back(random.below(3) == 0 ? as_bytes(std::move(piece)) : std::move(piece));
      }
    }
    for (size_t i = fragments.size(); i > 1; --i)
      std::swap(fragments[i - 1], fragments[random.below(i)]);
    if (fragments.size() == 1) continue;
    if (fragments.size() > Reassembly::kFragmentsMax) continue;
    for (size_t i = 0; i + 1 < fragments.size(); ++i) {
      ASSERT_FALSE(add(std::move(fragments[i])));
    }
    const Frame whole = add(std::move(fragments.back()));
    ASSERT_TRUE(whole) << round;
    ASSERT_EQ(bytes(whole), original) << round;
  }
  EXPECT_EQ(reassembly.frames_held(), 0u);
  EXPECT_EQ(drops.total(), 0u);
}

TEST_F(FragmentationTest, KeepsAStreamAStreamWhenItsFragmentsComeInOrder) {
  std::vector<Frame> fragments = fragment_v4(packet(3000), 1500);
  Frame whole;
  for (Frame& fragment : fragments) whole = add(std::move(fragment));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole.payload().is_stream());
  EXPECT_TRUE(whole.checksum_good());
}

TEST_F(FragmentationTest, TakesAnExactRepetitionForWhatItIs) {
  std::vector<Frame> fragments = fragment_v4(packet(2000), 1500);
  add(fragments[0].clone());
  add(fragments[0].clone());
  EXPECT_TRUE(add(std::move(fragments[1])));
  EXPECT_EQ(consumed, 2u);  // the repetition, and one of the two merged
}

TEST_F(FragmentationTest, DiscardsADatagramWhoseFragmentsOverlap) {
  std::vector<Frame> wide = fragment_v4(packet(2000), 1500);
  std::vector<Frame> narrow = fragment_v4(packet(2000), 1000);
  add(std::move(wide[0]));
  add(std::move(narrow[1]));
  EXPECT_EQ(drops.of(DropReason::kMalformed), 2u);
  EXPECT_EQ(reassembly.frames_held(), 0u);
}

TEST_F(FragmentationTest, GivesUpThirtySecondsAfterTheFirstFragment) {
  Warp warp;
  scheduler.run_until(Time::zero(), warp);
  std::vector<Frame> fragments = fragment_v4(packet(4000), 1500);
  add(std::move(fragments[0]));
  scheduler.run_until(Time::zero() + 20_s, warp);
  add(std::move(fragments[1]), Time::zero() + 20_s);
  scheduler.run_until(Time::zero() + 30_s - 1_ns, warp);
  EXPECT_EQ(timeouts, 0);
  scheduler.run_until(Time::zero() + 30_s, warp);
  EXPECT_EQ(timeouts, 1);
  EXPECT_EQ(drops.of(DropReason::kReassemblyTimeout), 2u);
  EXPECT_EQ(reassembly.frames_held(), 0u);
}

TEST_F(FragmentationTest, SaysNothingOfATimeoutWithoutTheFirstFragment) {
  Warp warp;
  scheduler.run_until(Time::zero(), warp);
  std::vector<Frame> fragments = fragment_v4(packet(4000), 1500);
  add(std::move(fragments[1]));
  scheduler.run_until(Time::zero() + 31_s, warp);
  EXPECT_EQ(timeouts, 0);
  EXPECT_EQ(drops.of(DropReason::kReassemblyTimeout), 1u);
}

TEST_F(FragmentationTest, ForgetsTheOldestDatagramWhenThereAreTooMany) {
  for (uint16_t i = 0; i <= Reassembly::kDatagramsMax; ++i) {
    add(std::move(fragment_v4(packet(2000, i), 1500)[0]));
  }
  EXPECT_EQ(reassembly.frames_held(), Reassembly::kDatagramsMax);
  EXPECT_EQ(drops.of(DropReason::kReassemblyTimeout), 1u);
}

TEST_F(FragmentationTest, RefusesFragmentsThatCannotBe) {
  Frame ragged = std::move(fragment_v4(packet(2000), 1500)[0]);
  std::byte* header = ragged.headers().data();
  ragged.truncate(ragged.size() - 1);
  store_be16(header + 2, static_cast<uint16_t>(ragged.size()));
  add(std::move(ragged));
  Frame beyond = std::move(fragment_v4(packet(2000), 1500)[1]);
  store_be16(beyond.headers().data() + 6, 0x1fff);
  add(std::move(beyond));
  EXPECT_EQ(drops.of(DropReason::kMalformed), 2u);
}

}  // namespace
}  // namespace violin
