#pragma once

#include "emulator/guest_init/guest_order.hh"

namespace violin {

// Makes the guest what it was ordered to be: its name, its files, its interfaces with addresses and
// routes, its settings. Its addresses can be used when this returns. Throws std::system_error for
// what the guest's kernel refuses.
void set_up_guest(const GuestOrder& order);

}  // namespace violin
