#include "emulator/os/idle_processors.hh"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "emulator/os/processor_pin.hh"

namespace violin {
namespace {

using namespace literals;

TEST(IdleProcessors, AProcessorThatComputesIsNotAmongThem) {
  const std::vector<int> processors = allowed_processors();
  std::atomic<bool> over = false;
  std::thread busy([&] {
    const ProcessorPin pin(processors.front());
    while (!over) {
    }
  });
  const int idle = idle_processors(200_ms);
  over = true;
  busy.join();
  EXPECT_GE(idle, 0);
  EXPECT_LT(idle, static_cast<int>(processors.size()));
}

TEST(IdleProcessors, OnlyThoseThatOneMayRunOnCount) {
  const ProcessorPin pin(allowed_processors().front());
  EXPECT_LE(idle_processors(100_ms), 1);
}

}  // namespace
}  // namespace violin
