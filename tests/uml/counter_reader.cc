#include <poll.h>
#include <x86intrin.h>

#include <cstdio>

// Run in a guest with a kernel of its own: shows what the processor's time stamp counter says
// around a second of sleep, by both instructions that read it. With any argument, executes an
// instruction that no program may.

int main(int argc, char**) {
  if (argc > 1) asm volatile("hlt");
  unsigned processor = 1;
  const unsigned long long before = __rdtsc();
  poll(nullptr, 0, 1000);
  const unsigned long long after = __rdtscp(&processor);
  std::printf("%llu %llu %u\n", before, after, processor);
  // Ends only when reading the counter takes time.
  while (__rdtsc() < after + 1'000'000) {
  }
}
