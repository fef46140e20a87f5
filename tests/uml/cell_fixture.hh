#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <system_error>

#include "emulator/os/mapped_users.hh"
#include "emulator/uml/cell_process.hh"

namespace violin::testing {

// Why this process may not make a cell; nothing when it may.
inline std::optional<std::string> missing_cell() {
  CellOptions options;
  options.kernel = options.init = "/bin/true";
  try {
    CellProcess(options, "", file_in_memory("console", "")).wait();
    return std::nullopt;
  } catch (const std::system_error& error) {
    return std::string("needs root or user namespaces: ") + error.what();
  }
}

// May cells be another user than root here? Else they are root of a namespace with nobody else.
inline bool nobody_exists() { return geteuid() == 0 && mapped_users() > 65534; }

// Tests that make cells are skipped, with the reason, by whoever may not.
class CellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static const std::optional<std::string> reason = missing_cell();
    if (reason) GTEST_SKIP() << *reason;
  }
};

}  // namespace violin::testing
