#include "models/queue/congestion_mark.hh"

#include <gtest/gtest.h>

#include "tests/support/packet_builder.hh"
#include "tests/support/queue_log.hh"

namespace violin {
namespace {

using testing::checksums_are_right;
using testing::PacketBuilder;
using testing::QueueLog;

struct Shape {
  bool v6;
  bool vlan;
};
constexpr Shape kShapes[] = {{false, false}, {false, true}, {true, false}, {true, true}};

PacketBuilder builder_of(Shape shape, Ecn ecn) {
  PacketBuilder builder;
  builder.v6 = shape.v6;
  builder.vlan = shape.vlan;
  builder.traffic_class = static_cast<uint8_t>(ecn);
  return builder;
}

TEST(CongestionMark, MarksCapableFramesWithAndWithoutAVlanTagAndKeepsTheirChecksumsRight) {
  BufferPools pools;
  for (const Shape shape : kShapes) {
    QueueLog log;
    Frame frame = builder_of(shape, Ecn::kCapable0).build(pools);
    ASSERT_TRUE(mark_instead_of_dropping(frame, Time::zero(), log)) << shape.v6 << shape.vlan;
    EXPECT_EQ(log.marks().size(), 1u);
    const Frame expected = builder_of(shape, Ecn::kCongestion).build(pools);
    EXPECT_TRUE(testing::bytes_of(frame) == testing::bytes_of(expected)) << shape.v6 << shape.vlan;
    EXPECT_TRUE(checksums_are_right(frame));
  }
}

TEST(CongestionMark, LeavesWhatIsNotCapableAsItIs) {
  BufferPools pools;
  for (const Shape shape : kShapes) {
    QueueLog log;
    Frame frame = builder_of(shape, Ecn::kNotCapable).build(pools);
    EXPECT_FALSE(mark_instead_of_dropping(frame, Time::zero(), log));
    EXPECT_TRUE(log.marks().empty());
    EXPECT_TRUE(testing::bytes_of(frame) ==
                testing::bytes_of(builder_of(shape, Ecn::kNotCapable).build(pools)));
  }
}

TEST(CongestionMark, LooksAtNothingBehindTheEndOfAShortFrame) {
  BufferPools pools;
  for (const Shape shape : kShapes) {
    for (uint32_t size = 1; size < EthernetHeader::kSize + Ipv4Header::kSize; ++size) {
      QueueLog log;
      Frame frame = builder_of(shape, Ecn::kCapable0).build(pools);
      frame.truncate(size);
      EXPECT_FALSE(mark_instead_of_dropping(frame, Time::zero(), log)) << size;
    }
  }
}

}  // namespace
}  // namespace violin
