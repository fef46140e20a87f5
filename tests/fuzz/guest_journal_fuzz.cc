#include <cstdint>
#include <cstdlib>
#include <string>

#include "emulator/guest_init/guest_journal.hh"
#include "emulator/guest_init/guest_order.hh"

// What a hostile guest leaves as its journal, and the bytes of an order: any bytes are none, or
// come back from what is written of them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const violin::GuestJournal journal = violin::GuestJournal::parse(bytes, 3);
  if (journal.jobs.size() != 3) std::abort();
  for (const violin::GuestJournal::Job& job : journal.jobs) {
    if (job.status < 0 || job.status > 255) std::abort();
  }
  if (const auto order = violin::GuestOrder::parse(bytes)) {
    const auto again = violin::GuestOrder::parse(order->text());
    if (!again || again->text() != order->text()) std::abort();
  }
  return 0;
}
