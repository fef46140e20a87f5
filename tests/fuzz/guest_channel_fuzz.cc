#include <cstdint>
#include <cstdlib>
#include <string>

#include "emulator/guest_init/program_order.hh"
#include "emulator/uml/channel_client.hh"

// What a hostile guest says over its channel: whatever it is, what is kept of it is bounded. The
// same bytes as the order of a program are none, or come back from what is written of them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  violin::ChannelClient client;
  for (const char* name : {"a", "b", "c"}) client.start({.argv = {name}});
  client.sent(client.to_send().size());
  client.drop(3);
  for (size_t at = 0; at < size; at += 100) {
    client.received(bytes.substr(at, 100));
    for (const uint32_t number : {1, 2}) {
      const violin::ChannelClient::Program& program = client.program(number);
      const size_t kept = program.output.size() + program.error.size();
      if (kept + program.taken > violin::kChannelWindow) std::abort();
      if (program.may_send > violin::kChannelWindow || program.why.size() > 200) std::abort();
      if (program.status < 0 || program.status > 255) std::abort();
      client.take(number, violin::ChannelKind::kOutput, program.output.size() / 2);
    }
    if (client.waiting() > 2 * violin::kChannelLine) std::abort();
  }
  if (const auto order = violin::ProgramOrder::parse(bytes)) {
    const auto again = violin::ProgramOrder::parse(order->text());
    if (!again || again->text() != order->text()) std::abort();
  }
  return 0;
}
