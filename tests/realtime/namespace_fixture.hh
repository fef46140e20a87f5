#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <system_error>

#include "emulator/os/file_descriptor.hh"
#include "emulator/os/network_namespace.hh"

namespace violin::testing {

// Why this process may not make network namespaces; nothing when it may.
inline std::optional<std::string> missing_rights() {
  try {
    NetworkNamespace::create();
    return std::nullopt;
  } catch (const std::system_error& error) {
    return std::string("needs root: ") + error.what();
  }
}

// Why this process may not make TAP devices; nothing when it may.
inline std::optional<std::string> missing_tun() {
  try {
    open_file("/dev/net/tun", O_RDWR);
    return std::nullopt;
  } catch (const std::system_error& error) {
    return std::string("needs TAP devices: ") + error.what();
  }
}

// Runs `body` in a child whose mounts are its own and shared with every mount namespace made from
// it, as a machine's often are: there, a mount that should stay inside is seen outside. What body
// returns; -1 when such mounts cannot be had.
inline int run_with_shared_mounts(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    // Cut off from the machine's first.
    const bool made = unshare(CLONE_NEWNS) == 0 &&
                      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) == 0;
    _exit(made ? body() : 255);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) != 255 ? WEXITSTATUS(status) : -1;
}

// Tests that make namespaces are skipped, with the reason, by whoever may not.
class NamespaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = missing_rights()) GTEST_SKIP() << *reason;
  }
};

class TapTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    if (const auto reason = missing_tun()) GTEST_SKIP() << *reason;
  }
};

}  // namespace violin::testing
