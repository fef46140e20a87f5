#include "emulator/guest_init/guest_order.hh"

#include <gtest/gtest.h>

#include "emulator/cell/cell_options.hh"
#include "emulator/guest_init/guest_journal.hh"

namespace violin::testing {
namespace {

GuestOrder full_order() {
  GuestOrder order;
  order.hostname = "h1";
  order.files = {{"/etc/hosts", "10.0.0.1 h1\n"}, {"/etc/empty", ""}};
  order.sysctls = {{"net.ipv4.ip_forward", "1"}};
  order.interfaces = {
      {"eth0",
       1500,
       {*InterfaceAddress::parse("10.0.0.1/24"), *InterfaceAddress::parse("fd00::1/64")}},
      {"eth1", 0, {}}};
  order.routes = {{*IpPrefix::parse("0.0.0.0/0"), IpAddress::parse("10.0.0.254"), "eth0"},
                  {*IpPrefix::parse("fd01::/64"), std::nullopt, "eth1"}};
  order.jobs = {{-5, true, {"printf", "two\nlines", ""}},
                {1'500'000'000, false, {"true"}, 2'000'000'000, {"A=b", "C="}}};
  order.zero_ns = 1'600'000'000'000'000'000;
  order.end_ns = 60'000'000'000;
  order.stay = true;
  return order;
}

TEST(GuestOrder, IsReadAsItWasWritten) {
  const GuestOrder order = full_order();
  const auto read = GuestOrder::parse(order.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), order.text());
  EXPECT_EQ(read->hostname, "h1");
  EXPECT_EQ(read->interfaces.at(0).addresses.size(), 2u);
  EXPECT_EQ(read->routes.at(0).via, IpAddress::parse("10.0.0.254"));
  EXPECT_FALSE(read->routes.at(1).via);
  EXPECT_EQ(read->jobs.at(0).argv, (std::vector<std::string>{"printf", "two\nlines", ""}));
  EXPECT_EQ(read->jobs.at(0).at_ns, -5);
  EXPECT_FALSE(read->jobs.at(1).as_root);
  EXPECT_EQ(read->zero_ns, order.zero_ns);
  EXPECT_EQ(read->end_ns, order.end_ns);
  EXPECT_FALSE(read->jobs.at(0).stop_ns);
  EXPECT_EQ(read->jobs.at(1).stop_ns, 2'000'000'000);
  EXPECT_EQ(read->jobs.at(1).argv, std::vector<std::string>{"true"});
  EXPECT_EQ(read->jobs.at(1).environment, (std::vector<std::string>{"A=b", "C="}));
  EXPECT_TRUE(read->stay);
}

TEST(GuestOrder, WithoutInstantsHasNone) {
  const auto read = GuestOrder::parse(GuestOrder{.hostname = "h1"}.text());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->zero_ns);
  EXPECT_FALSE(read->end_ns);
  EXPECT_FALSE(read->stay);
}

TEST(GuestOrder, CutOffAnywhereIsNone) {
  const std::string text = full_order().text();
  size_t orders = 0;
  for (size_t size = 1; size < text.size(); ++size) {
    orders += GuestOrder::parse(text.substr(0, size)) ? 1 : 0;
  }
  // Between two of its lines it is a shorter one.
  EXPECT_EQ(orders, 14u);
}

TEST(GuestOrder, RefusesWhatIsNoNumberOrAddress) {
  for (const char* text :
       {"2\n8\nhostname2\nh1x", "2\n3\nend1\nx", "1\n-1\n", "99999999999\n",
        "3\n9\ninterface4\neth05\n99999", "4\n5\nroute3\nabc0\n4\neth0", "1\n4\nwhat",
        "6\n3\njob1\n04\nroot0\n1\n14\ntrue", "6\n3\njob1\n04\nroot1\nx1\n04\ntrue"}) {
    EXPECT_FALSE(GuestOrder::parse(text)) << text;
  }
}

TEST(GuestJournal, TellsWhatBecameOfEachJob) {
  const auto journal = GuestJournal::parse(
      "ready 100\nstart 0 110\nmissing 1 120\nrefused 2 130 cannot execute: no\n"
      "start 3 140\nstop 0 145\nexit 0 150 7\ndone\n",
      5);
  using State = GuestJournal::JobState;
  EXPECT_TRUE(journal.ready);
  EXPECT_EQ(journal.ready_ns, 100);
  EXPECT_TRUE(journal.done);
  ASSERT_EQ(journal.jobs.size(), 5u);
  EXPECT_EQ(journal.jobs[0].state, State::kEnded);
  EXPECT_EQ(journal.jobs[0].began_ns, 110);
  EXPECT_EQ(journal.jobs[0].ended_ns, 150);
  EXPECT_EQ(journal.jobs[0].status, 7);
  EXPECT_EQ(journal.jobs[0].stopped_ns, 145);
  EXPECT_FALSE(journal.jobs[3].stopped_ns);
  EXPECT_EQ(journal.jobs[1].state, State::kMissing);
  EXPECT_EQ(journal.jobs[2].state, State::kRefused);
  EXPECT_EQ(journal.jobs[2].why, "cannot execute: no");
  EXPECT_EQ(journal.jobs[3].state, State::kRunning);
  EXPECT_EQ(journal.jobs[4].state, State::kWaiting);
}

TEST(GuestJournal, PassesOverWhatMakesNoSense) {
  const auto journal = GuestJournal::parse(
      "ready\nready x\nexit\nexit 0\nexit 0 1\nexit 0 1 256\nexit 0 1 -1\nexit 1 1 0\n"
      "exit -1 1 0\nexit 0 1 0 \ndone now\nstart 0 99999999999999999999\nwhat 0 1\n\n\ndone",
      1);
  EXPECT_FALSE(journal.ready);
  EXPECT_FALSE(journal.done) << "its last line has not been written to its end";
  EXPECT_EQ(journal.jobs[0].state, GuestJournal::JobState::kWaiting);
}

TEST(CellOptions, AreReadAsTheyWereWritten) {
  CellOptions options;
  options.kernel = "/k";
  options.init = "/i";
  options.memory_bytes = 64 << 20;
  options.results_bytes = 1 << 20;
  options.exposed = {"/a", "/b c"};
  options.sockets = {"clock", "nic0"};
  options.processor = 3;
  options.channel = true;
  options.kernel_arguments = {"mem=64M", "--", "--kernel"};
  const auto read = CellOptions::parse(options.words());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->words(), options.words());
  EXPECT_EQ(read->kernel_arguments, options.kernel_arguments);
  EXPECT_EQ(read->sockets, options.sockets);
  EXPECT_EQ(read->processor, 3);
  EXPECT_TRUE(read->channel);
}

TEST(CellOptions, SocketNamesAreNoPaths) {
  for (const char* name : {"", "a/b", "..", "a b", "--", "\xc3\xa4"}) {
    EXPECT_FALSE(CellOptions::is_socket_name(name)) << name;
    EXPECT_FALSE(CellOptions::parse({"--kernel", "k", "--init", "i", "--socket", name, "--"}));
  }
  EXPECT_TRUE(CellOptions::is_socket_name("nic0"));
  EXPECT_TRUE(CellOptions::is_socket_name(std::string(64, 'x')));
  EXPECT_FALSE(CellOptions::is_socket_name(std::string(65, 'x')));
}

TEST(CellOptions, RefuseWhatIsNotTheirs) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"--"},
           {"--kernel", "/k", "--init", "/i"},
           {"--kernel", "/k", "--"},
           {"--kernel", "/k", "--init", "/i", "--memory", "1x", "--"},
           {"--kernel", "/k", "--init", "/i", "--what", "1", "--"},
           {"--kernel", "/k", "--init", "/i", "--processor", "-1", "--"}}) {
    EXPECT_FALSE(CellOptions::parse(words));
  }
}

}  // namespace
}  // namespace violin::testing
