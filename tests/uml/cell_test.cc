#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>
#include <string>

#include "emulator/uml/cell_process.hh"
#include "tests/support/temporary_folder.hh"
#include "tests/uml/cell_fixture.hh"
#include "tests/uml/leftovers.hh"

// The cell that guests' kernels are confined in, with a prisoner in place of the kernel.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

class Cell : public CellTest {
 protected:
  void SetUp() override {
    CellTest::SetUp();
    if (IsSkipped()) return;
    options_.kernel = VIOLIN_PRISONER;
    options_.init = "/bin/true";
    options_.memory_bytes = 1 << 20;
    options_.results_bytes = 1 << 20;
  }

  CellProcess start(const std::string& order = "") {
    return CellProcess(options_, order, console_);
  }
  // Everything that was printed in it, until it ended.
  std::string said() {
    CellProcess cell = start();
    EXPECT_EQ(cell.wait(), 0);
    return read_file("/proc/self/fd/" + std::to_string(console_.get()));
  }
  // A program that writes nothing and does not end.
  void never_end() {
    options_.kernel = "/bin/sleep";
    options_.kernel_arguments = {"1000"};
  }

  CellOptions options_;
  FileDescriptor console_ = file_in_memory("console", "");
};

TEST_F(Cell, GivesThePrisonerNoRightAndNoWayToAny) {
  const std::string text = said();
  for (const char* line :
       {"CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
        "NoNewPrivs:\t1\n", "Seccomp:\t2\n", "processes 2, descriptors 3\n",
        "mount: Operation not permitted\n", "unmount: Operation not permitted\n",
        "unshare: Operation not permitted\n", "clone: Operation not permitted\n",
        "chroot: Operation not permitted\n",
        "internet socket: Address family not supported by protocol\n",
        "netlink socket: Address family not supported by protocol\n", "unix socket: yes\n",
        "trace process 1: Operation not permitted\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
  if (!nobody_exists()) return;
  for (const char* line : {"uid 65534 gid 65534\n", "become root: Operation not permitted\n",
                           "kill process 1: Operation not permitted\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST_F(Cell, HasItsOwnFoldersToWriteToAndNoOther) {
  const std::string text = said();
  for (const char* folder :
       {"/", "/etc", "/usr/bin", "/violin", "/violin/boot", "/violin/sockets", "/dev"}) {
    const std::string line = std::string("write in ") + folder + ": Read-only file system\n";
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
  for (const char* line : {"write in /tmp: No such file or directory\n",
                           "write in /violin/results: yes\n", "write in /violin/memory: yes\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST_F(Cell, ShowsTheSystemAndWhatIsExposedAndNothingElse) {
  const TemporaryFolder outside;
  const std::string secret = outside.path() / "secret", shown = outside.path() / "shown";
  for (const std::string& path : {secret, shown}) {
    std::ofstream(path) << "text";
    chmod(path.c_str(), 0644);
  }
  chmod(outside.path().c_str(), 0755);
  options_.exposed = {shown};
  options_.kernel_arguments = {shown,
                               secret,
                               "/etc/passwd",
                               "/bin/true",
                               "/etc/shadow",
                               "/root",
                               "/var/lib/dpkg/status",
                               "/proc/1/root/etc/passwd",
                               "/proc/1/environ",
                               "/sys/kernel/osrelease",
                               "/dev/zero"};
  const std::string text = said();
  for (const std::string& path :
       {shown, std::string("/etc/passwd"), std::string("/bin/true"), std::string("/dev/zero")}) {
    EXPECT_NE(text.find("read " + path + ": yes\n"), std::string::npos) << path << "\n" << text;
  }
  for (const std::string& path :
       {secret, std::string("/etc/shadow"), std::string("/root"),
        std::string("/var/lib/dpkg/status"), std::string("/proc/1/root/etc/passwd"),
        std::string("/proc/1/environ"), std::string("/sys/kernel/osrelease")}) {
    EXPECT_NE(text.find("read " + path + ": "), std::string::npos) << path;
    EXPECT_EQ(text.find("read " + path + ": yes\n"), std::string::npos) << path << "\n" << text;
  }
}

TEST_F(Cell, GivesItsOrderToTheGuestAndItsResultsToUs) {
  options_.kernel = "/bin/cp";
  options_.kernel_arguments = {"/violin/boot/order", "/violin/results/copy"};
  std::string order(100'000, 'x');
  order += "end";
  CellProcess cell = start(order);
  EXPECT_EQ(cell.wait(), 0);
  const int copy = openat(cell.results().get(), "copy", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(copy, 0) << "the folder is there although the cell is not";
  const FileDescriptor file(copy);
  struct stat status = {};
  fstat(file.get(), &status);
  EXPECT_EQ(status.st_size, static_cast<off_t>(order.size()));
}

// The names of sockets are the cell's alone, and nobody in it can take the place of one.
TEST_F(Cell, ListensForItsDevicesWhereNobodyElseCan) {
  const Leftovers before;
  options_.sockets = {"clock", "nic0"};
  CellProcess cell = start();
  for (size_t i = 0; i < options_.sockets.size(); ++i) {
    pollfd caller = {.fd = cell.listener(i).get(), .events = POLLIN};
    ASSERT_EQ(poll(&caller, 1, 10'000), 1) << options_.sockets[i];
    const FileDescriptor connection(accept(caller.fd, nullptr, nullptr));
    ucred peer = {};
    socklen_t size = sizeof peer;
    ASSERT_EQ(getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    EXPECT_EQ(peer.uid, nobody_exists() ? 65534 : geteuid());
    char text[100] = {};
    EXPECT_GT(read(connection.get(), text, sizeof text - 1), 0);
    EXPECT_EQ(std::string(text), "/violin/sockets/" + options_.sockets[i]);
  }
  EXPECT_EQ(cell.wait(), 0);
  const std::string text = read_file("/proc/self/fd/" + std::to_string(console_.get()));
  for (const char* line :
       {"connect /violin/sockets/clock: yes\n", "connect /violin/sockets/nic0: yes\n",
        "remove /violin/sockets/clock: Read-only file system\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(Cell, MakesAsManySocketsAsMayBe) {
  for (size_t i = 0; i < CellOptions::kSocketsMax; ++i) {
    options_.sockets.push_back("nic" + std::to_string(i));
  }
  CellProcess cell = start();
  EXPECT_TRUE(cell.listener(CellOptions::kSocketsMax - 1).is_open());
  EXPECT_EQ(cell.wait(), 0);
  options_.sockets = {"nic0", "nic0"};
  EXPECT_THROW(start(), std::system_error);
}

TEST_F(Cell, StaysOnItsProcessor) {
  options_.processor = 0;
  EXPECT_NE(said().find("processors 1, at 0\n"), std::string::npos);
  options_.processor = 100'000;
  EXPECT_THROW(start(), std::system_error);
}

TEST_F(Cell, BoundsWhatIsWritten) {
  options_.kernel = "/bin/dd";
  options_.kernel_arguments = {"if=/dev/zero", "of=/violin/results/much", "bs=64k", "count=64"};
  CellProcess cell = start();
  EXPECT_NE(cell.wait(), 0);
  struct stat status = {};
  ASSERT_EQ(fstatat(cell.results().get(), "much", &status, 0), 0);
  EXPECT_LE(status.st_size, 1 << 20);
}

TEST_F(Cell, TellsHowTheKernelEnded) {
  options_.kernel = "/bin/sh";
  options_.kernel_arguments = {"-c", "exit 7"};
  EXPECT_EQ(WEXITSTATUS(start().wait()), 7);
  options_.kernel_arguments = {"-c", "kill -ABRT $$"};
  EXPECT_EQ(WTERMSIG(start().wait()), SIGABRT);
}

TEST_F(Cell, SaysWhatFailed) {
  options_.kernel = "/nowhere/linux";
  try {
    start();
    FAIL() << "it began";
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "cannot open /nowhere/linux: No such file or directory");
  }
  options_.kernel = "/etc/passwd";
  try {
    start();
    FAIL() << "it began";
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "cannot execute /etc/passwd: Permission denied");
  }
}

TEST_F(Cell, RefusesToExposeWhatIsNotThereAndMakesNothingOfIt) {
  for (const std::string folder : {"/usr/lib/violin-nowhere", "/violin-nowhere"}) {
    options_.exposed = {folder + "/file"};
    EXPECT_THROW(start(), std::system_error);
    EXPECT_FALSE(fs::exists(folder));
  }
}

TEST_F(Cell, LeavesNothingWhenItIsDestroyedKilledOrEnds) {
  const Leftovers before;
  {
    CellProcess ended = start();
    EXPECT_EQ(ended.wait(), 0);
  }
  EXPECT_EQ(Leftovers::since(before), "");
  never_end();
  {
    CellProcess destroyed = start();
    EXPECT_FALSE(destroyed.finished());
  }
  EXPECT_EQ(Leftovers::since(before), "");
  CellProcess killed = start();
  killed.kill();
  EXPECT_EQ(killed.wait(), SIGKILL);
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(Cell, LeavesNothingWhenItsOwnerIsKilled) {
  const Leftovers before;
  never_end();
  KilledOwner owner([this] {
    CellProcess cell = start();
    for (;;) pause();
  });
  ASSERT_TRUE(eventually([&] { return owner.descendants() == 3; })) << owner.descendants();
  owner.kill();
  EXPECT_TRUE(KilledOwner::all_buried());
  EXPECT_EQ(Leftovers::since(before), "");
}

TEST_F(Cell, LeavesNothingHoweverEarlyItsOwnerIsKilled) {
  const Leftovers before;
  never_end();
  for (int i = 0; i < 40; ++i) {
    KilledOwner owner([this] {
      CellProcess cell = start();
      for (;;) pause();
    });
    const timespec wait = {.tv_nsec = i * 500'000L};
    ppoll(nullptr, 0, &wait, nullptr);
    owner.kill();
    ASSERT_TRUE(KilledOwner::all_buried()) << "after round " << i;
  }
  EXPECT_EQ(Leftovers::since(before), "");
}

}  // namespace
}  // namespace violin::testing
