#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "emulator/os/guest_process.hh"
#include "emulator/os/guest_space.hh"
#include "emulator/os/mapped_users.hh"

// Guests for tests, and programs in them.

namespace violin::testing {

inline GuestSpace guest(const std::string& hostname) {
  return GuestSpace({.hostname = hostname, .files = {{"/etc/hosts", "10.0.0.9 somewhere\n"}}});
}

// Everything that comes until the writing ends; what a terminal says at its end (EIO) is an end
// too.
inline std::string all_of(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

// Exactly so many bytes; fewer when the writing ends before.
inline std::string next(int descriptor, size_t bytes) {
  std::string text;
  char letter = 0;
  while (text.size() < bytes && read(descriptor, &letter, 1) == 1) text += letter;
  return text;
}

struct GuestOutcome {
  int status = 0;
  std::string output;  // and errors
};

inline GuestOutcome run(const GuestSpace& where, const std::vector<std::string>& argv,
                        bool as_root = false) {
  DescriptorPair line = make_pipe();
  const int end = line.second.get();
  GuestProcess program(
      where, {.argv = argv, .as_root = as_root, .streams = {.output = end, .error = end}});
  line.second.close();
  GuestOutcome outcome{.output = all_of(line.first.get())};
  outcome.status = program.wait();
  return outcome;
}

inline GuestOutcome shell(const GuestSpace& where, const std::string& script,
                          bool as_root = false) {
  return run(where, {"sh", "-c", script}, as_root);
}

// Of a text like that of /proc/self/status.
inline ::testing::AssertionResult has_no_right(const std::string& status) {
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    if (status.find(std::string(set) + ":\t0000000000000000\n") == std::string::npos) {
      return ::testing::AssertionFailure() << set << " in\n" << status;
    }
  }
  if (status.find("NoNewPrivs:\t1\n") != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "NoNewPrivs in\n" << status;
}

inline bool nobody_exists() { return mapped_users() > 65534; }

}  // namespace violin::testing
