#pragma once

#include "emulator/os/file_descriptor.hh"

namespace violin {

// Makes the guest's file system and moves into it: the root of the machine that the guest runs on,
// read-only through hostfs, under one in memory that takes every change; /proc, /sys and /dev are
// the guest's kernel's. Called once, by process 1, in the folder it booted from. Throws
// std::system_error.
//
// Returns the folder of results, which has no path in the guest any more.
FileDescriptor enter_guest_root();

}  // namespace violin
