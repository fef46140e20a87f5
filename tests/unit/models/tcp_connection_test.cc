#include "models/tcp/tcp_connection.hh"

#include <gtest/gtest.h>

#include "core/byte_order.hh"
#include "tests/support/tcp_talker.hh"

// The state machine: opening, closing, resets, what is negotiated. One way takes 10 ms.
//
//     client a ── 10 ms ── b server, port 80

namespace violin {
namespace {

using namespace literals;

std::vector<std::string> flags_of(const TcpPipe& pipe, char from) {
  static constexpr char kFlags[] = "FSRPAUEC";
  std::vector<std::string> all;
  for (const TcpStep& step : pipe.steps) {
    if (step.from != from) continue;
    std::string flags;
    for (int i = 0; i < 8; ++i) {
      if ((step.header.flags >> i & 1) != 0) flags += kFlags[i];
    }
    all.push_back(flags);
  }
  return all;
}

using Flags = std::vector<std::string>;

TEST(TcpConnection, OpensInThreeSegmentsAndTellsBothUsers) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(100_ms);
  EXPECT_EQ(flags_of(call.pipe, 'a'), (Flags{"S", "A"}));
  EXPECT_EQ(flags_of(call.pipe, 'b'), (Flags{"SA"}));
  EXPECT_TRUE(call.client.was_told("connected"));
  EXPECT_TRUE(call.server.was_told("accepted"));
  EXPECT_EQ(call.client.connection->state(), TcpState::kEstablished);
  EXPECT_EQ(call.server.connection->state(), TcpState::kEstablished);
}

TEST(TcpConnection, OffersWhatARecentLinuxOffersInItsSyn) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(100_ms);
  const TcpHeader& syn = call.pipe.steps[0].header;
  EXPECT_EQ(syn.maximum_segment_size, 1'460);
  EXPECT_TRUE(syn.sack_permitted);
  EXPECT_TRUE(syn.timestamps.has_value());
  EXPECT_EQ(syn.window_scale, 7);  // 4 MiB >> 7 = 32 768
  EXPECT_EQ(syn.window, 65'535);
  EXPECT_EQ(syn.size(), 40u);
  // 1460 less 12 bytes of timestamps.
  EXPECT_EQ(call.client.connection->sender().segment_size(), 1'448u);
}

TEST(TcpConnection, AgreesOnlyOnWhatBothEndsOffer) {
  TcpCall call;
  call.server_options.timestamps = false;
  call.server_options.window_scale = false;
  call.server_options.sack = false;
  call.server_options.maximum_segment_size = Bytes(1'000);
  call.pipe.keep_steps = true;
  call.client.to_send = 100'000;
  call.start();
  call.pipe.run_for(2_s);
  EXPECT_EQ(call.server.received_bytes, 100'000);
  const TcpHeader& answer = call.pipe.steps[1].header;
  EXPECT_FALSE(answer.timestamps || answer.window_scale || answer.sack_permitted);
  EXPECT_EQ(call.client.connection->sender().segment_size(), 1'000u);
  for (const TcpStep& step : call.pipe.steps) {
    if (!step.header.has(TcpHeader::kSyn)) {
      EXPECT_FALSE(step.header.timestamps.has_value());
    }
    EXPECT_LE(step.length, 1'000u);
  }
}

TEST(TcpConnection, LearnsItIsRefusedFromAReset) {
  TcpCall call;
  call.listens = false;
  call.start();
  call.pipe.run_for(100_ms);
  EXPECT_TRUE(call.client.was_told("refused"));
  EXPECT_EQ(call.client.closed_at, Time::zero() + 20_ms);
  EXPECT_EQ(call.pipe.b.drops.of(DropReason::kNoListener), 1u);
  EXPECT_EQ(call.pipe.a.layer.connections(), 0u);
}

TEST(TcpConnection, RepeatsItsSynWithDoubledTimeoutsAndGivesUpOnAPeerThatIsNotThere) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.pipe.script = [](const TcpStep&) { return TcpFate{.copies = 0}; };
  call.client_options.syn_retries = 4;
  call.start();
  call.pipe.run_for(200_s);
  std::vector<int64_t> seconds;
  for (const TcpStep& step : call.pipe.steps) seconds.push_back(step.at.ns() / 1'000'000'000);
  EXPECT_EQ(seconds, (std::vector<int64_t>{0, 1, 3, 7, 15}));
  EXPECT_TRUE(call.client.was_told("timed_out"));
  EXPECT_EQ(call.client.closed_at, Time::zero() + 31_s);
}

TEST(TcpConnection, NamesTheIcmpErrorWhenItGivesUp) {
  TcpCall call;
  call.client_options.syn_retries = 1;
  std::array<std::byte, 8> quoted;
  call.pipe.script = [&](const TcpStep& step) {
    store_be16(quoted.data(), step.header.source_port);
    store_be16(quoted.data() + 2, step.header.destination_port);
    store_be32(quoted.data() + 4, step.header.sequence);
    return TcpFate{.copies = 0};
  };
  call.start();
  call.pipe.a.layer.unreachable({call.pipe.a.address, call.pipe.b.address, 6}, quoted);
  call.pipe.run_for(1_s);
  EXPECT_TRUE(call.client.told.empty());  // a soft error does not end it
  call.pipe.run_for(10_s);
  EXPECT_TRUE(call.client.was_told("unreachable"));
}

TEST(TcpConnection, StartsWithOneSegmentWhenItsSynWasLost) {
  TcpCall call;
  call.client.to_send = 100'000;
  int syns = 0;
  call.pipe.script = [&](const TcpStep& step) {
    return TcpFate{.copies = step.header.has(TcpHeader::kSyn) && ++syns == 1 ? 0 : 1};
  };
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(1_s + 25_ms);
  int data = 0;
  for (const TcpStep& step : call.pipe.steps) data += step.length > 0 ? 1 : 0;
  EXPECT_EQ(data, 1);
}

TEST(TcpConnection, SendsTenSegmentsAtFirst) {
  TcpCall call;
  call.client.to_send = 100'000;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(25_ms);
  int data = 0;
  for (const TcpStep& step : call.pipe.steps) data += step.length == 1'448 ? 1 : 0;
  EXPECT_EQ(data, 10);
}

TEST(TcpConnection, OpensWhenBothEndsCallEachOtherAtOnce) {
  TcpPipe pipe;
  TcpTalker a, b;
  a.sends = b.expects = 1;
  b.sends = a.expects = 2;
  a.to_send = b.to_send = 5'000;
  // Learn a's port from its SYN, which is lost; then b calls that port from port 80.
  uint16_t port = 0;
  pipe.script = [&](const TcpStep& step) {
    port = step.header.source_port;
    return TcpFate{};
  };
  a.connect(pipe.a, pipe.b, 80, {}, Time::zero());
  // b's SYN, made by hand, is on its way to a while a's is on its way to b.
  TcpHeader syn;
  syn.source_port = 80;
  syn.destination_port = port;
  syn.flags = TcpHeader::kSyn;
  syn.sequence = 5'000;
  syn.window = 60'000;
  pipe.b.first_sequence = 5'000;
  std::vector<TcpStep> from_a;
  pipe.script = [&](const TcpStep& step) {
    if (step.from == 'a') from_a.push_back(step);
    return TcpFate{.copies = 0};  // b's layer knows nothing of this call
  };
  pipe.inject(pipe.a, syn);
  ASSERT_EQ(from_a.size(), 1u);
  EXPECT_EQ(from_a[0].header.flags, TcpHeader::kSyn | TcpHeader::kAck);
  EXPECT_EQ(from_a[0].acknowledgment, 1u);
  EXPECT_EQ(a.connection->state(), TcpState::kSynReceived);
  TcpHeader ack = syn;
  ack.flags = TcpHeader::kAck;
  ack.sequence = 5'001;
  ack.acknowledgment = pipe.a.first_sequence + 1;
  pipe.inject(pipe.a, ack);
  EXPECT_EQ(a.connection->state(), TcpState::kEstablished);
  EXPECT_TRUE(a.was_told("connected"));
}

// A user who reads only when its own bytes were acknowledged.
class Alternating final : public TcpUser {
 public:
  int64_t received_bytes = 0;
  void connected(TcpConnection& connection, Time) override { connection.pause_reading(); }
  void received(TcpConnection&, const Payload& bytes, int64_t, Time) override {
    received_bytes += bytes.size();
  }
  void writable(TcpConnection&, Time) override {}
  void all_acknowledged(TcpConnection& connection, Time now) override {
    connection.resume_reading(now);
  }
  void peer_closed(TcpConnection&, Time) override {}
  void closed(TcpConnection&, TcpOutcome, Time) override {}
};

TEST(TcpConnection, CatchesUpWhenReadingIsResumedInsideAnotherCall) {
  TcpCall call;
  call.pipe.b.layer.listen(80, {}, call.server);
  call.server.to_send = 5'000;
  Alternating user;
  TcpConnection* connection = call.pipe.a.layer.connect(
      {}, call.pipe.a.address, {call.pipe.b.address, 80}, user, Time::zero());
  call.pipe.run_for(100_ms);
  EXPECT_EQ(user.received_bytes, 0);
  connection->send(Payload::of_stream(call.client.sends, 0, 10), call.pipe.now());
  call.pipe.run_for(100_ms);
  EXPECT_EQ(user.received_bytes, 5'000);
}

TEST(TcpConnection, ClosesInTurnAndWaitsOnTheSideThatClosedFirst) {
  TcpCall call;
  call.client_options.time_wait = 60_s;
  call.start();
  call.pipe.run_for(50_ms);
  call.client.connection->close(call.pipe.now());
  EXPECT_EQ(call.client.connection->state(), TcpState::kFinWait1);
  call.pipe.run_for(25_ms);
  EXPECT_EQ(call.client.connection->state(), TcpState::kFinWait2);
  EXPECT_EQ(call.server.connection->state(), TcpState::kCloseWait);
  EXPECT_TRUE(call.server.was_told("peer closed"));
  call.server.connection->close(call.pipe.now());
  EXPECT_EQ(call.server.connection->state(), TcpState::kLastAck);
  call.pipe.run_for(25_ms);
  EXPECT_TRUE(call.server.was_told("closed"));
  EXPECT_TRUE(call.client.was_told("closed"));
  EXPECT_EQ(call.pipe.a.layer.connections(), 1u);
  call.pipe.run_for(59_s);
  EXPECT_EQ(call.pipe.a.layer.connections(), 1u);
  call.pipe.run_for(2_s);
  EXPECT_EQ(call.pipe.a.layer.connections(), 0u);
}

TEST(TcpConnection, ClosesFromBothSidesAtOnce) {
  TcpCall call;
  call.start();
  call.pipe.run_for(50_ms);
  call.client.connection->close(call.pipe.now());
  call.server.connection->close(call.pipe.now());
  call.pipe.run_for(15_ms);
  EXPECT_EQ(call.client.connection->state(), TcpState::kClosing);
  EXPECT_EQ(call.server.connection->state(), TcpState::kClosing);
  call.pipe.run_for(15_ms);
  EXPECT_TRUE(call.client.was_told("closed"));
  EXPECT_TRUE(call.server.was_told("closed"));
  EXPECT_EQ(call.pipe.a.layer.connections(), 1u);
  EXPECT_EQ(call.pipe.b.layer.connections(), 1u);
}

TEST(TcpConnection, StillReceivesAfterItClosedItsOwnDirection) {
  TcpCall call;
  call.client.to_send = 1'000;
  call.client.close_when_sent = true;
  call.start();
  call.pipe.run_for(100_ms);
  EXPECT_EQ(call.server.received_bytes, 1'000);
  EXPECT_TRUE(call.server.was_told("peer closed"));
  call.server.to_send = 500'000;
  call.server.close_when_sent = true;
  call.server.write(call.pipe.now());
  call.pipe.run_for(5_s);
  EXPECT_EQ(call.client.received_bytes, 500'000);
  EXPECT_EQ(call.client.wrong_bytes, 0);
  EXPECT_TRUE(call.client.was_told("closed"));
  EXPECT_TRUE(call.server.was_told("closed"));
}

TEST(TcpConnection, RepeatsALostFinAndALostLastAck) {
  TcpCall call;
  int fins = 0;
  call.pipe.script = [&](const TcpStep& step) {
    const bool fin = step.header.has(TcpHeader::kFin);
    // Both first FINs, and the ACK of the server's FIN, are lost.
    if (fin && ++fins <= 2) return TcpFate{.copies = 0};
    return TcpFate{};
  };
  call.client.close_when_sent = true;
  call.server.close_when_peer_closes = true;
  call.start();
  call.pipe.run_for(10_s);
  EXPECT_TRUE(call.client.was_told("closed"));
  EXPECT_TRUE(call.server.was_told("closed"));
}

TEST(TcpConnection, ResetsThePeerWhenAborted) {
  TcpCall call;
  call.start();
  call.pipe.run_for(50_ms);
  call.client.connection->abort(call.pipe.now());
  EXPECT_TRUE(call.client.was_told("aborted"));
  call.pipe.run_for(15_ms);
  EXPECT_TRUE(call.server.was_told("reset"));
  EXPECT_EQ(call.pipe.a.layer.connections() + call.pipe.b.layer.connections(), 0u);
}

TEST(TcpConnection, AnswersAResetAtAnInexactSequenceNumberWithAChallenge) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(50_ms);
  TcpHeader reset;
  reset.source_port = call.client.connection->pair().local.port;
  reset.destination_port = 80;
  reset.flags = TcpHeader::kRst;
  reset.sequence = call.pipe.a.first_sequence + 1'000;  // inside the window
  const size_t before = call.pipe.steps.size();
  call.pipe.inject(call.pipe.b, reset);
  ASSERT_EQ(call.pipe.steps.size(), before + 1);
  EXPECT_EQ(call.pipe.steps.back().header.flags, TcpHeader::kAck);
  EXPECT_EQ(call.server.connection->state(), TcpState::kEstablished);
  reset.sequence = call.pipe.a.first_sequence + 1;
  call.pipe.inject(call.pipe.b, reset);
  EXPECT_TRUE(call.server.was_told("reset"));
}

TEST(TcpConnection, AnswersASynInsideAConnectionWithAChallenge) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.client_options.timestamps = false;
  call.start();
  call.pipe.run_for(50_ms);
  TcpHeader syn;
  syn.source_port = call.client.connection->pair().local.port;
  syn.destination_port = 80;
  syn.flags = TcpHeader::kSyn;
  syn.sequence = call.pipe.a.first_sequence + 1'000;
  const size_t before = call.pipe.steps.size();
  call.pipe.inject(call.pipe.b, syn);
  ASSERT_EQ(call.pipe.steps.size(), before + 1);
  EXPECT_EQ(call.pipe.steps.back().header.flags, TcpHeader::kAck);
  EXPECT_EQ(call.server.connection->state(), TcpState::kEstablished);
}

TEST(TcpConnection, DropsASegmentWhoseTimestampIsOlderThanTheLast) {
  TcpCall call;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(500_ms);
  TcpHeader data = call.pipe.steps[2].header;  // the client's last ACK
  ASSERT_TRUE(data.timestamps.has_value());
  data.sack_count = 0;
  const uint32_t last = data.timestamps->value;
  data.timestamps->value = last - 1'000;
  call.pipe.inject(call.pipe.b, data, Payload::of_stream(100, 0, 10));
  EXPECT_EQ(call.server.received_bytes, 0);
  data.timestamps->value = last + 1'000;
  call.pipe.inject(call.pipe.b, data, Payload::of_stream(100, 0, 10));
  EXPECT_EQ(call.server.received_bytes, 10);
}

TEST(TcpConnection, SaysNothingToThePeerWhenItsNodeGoesDown) {
  TcpCall call;
  call.client.to_send = 1'000'000;
  call.pipe.keep_steps = true;
  call.start();
  call.pipe.run_for(50_ms);
  const size_t before = call.pipe.steps.size();
  call.pipe.a.layer.drop_all(call.pipe.now());
  EXPECT_EQ(call.pipe.steps.size(), before);
  EXPECT_TRUE(call.client.was_told("node_down"));
  EXPECT_EQ(call.pipe.a.layer.connections(), 0u);
}

TEST(TcpConnection, CountsASegmentWithAWrongChecksumAndDropsIt) {
  TcpCall call;
  call.client.to_send = 1'000;
  bool done = false;
  call.pipe.script = [&](const TcpStep& step) {
    TcpFate fate;
    fate.corrupt = step.length > 0 && !done;
    done |= fate.corrupt;
    return fate;
  };
  call.start();
  call.pipe.run_for(2_s);
  EXPECT_EQ(call.pipe.b.drops.of(DropReason::kBadChecksum), 1u);
  EXPECT_EQ(call.server.received_bytes, 1'000);
  EXPECT_EQ(call.server.wrong_bytes, 0);
}

TEST(TcpConnection, CarriesSequenceNumbersAndTimestampsOverTheirWrap) {
  // Initial numbers are random: of 60 connections of 400 MB each, none may notice where it began.
  // Rather than wait for luck, the sequence space is tested where it wraps.
  TcpSequenceSpace space(0xffff'ff00);
  EXPECT_EQ(space.to_wire(0x100), 0u);
  EXPECT_EQ(space.from_wire(0x10, 0x0f0), 0x110);
  EXPECT_EQ(space.from_wire(0xffff'fff0, 0x110), 0x0f0);
  const int64_t far = int64_t{5} << 32;
  EXPECT_EQ(space.from_wire(space.to_wire(far + 7), far), far + 7);
  EXPECT_EQ(space.from_wire(space.to_wire(far - 7), far), far - 7);
}

TEST(TcpConnection, TransfersMoreThanTheSequenceSpaceHolds) {
  TcpPipeOptions options;
  options.delay = 100_us;
  options.mtu = 65'535;  // large segments: 4.5 GB in 70 000
  TcpCall call(options);
  call.client_options.receive_buffer = call.server_options.receive_buffer = Bytes(16 << 20);
  call.client_options.send_buffer = Bytes(16 << 20);
  call.client.to_send = 4'500'000'000;
  call.client.close_when_sent = true;
  call.server.close_when_peer_closes = true;
  uint64_t count = 0;
  call.pipe.script = [&](const TcpStep&) { return TcpFate{.copies = ++count % 997 == 0 ? 0 : 1}; };
  call.start();
  call.pipe.run_for(1'000_s);
  EXPECT_EQ(call.server.received_bytes, 4'500'000'000);
  EXPECT_EQ(call.server.wrong_bytes, 0);
  EXPECT_TRUE(call.server.was_told("closed"));
}

TEST(TcpConnection, KeepsIncreasingTimestampsOverTheirWrap) {
  // 2^32 units of 1.049 ms are 52 days: two transfers around the wrap of any offset.
  TcpCall call;
  call.client.to_send = 10'000;
  call.start();
  call.pipe.run_for(1_s);
  for (int day = 0; day < 60; ++day) {
    call.pipe.run_for(Duration::seconds(24 * 3'600));
    call.client.to_send += 10'000;
    call.client.write(call.pipe.now());
    call.pipe.run_for(1_s);
    ASSERT_EQ(call.server.received_bytes, call.client.to_send) << "day " << day;
  }
  EXPECT_EQ(call.client.connection->sender().counters().retransmissions, 0u);
}

TEST(TcpConnection, SendsSmallerSegmentsAgainWhenThePathTakesLess) {
  TcpPipeOptions options;
  TcpCall call(options);
  call.client.to_send = 200'000;
  call.client.close_when_sent = true;
  bool told = false;
  call.pipe.script = [&](const TcpStep& step) {
    if (step.from != 'a' || step.length + step.header.header_length + 20 <= 1'000) {
      return TcpFate{};
    }
    if (!told) {
      told = true;
      std::array<std::byte, 8> quoted;
      store_be16(quoted.data(), step.header.source_port);
      store_be16(quoted.data() + 2, step.header.destination_port);
      store_be32(quoted.data() + 4, step.header.sequence);
      // The error comes when the burst is out, as from a router: see below.
    }
    return TcpFate{.copies = 0};
  };
  call.start();
  call.pipe.run_for(25_ms);
  ASSERT_TRUE(told);
  std::array<std::byte, 8> quoted;
  const TcpConnection& connection = *call.client.connection;
  store_be16(quoted.data(), connection.pair().local.port);
  store_be16(quoted.data() + 2, 80);
  store_be32(quoted.data() + 4, call.pipe.a.first_sequence + 1);
  const int64_t window = connection.sender().window().congestion_window;
  call.pipe.a.layer.fragmentation_needed({call.pipe.a.address, call.pipe.b.address, 6}, quoted,
                                         1'000, call.pipe.now());
  EXPECT_EQ(connection.sender().segment_size(), 948u);
  EXPECT_EQ(connection.sender().window().congestion_window, window);  // no congestion
  call.pipe.run_for(150_ms);
  EXPECT_GT(call.server.received_bytes, 10'000);
  call.pipe.run_for(5_s);
  EXPECT_EQ(call.server.received_bytes, 200'000);
  EXPECT_EQ(call.server.wrong_bytes, 0);
  EXPECT_EQ(call.server.told.back(), "peer closed");
}

TEST(TcpConnection, AdoptsAPathMtuThatTheNodeLearnedFromOthersWhenItTimesOut) {
  TcpCall call;
  call.client.to_send = 50'000;
  call.pipe.script = [](const TcpStep& step) {
    return TcpFate{.copies = step.length > 948 ? 0 : 1};  // and its error is lost, too
  };
  call.start();
  call.pipe.run_for(25_ms);
  EXPECT_EQ(call.client.connection->sender().segment_size(), 1'448u);
  call.pipe.options.mtu = 1'000;  // another connection was told
  call.pipe.run_for(5_s);
  EXPECT_EQ(call.client.connection->sender().segment_size(), 948u);
  EXPECT_EQ(call.server.received_bytes, 50'000);
}

TEST(TcpConnection, IgnoresAnIcmpErrorAboutASequenceNumberThatIsNotInFlight) {
  TcpCall call;
  call.start();
  call.pipe.run_for(100_ms);
  std::array<std::byte, 8> quoted;
  store_be16(quoted.data(), call.client.connection->pair().local.port);
  store_be16(quoted.data() + 2, 80);
  store_be32(quoted.data() + 4, call.pipe.a.first_sequence + 1);
  call.pipe.a.layer.fragmentation_needed({call.pipe.a.address, call.pipe.b.address, 6}, quoted, 600,
                                         call.pipe.now());
  EXPECT_EQ(call.client.connection->sender().segment_size(), 1'448u);
}

TEST(TcpLayer, AnswersAStrayAckWithAResetAtItsAcknowledgmentNumber) {
  TcpPipe pipe;
  pipe.keep_steps = true;
  TcpHeader stray;
  stray.source_port = 1;
  stray.destination_port = 2;
  stray.flags = TcpHeader::kAck;
  stray.sequence = 77;
  stray.acknowledgment = 4'242;
  pipe.inject(pipe.b, stray);
  ASSERT_EQ(pipe.steps.size(), 1u);
  EXPECT_EQ(pipe.steps[0].header.flags, TcpHeader::kRst);
  EXPECT_EQ(pipe.steps[0].header.sequence, 4'242u);
  stray.flags = TcpHeader::kRst;
  pipe.inject(pipe.b, stray);
  EXPECT_EQ(pipe.steps.size(), 1u);  // never a reset for a reset
  EXPECT_EQ(pipe.b.drops.of(DropReason::kNoListener), 2u);
}

TEST(TcpLayer, CountsATruncatedHeaderAsMalformed) {
  TcpPipe pipe;
  Frame frame = Frame::allocate(pipe.pools);
  std::fill_n(frame.push_front(12), 12, std::byte{0});
  frame.set_checksum_good(true);
  pipe.b.layer.receive(std::move(frame), {pipe.a.address, pipe.b.address, 6}, Time::zero());
  EXPECT_EQ(pipe.b.drops.of(DropReason::kMalformed), 1u);
}

TEST(TcpLayer, GivesEveryConnectionAPortOfItsOwnUntilNoneIsLeft) {
  TcpPipe pipe;
  pipe.script = [](const TcpStep&) { return TcpFate{.copies = 0}; };
  TcpTalker talker;
  TcpOptions options;
  const TcpEndpoint remote{pipe.b.address, 80};
  constexpr int kPorts = TcpLayer::kEphemeralLast - TcpLayer::kEphemeralFirst + 1;
  std::vector<bool> taken(65'536);
  for (int i = 0; i < kPorts; ++i) {
    TcpConnection* made =
        pipe.a.layer.connect(options, pipe.a.address, remote, talker, Time::zero());
    ASSERT_NE(made, nullptr);
    ASSERT_FALSE(taken[made->pair().local.port]);
    taken[made->pair().local.port] = true;
  }
  EXPECT_EQ(pipe.a.layer.connect(options, pipe.a.address, remote, talker, Time::zero()), nullptr);
  // Another remote port has them all again.
  EXPECT_NE(
      pipe.a.layer.connect(options, pipe.a.address, {pipe.b.address, 81}, talker, Time::zero()),
      nullptr);
  EXPECT_EQ(pipe.a.layer.connections(), static_cast<size_t>(kPorts) + 1);
}

}  // namespace
}  // namespace violin
