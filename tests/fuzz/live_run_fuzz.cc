#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "emulator/deployment/live_run.hh"
#include "emulator/deployment/run_registry.hh"
#include "emulator/results/run_record.hh"

// What another process says of its run, the kernel's table of sockets and the record in a folder:
// any bytes are none of them, or come back from what is written of them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto run = violin::LiveRun::parse(bytes)) {
    const auto again = violin::LiveRun::parse(run->text());
    if (!again || again->id != run->id || again->nodes.size() != run->nodes.size()) std::abort();
  }
  if (const auto record = violin::RunRecord::parse(bytes)) {
    const auto again = violin::RunRecord::parse(record->text());
    if (!again || again->pid != record->pid || again->started != record->started) std::abort();
  }
  std::istringstream table(bytes);
  for (const violin::RunSocket& socket : violin::read_run_sockets(table)) {
    const auto again =
        violin::parse_run_socket_name(violin::run_socket_name(socket.user, socket.id));
    if (!again || again->user != socket.user || again->id != socket.id) std::abort();
  }
  return 0;
}
