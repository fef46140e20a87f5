#include "emulator/tunnel/control_port.hh"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "emulator/os/netlink.hh"
#include "emulator/tunnel/tunnel_carrier.hh"
#include "tests/realtime/namespace_fixture.hh"
#include "tests/support/frame_log.hh"
#include "tests/support/packet_builder.hh"

namespace violin::testing {
namespace {

using namespace literals;

// One overlay host: what joins, what carries, and one tunnel.
struct End {
  End(Realtime& realtime, BufferPools& pools, const KeyPair& own, bool v6)
      : carrier(realtime, TunnelCarrier::Options{v6}), control(realtime, options(own, v6)) {
    UdpTunnel::Options tunnelled;
    tunnelled.spec.remote = v6 ? *IpAddress::parse("fd09::1") : *IpAddress::parse("10.9.0.1");
    tunnelled.encryption = Encryption::kAes256Gcm;
    tunnel = std::make_unique<UdpTunnel>("tunnel", tunnelled, carrier, pools, inside);
  }
  static ControlPort::Options options(const KeyPair& own, bool v6) {
    ControlPort::Options options;
    options.v6 = v6;
    options.own = own;
    return options;
  }

  FrameLog inside;
  TunnelCarrier carrier;
  std::unique_ptr<UdpTunnel> tunnel;
  ControlPort control;
};

// Over sockets:  a asks  [ 10.9.0.1 eth0 ]──[ eth0 10.9.0.2 ]  b answers
class ControlPortTest : public NamespaceTest, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    require_sodium();
    here_a_.emplace(NetworkNamespace::create());
    here_b_.emplace(NetworkNamespace::create());
    Netlink(*here_a_).add_veth({"eth0", *here_a_}, {"eth0", *here_b_}, 1500);
    set_up(*here_a_, "1");
    set_up(*here_b_, "2");
    for (KeyPair* keys : {&keys_a_, &keys_b_}) *keys = KeyPair::generate(system_secrets());
    violin_ = SecretKey::generate(system_secrets());
    make(a_, *here_a_, keys_a_);
    make(b_, *here_b_, keys_b_);
  }

  static void set_up(const NetworkNamespace& where, const std::string& number) {
    Netlink netlink(where);
    netlink.add_address("eth0", *InterfaceAddress::parse("10.9.0." + number + "/24"));
    netlink.add_address("eth0", *InterfaceAddress::parse("fd09::" + number + "/64"));
    netlink.set_up("eth0");
  }
  void make(std::unique_ptr<End>& end, const NetworkNamespace& where, const KeyPair& keys) {
    const EnteredNamespace inside(where);
    end = std::make_unique<End>(realtime_, pools_, keys, GetParam());
    end->control.add_violin("v", violin_);
  }
  ControlPort::Link link(const PublicKey& peer, const std::string& number) const {
    const std::string net = GetParam() ? "fd09::" : "10.9.0.";
    return {"v", "l", Encryption::kAes256Gcm, peer, *IpAddress::parse(net + number)};
  }
  void join() { a_->control.join(link(keys_b_.open, "2"), *a_->tunnel); }
  void admit() { b_->control.admit(link(keys_a_.open, "1"), *b_->tunnel); }
  // Lets datagrams and timers come until the condition holds; false when it does not for long.
  bool until(const std::function<bool()>& holds) {
    const Time end = realtime_.clock_now() + 20_s;
    while (!holds() && realtime_.clock_now() < end) {
      realtime_.advance_to(realtime_.clock_now() + 1_ms);
      a_->carrier.flush();
      b_->carrier.flush();
    }
    return holds();
  }
  bool both_are_ready() const { return a_->control.is_ready() && b_->control.is_ready(); }
  // One frame each way.
  bool carries_frames() {
    const size_t before_a = a_->inside.count(), before_b = b_->inside.count();
    for (End* end : {a_.get(), b_.get()}) {
      end->tunnel->receive(PacketBuilder().build(pools_), realtime_.clock_now());
    }
    return until([&] { return a_->inside.count() > before_a && b_->inside.count() > before_b; });
  }

  std::optional<NetworkNamespace> here_a_, here_b_;
  KeyPair keys_a_, keys_b_;
  SecretKey violin_;
  BufferPools pools_;
  ScenarioClock clock_{ScenarioClock::monotonic_ns()};
  Realtime realtime_{clock_};
  std::unique_ptr<End> a_, b_;
};

TEST_P(ControlPortTest, JoinsATunnelThatThenCarriesFramesBothWays) {
  join();
  admit();
  EXPECT_FALSE(a_->control.is_ready());
  EXPECT_FALSE(b_->control.is_ready());
  a_->control.start();
  b_->control.start();
  ASSERT_TRUE(until([&] { return both_are_ready(); }))
      << a_->control.what_is_missing() << b_->control.what_is_missing();
  EXPECT_EQ(a_->control.what_is_missing(), "");
  EXPECT_TRUE(carries_frames());
}

TEST_P(ControlPortTest, IsReadyAtOnceWhereThereIsNothingToJoin) {
  a_->control.start();
  EXPECT_TRUE(a_->control.is_ready());
  EXPECT_EQ(a_->control.what_is_missing(), "");
}

TEST_P(ControlPortTest, NamesTheLinkThatIsNotJoinedOnEitherSide) {
  join();
  admit();
  const std::string net = GetParam() ? "fd09::" : "10.9.0.";
  EXPECT_EQ(a_->control.what_is_missing(), "v/l is not joined at " + net + "2: no answer yet");
  EXPECT_EQ(b_->control.what_is_missing(), "v/l was not joined by " + net + "1");
}

TEST_P(ControlPortTest, JoinsNobodyWithAnotherKeyForTheViolin) {
  join();
  violin_ = SecretKey::generate(system_secrets());
  b_.reset();
  make(b_, *here_b_, keys_b_);
  admit();
  a_->control.start();
  // It cannot read the answer, and so asks again.
  EXPECT_TRUE(until([&] { return b_->control.counters().repeated > 0; }));
  EXPECT_FALSE(a_->control.is_ready());
  EXPECT_FALSE(b_->control.is_ready());
}

TEST_P(ControlPortTest, WhoAsksBeforeTheOtherIsThereAsksAgain) {
  join();
  b_.reset();
  a_->control.start();
  make(b_, *here_b_, keys_b_);
  admit();
  EXPECT_TRUE(until([&] { return both_are_ready(); })) << a_->control.what_is_missing();
}

TEST_P(ControlPortTest, TellsThePeerThatItLeaves) {
  join();
  admit();
  a_->control.start();
  ASSERT_TRUE(until([&] { return both_are_ready(); }));
  a_->control.leave();
  EXPECT_TRUE(until([&] { return !b_->tunnel->can_send(); }));
}

INSTANTIATE_TEST_SUITE_P(Each, ControlPortTest, ::testing::Values(false, true),
                         [](const auto& about) { return about.param ? "IPv6" : "IPv4"; });

}  // namespace
}  // namespace violin::testing
