#include "emulator/os/network_namespace.hh"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/netlink.hh"
#include "tests/realtime/namespace_fixture.hh"
#include "tests/realtime/namespace_socket.hh"

namespace violin::testing {
namespace {

class OsNetworkNamespace : public NamespaceTest {};
class OsSysctl : public NamespaceTest {};

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

TEST(OsFileDescriptor, ClosesWhatItOwnsAndNothingElse) {
  FileDescriptor first = open_file("/dev/null", O_RDONLY);
  const int raw = first.get();
  FileDescriptor second = std::move(first);
  EXPECT_FALSE(first.is_open());
  EXPECT_TRUE(is_open(raw));
  second = FileDescriptor();
  EXPECT_FALSE(is_open(raw));
  const FileDescriptor given(open_file("/dev/null", O_RDONLY).release());
  EXPECT_TRUE(is_open(given.get()));
}

TEST(OsFileDescriptor, NamesTheFileThatCannotBeOpened) {
  try {
    open_file("/no/such/file", O_RDONLY);
    FAIL() << "opened what is not there";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_EQ(std::string(error.what()), "cannot open /no/such/file: No such file or directory");
    EXPECT_EQ(action_of(error), "cannot open /no/such/file");
  }
}

TEST_F(OsNetworkNamespace, IsNewHasLoopbackUpAndLeavesTheThreadWhereItWas) {
  const uint64_t before = NetworkNamespace::current().id();
  const NetworkNamespace made = NetworkNamespace::create();
  EXPECT_EQ(NetworkNamespace::current().id(), before);
  EXPECT_NE(made.id(), before);
  {
    const EnteredNamespace inside(made);
    EXPECT_EQ(NetworkNamespace::current().id(), made.id());
    EXPECT_EQ(if_nametoindex("lo"), 1u);
    // Binding says nothing about the interface, connecting does: it needs a route.
    const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(any.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << errno;
  }
  EXPECT_EQ(NetworkNamespace::current().id(), before);
}

TEST_F(OsNetworkNamespace, IsLeftWhenAnExceptionPasses) {
  const uint64_t before = NetworkNamespace::current().id();
  const NetworkNamespace made = NetworkNamespace::create();
  EXPECT_THROW(
      {
        const EnteredNamespace inside(made);
        throw std::runtime_error("passing");
      },
      std::runtime_error);
  EXPECT_EQ(NetworkNamespace::current().id(), before);
}

TEST_F(OsSysctl, ChangesTheNamespaceNamedAndNoOther) {
  const NetworkNamespace one = NetworkNamespace::create();
  const NetworkNamespace other = NetworkNamespace::create();
  write_sysctl(other, "net.ipv4.ip_forward", "0");
  write_sysctl(one, "net.ipv4.ip_forward", "1");
  EXPECT_EQ(read_sysctl(one, "net.ipv4.ip_forward"), "1");
  EXPECT_EQ(read_sysctl(other, "net.ipv4.ip_forward"), "0");
}

TEST_F(OsSysctl, FindsAnInterfaceWithADotInItsName) {
  const NetworkNamespace where = NetworkNamespace::create();
  Netlink(where).add_veth({"a.b", where}, {"c", where}, 1500);
  write_sysctl(where, "net/ipv4/conf/a.b/forwarding", "1");
  EXPECT_EQ(read_sysctl(where, "net.ipv4.conf.a/b.forwarding"), "1");
}

TEST_F(OsSysctl, RefusesWhatIsNotOfANetworkNamespace) {
  const NetworkNamespace where = NetworkNamespace::create();
  for (const char* name : {"kernel.hostname", "net/../kernel/hostname", "net..ipv4", "net", "", "/",
                           "network.a", "net/ipv4/", "/net/ipv4/ip_forward"}) {
    EXPECT_THROW(write_sysctl(where, name, "1"), std::invalid_argument) << name;
  }
  EXPECT_EQ(refusal([&] { write_sysctl(where, "net.ipv4.no_such", "1"); }),
            "cannot open /proc/sys/net/ipv4/no_such: No such file or directory");
}

TEST_F(OsSysctl, RefusesTheMachinesOwnNamespace) {
  const NetworkNamespace own = NetworkNamespace::current();
  if (access("/proc/sys/net/core/netdev_budget", F_OK) != 0) {
    GTEST_SKIP() << "this test does not run in the machine's own network namespace";
  }
  // Writing what is there already, should the refusal ever fail.
  const std::string value = read_sysctl(own, "net.ipv4.ip_forward");
  EXPECT_THROW(write_sysctl(own, "net.ipv4.ip_forward", value), std::invalid_argument);
}

}  // namespace
}  // namespace violin::testing
