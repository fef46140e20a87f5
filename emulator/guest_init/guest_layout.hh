#pragma once

namespace violin {

// What stands where, for the cell (which makes it), the kernel's command line (which names it) and
// init (which uses it).

// In the cell's file system, which the guest sees through hostfs.
inline constexpr const char* kCellFolder = "/violin";           // holds all of ours
inline constexpr const char* kCellBoot = "/violin/boot";        // the guest's root while it boots
inline constexpr const char* kCellResults = "/violin/results";  // what the guest may write
inline constexpr const char* kCellKernel = "/violin/kernel";    // what the kernel writes
inline constexpr const char* kCellSockets = "/violin/sockets";  // where its devices listen
inline constexpr const char* kCellMemory = "/violin/memory";    // what the guest's memory is

// The channel of a guest that stays: a descriptor of its kernel, which is a serial line in it.
inline constexpr int kKernelChannel = 3;
inline constexpr const char* kChannelDevice = "/dev/ttyS0";

// In the guest while it boots, below kCellBoot in the cell.
inline constexpr const char* kBootInit = "/init";
inline constexpr const char* kBootOrder = "/order";
inline constexpr const char* kBootFolders[] = {"/lower",   "/upper", "/root",
                                               "/results", "/proc",  "/dev"};

}  // namespace violin
