#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/kernel/kernel_store.hh"
#include "emulator/uml/uml_guest.hh"
#include "tests/uml/cell_fixture.hh"

namespace violin::testing {

// Tests with the guests' kernel, where it was built.
class Uml : public CellTest {
 protected:
  void SetUp() override {
    CellTest::SetUp();
    if (IsSkipped()) return;
    const auto kernel = find_kernel();
    if (!kernel) GTEST_SKIP() << "needs the guests' kernel: violin kernel build";
    options_.kernel = kernel->program;
    options_.order.hostname = "h1";
  }

  void add_job(const std::vector<std::string>& argv, bool as_root = false, int64_t at_ns = 0) {
    options_.order.jobs.push_back({at_ns, as_root, argv});
  }
  UmlGuest start() const { return UmlGuest(options_); }
  // Boots, waits until it has powered off; fails when it did not in the end do as ordered.
  UmlGuest run() const {
    UmlGuest guest(options_);
    const UmlEnding ending = guest.wait();
    EXPECT_EQ(ending, UmlEnding::kDone) << guest.journal().failure << guest.console();
    EXPECT_TRUE(guest.journal().ready);
    return guest;
  }

  UmlGuestOptions options_;
};

}  // namespace violin::testing
