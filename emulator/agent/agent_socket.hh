#pragma once

#include <filesystem>

#include "emulator/os/file_descriptor.hh"

// The Unix socket at which an agent serves its control API.

namespace violin {

// Listens at a path, without blocking; only our user can open it. A socket that was left there by
// an agent that is gone is replaced. Throws std::system_error, also when somebody listens there.
FileDescriptor listen_at_agent_socket(const std::filesystem::path& path);

// The next connection of our own user, or of root. Owns nothing when there is none, or it is
// another's: the socket's permissions keep others out already, but its path may lie in a folder
// that they can write to.
FileDescriptor accept_agent_client(const FileDescriptor& listening);

}  // namespace violin
