#include "models/tunnel/tunnel_end.hh"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/byte_order.hh"
#include "core/random.hh"
#include "models/tunnel/tunnel_terminal.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/node_network.hh"
#include "tests/support/packet_builder.hh"

namespace violin {
namespace {

using namespace literals;
using testing::bytes_of;
using testing::FrameLog;
using testing::ip;
using testing::NodeNetwork;
using testing::number_of;
using testing::numbered_frame;

constexpr uint64_t kThere = 0x1111, kBack = 0x2222;

// Overlay hosts a and b with one tunnel; what comes out of it is kept.
class TunnelEndTest : public ::testing::Test {
 protected:
  void make(TunnelSpec common = {}) {
    Host& a = network_.host("a");
    Host& b = network_.host("b");
    cables_ = std::make_unique<NodeNetwork::Pair>(
        network_.join(network_.nic(a, "192.168.0.1/24"), network_.nic(b, "192.168.0.2/24"), 1_ms));
    at_a_ = common;
    at_a_.local = ip("192.168.0.1");
    at_a_.remote = ip("192.168.0.2");
    at_a_.send_session = kThere;
    at_a_.receive_session = kBack;
    TunnelSpec at_b = at_a_;
    std::swap(at_b.local, at_b.remote);
    std::swap(at_b.send_session, at_b.receive_session);
    terminal_a_ = std::make_unique<TunnelTerminal>("a.tunnels", a.udp());
    terminal_b_ = std::make_unique<TunnelTerminal>("b.tunnels", b.udp());
    end_a_ = std::make_unique<TunnelEnd>(network_.scheduler, "a.end", at_a_, a.udp(), log_a_);
    end_b_ = std::make_unique<TunnelEnd>(network_.scheduler, "b.end", at_b, b.udp(), log_b_);
    terminal_a_->attach(*end_a_);
    terminal_b_->attach(*end_b_);
  }
  void send(uint32_t number, uint32_t size) {
    end_a_->entrance().receive(numbered_frame(network_.pools, number, size), network_.now());
  }
  void settle() {
    network_.run_for(10_s);
    EXPECT_TRUE(network_.balanced());
    end_a_->check_conservation();
    end_b_->check_conservation();
  }

  NodeNetwork network_;
  std::unique_ptr<NodeNetwork::Pair> cables_;
  TunnelSpec at_a_;
  FrameLog log_a_, log_b_;
  std::unique_ptr<TunnelTerminal> terminal_a_, terminal_b_;
  std::unique_ptr<TunnelEnd> end_a_, end_b_;
};

TEST_F(TunnelEndTest, AFrameComesOutWithTheBytesThatWentIn) {
  make();
  for (const uint32_t size : {14u, 60u, 1439u, 1440u, 1441u, 1514u, 1518u, 9000u}) {
    const size_t before = log_b_.count();
    const std::vector<std::byte> sent = bytes_of(numbered_frame(network_.pools, size, size));
    send(size, size);
    network_.run_for(1_s);
    ASSERT_EQ(log_b_.count(), before + 1) << size;
    EXPECT_EQ(bytes_of(log_b_.arrivals().back().frame), sent) << size;
    EXPECT_FALSE(log_b_.arrivals().back().frame.checksum_good())
        << "nobody has looked at the checksums inside";
  }
  settle();
}

TEST_F(TunnelEndTest, CutsWhatDoesNotFitIntoEqualChunks) {
  make();
  // 1500 less IP 20, UDP 8 and the header's 32.
  send(1, 1440);
  network_.run_for(1_s);
  EXPECT_EQ(end_a_->counters().datagrams_sent, 1u);
  send(2, 1441);
  network_.run_for(1_s);
  EXPECT_EQ(end_a_->counters().datagrams_sent, 3u);
  EXPECT_EQ(end_a_->counters().frames_sent, 2u);
  EXPECT_EQ(end_b_->counters().frames_delivered, 2u);
  EXPECT_EQ(end_b_->counters().datagrams_delivered, 3u);
  settle();
}

TEST_F(TunnelEndTest, TheTagOfEncryptionTakesSixteenBytesMore) {
  make({.encrypted = true});
  send(1, 1424);
  network_.run_for(1_s);
  EXPECT_EQ(end_a_->counters().datagrams_sent, 1u);
  send(2, 1425);
  network_.run_for(1_s);
  EXPECT_EQ(end_a_->counters().datagrams_sent, 3u);
  EXPECT_EQ(log_b_.count(), 2u);
  settle();
}

TEST_F(TunnelEndTest, TakesTheProcessorsTimeAtBothEnds) {
  make({.cost = {.per_frame = 10_us, .per_kibibyte = 4_us}});
  send(1, 60);  // neighbours get to know each other
  network_.run_for(1_s);
  const Time start = network_.now();
  send(2, 1024);
  send(3, 1024);
  network_.run_for(1_s);
  // 14 µs for 1024 bytes; at the far end for 1056; one cable of a millisecond between.
  const auto far = Duration::nanoseconds(10'000 + 4'000 * 1056 / 1024);
  EXPECT_EQ(log_b_.arrivals()[1].when - start, 14_us + 1_ms + far);
  EXPECT_EQ(log_b_.arrivals()[2].when - start, 14_us + 1_ms + far + far) << "one after the other";
  settle();
}

TEST_F(TunnelEndTest, AReducedPathMtuMakesSmallerChunksAndNeverTinyOnes) {
  make();
  end_a_->reduce_path_mtu(1000);
  send(1, 1514);
  network_.run_for(1_s);
  EXPECT_EQ(end_a_->counters().datagrams_sent, 2u);
  end_a_->reduce_path_mtu(1400);
  EXPECT_EQ(end_a_->spec().path_mtu, 1000) << "it does not grow again";
  end_a_->reduce_path_mtu(1);
  EXPECT_EQ(end_a_->spec().path_mtu, 576);
  send(2, 1514);
  network_.run_for(1_s);
  EXPECT_EQ(log_b_.count(), 2u);
  settle();
}

TEST_F(TunnelEndTest, AFrameThatNeedsTooManyChunksIsDroppedByName) {
  make({.path_mtu = 576});
  send(1, 40'000);
  EXPECT_EQ(end_a_->counters().drops.of(DropReason::kTooLongForLink), 1u);
  EXPECT_EQ(end_a_->counters().frames_sent, 0u);
  settle();
}

TEST_F(TunnelEndTest, AChunkThatIsLostLosesItsFrameAndNoOther) {
  make();
  send(1, 100);
  network_.run_for(1_s);
  // The next datagrams: both halves of 2, of which the second one is cut off by the cable.
  send(2, 1514);
  cables_->to_right.cut = true;
  network_.run_for(1_s);
  cables_->to_right.cut = false;
  for (uint32_t number = 3; number < 3 + TunnelReassembly::kFrames + 1; ++number)
    send(number, 1514);
  settle();
  EXPECT_EQ(log_b_.count(), 1 + TunnelReassembly::kFrames + 2)
      << "what was under way when it was cut arrives";
}

// ---- datagrams that nobody of ours sent ---------------------------------------------------------

// Someone who can send to b what he likes, from a.
class Forgery : public TunnelEndTest {
 protected:
  TunnelHeader header() const {
    TunnelHeader header;
    header.kind = at_a_.encrypted ? TunnelHeader::kEncrypted : TunnelHeader::kPlain;
    header.total = 100;
    header.session = kThere;
    header.counter = 5;
    return header;
  }
  // As the real end would write it.
  std::vector<std::byte> datagram(const TunnelHeader& header, uint32_t inner = 100) const {
    std::vector<std::byte> bytes(header.overhead() + inner);
    header.write(bytes.data());
    if (header.is_encrypted()) {
      std::array<std::byte, 8> counter;
      store_be64(counter.data(), header.counter);
      const std::string_view text(reinterpret_cast<const char*>(counter.data()), counter.size());
      store_be64(bytes.data() + TunnelHeader::kSize, stable_hash(text, header.session));
      store_be64(bytes.data() + TunnelHeader::kSize + 8, stable_hash(text, ~header.session));
    }
    return bytes;
  }
  void inject(const std::vector<std::byte>& bytes) {
    terminal_b_->receive_datagram(Frame::from_bytes(network_.pools, bytes), {}, network_.now());
  }
  uint64_t drops(DropReason reason) const {
    return terminal_b_->drops().of(reason) + end_b_->counters().drops.of(reason);
  }
};

TEST_F(Forgery, TheControlIsDelivered) {
  for (const bool encrypted : {false, true}) {
    make({.encrypted = encrypted});
    inject(datagram(header()));
    EXPECT_EQ(end_b_->counters().frames_delivered, 1u);
    EXPECT_EQ(end_b_->counters().drops.total(), 0u);
    terminal_a_.reset();
    terminal_b_.reset();
  }
}

TEST_F(Forgery, AnotherSessionIsDroppedByName) {
  make();
  TunnelHeader forged = header();
  forged.session = kBack;  // real, but the other direction's
  inject(datagram(forged));
  forged.session = 0;
  inject(datagram(forged));
  EXPECT_EQ(drops(DropReason::kWrongSession), 2u);
  EXPECT_EQ(log_b_.count(), 0u);
}

TEST_F(Forgery, AReplayIsDroppedByName) {
  make({.encrypted = true});
  inject(datagram(header()));
  inject(datagram(header()));
  EXPECT_EQ(drops(DropReason::kReplayed), 1u);
  EXPECT_EQ(log_b_.count(), 1u);
}

TEST_F(Forgery, AReplayedChunkIsDroppedByName) {
  make();
  TunnelHeader first = header();
  first.chunks = 2;
  first.total = 200;
  inject(datagram(first));
  inject(datagram(first));
  EXPECT_EQ(drops(DropReason::kReplayed), 1u);
  TunnelHeader second = first;
  second.chunk = 1;
  second.offset = 100;
  ++second.counter;
  inject(datagram(second));
  EXPECT_EQ(log_b_.count(), 1u);
  end_b_->check_conservation();
}

TEST_F(Forgery, AWrongTagOrNoneWhereThereShouldBeOneIsDroppedByName) {
  make({.encrypted = true});
  std::vector<std::byte> wrong = datagram(header());
  wrong[TunnelHeader::kSize + 3] ^= std::byte{1};
  inject(wrong);
  TunnelHeader plain = header();
  plain.kind = TunnelHeader::kPlain;
  inject(datagram(plain));
  EXPECT_EQ(drops(DropReason::kUnauthentic), 2u);
  EXPECT_EQ(log_b_.count(), 0u);
}

TEST_F(Forgery, ATagWhereThereShouldBeNoneIsDroppedByName) {
  make();
  TunnelHeader forged = header();
  forged.kind = TunnelHeader::kEncrypted;
  inject(datagram(forged));
  EXPECT_EQ(drops(DropReason::kUnauthentic), 1u);
}

TEST_F(Forgery, ChunksThatDoNotMakeOneFrameAreDroppedByName) {
  make();
  TunnelHeader first = header();
  first.chunks = 2;
  first.total = 200;
  TunnelHeader second = first;
  second.chunk = 1;
  second.offset = 150;  // leaves a hole
  ++second.counter;
  inject(datagram(first));
  inject(datagram(second, 50));
  EXPECT_EQ(drops(DropReason::kMalformed), 2u);
  first.counter = 10;
  second.counter = 11;
  second.offset = 50;  // as many bytes as are wanted, but some of them twice
  inject(datagram(first));
  inject(datagram(second));
  EXPECT_EQ(drops(DropReason::kMalformed), 4u);
  TunnelHeader third = header();
  third.counter = 20;
  inject(datagram(third, 40));  // 40 bytes of 100
  EXPECT_EQ(drops(DropReason::kMalformed), 5u);
  EXPECT_EQ(log_b_.count(), 0u);
  end_b_->check_conservation();
}

// Every bit of the header and tag: what is flipped is noticed, by one counter or another, except
// for the time stamp, which only measures.
TEST_F(Forgery, AFlippedBitInHeaderOrTagNeverGetsAFrameThrough) {
  make({.encrypted = true});
  const std::vector<std::byte> good = datagram(header());
  uint64_t flipped = 0;
  for (size_t bit = 0; bit < 8 * (TunnelHeader::kSize + TunnelHeader::kTagSize); ++bit) {
    if (bit >= 8 * 24 && bit < 8 * 32) continue;  // the time stamp
    std::vector<std::byte> bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    inject(bad);
    ++flipped;
    EXPECT_EQ(log_b_.count(), 0u) << "bit " << bit;
  }
  // A chunk that says it is one of several waits for the others.
  EXPECT_EQ(terminal_b_->drops().total() + end_b_->counters().drops.total() + end_b_->held(),
            flipped);
  EXPECT_GT(drops(DropReason::kUnauthentic), 100u);
  EXPECT_EQ(drops(DropReason::kWrongSession), 64u);
  end_b_->check_conservation();
}

TEST_F(Forgery, IncompleteFramesAreForgottenOneByOne) {
  make();
  TunnelHeader chunk = header();
  chunk.chunks = 2;
  chunk.total = 200;
  for (uint64_t i = 0; i < TunnelReassembly::kFrames + 3; ++i) {
    chunk.counter = 10 * i;
    inject(datagram(chunk));
  }
  EXPECT_EQ(end_b_->held(), TunnelReassembly::kFrames);
  EXPECT_EQ(drops(DropReason::kReassemblyTimeout), 3u);
  end_b_->check_conservation();
}

}  // namespace
}  // namespace violin
