#pragma once

#include <cstdint>

namespace violin {

// How many users and groups there are in our user namespace, counted from 0 without a gap
// (user_namespaces(7)): 2^32 - 1 on a machine, 1 where an ordinary user made a namespace of its
// own, in which there is nobody but root. Throw std::system_error.
uint64_t mapped_users();
uint64_t mapped_groups();

}  // namespace violin
