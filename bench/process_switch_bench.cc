#include <benchmark/benchmark.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// What it costs that another process goes on, on one processor: a byte goes to a child and comes
// back over a socket pair, which is two switches and four system calls. What a kernel in a process
// and its clock do for each message.

namespace {

void stay_here() {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &here);
  sched_setaffinity(0, sizeof here, &here);
}

void two_switches(benchmark::State& state) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return state.SkipWithError("no sockets");
  stay_here();
  const pid_t child = fork();
  if (child < 0) return state.SkipWithError("no process");
  if (child == 0) {
    close(ends[0]);
    char byte;
    while (read(ends[1], &byte, 1) == 1 && write(ends[1], &byte, 1) == 1) {
    }
    _exit(0);
  }
  close(ends[1]);
  char byte = 0;
  for (auto _ : state) {
    if (write(ends[0], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) {
      state.SkipWithError("the child has gone");
      break;
    }
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
}
BENCHMARK(two_switches);

}  // namespace
