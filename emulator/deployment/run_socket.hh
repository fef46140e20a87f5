#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "emulator/os/file_descriptor.hh"

// How coordinators and commands talk: over a stream, the request up to the end of writing, then the
// answer up to the end. Nobody waits longer than a second for the other's next bytes.

namespace violin {

inline constexpr size_t kRunRequestMax = 16;
inline constexpr std::string_view kDescribeRequest = "describe";  // answered by LiveRun::text()
inline constexpr std::string_view kEndRequest = "end";  // kEndAnswer, and the end when it has ended
inline constexpr std::string_view kEndAnswer = "ending";

// Listens at an abstract name, without blocking. Owns nothing when that is taken; throws
// std::system_error for what else the system refuses.
FileDescriptor listen_at_run_socket(const std::string& name);
// A connection of our own user, or of root. Owns nothing when there is none, or it is another's.
FileDescriptor accept_own_user(int listening);
// Connects to an abstract name at which `user` listens, and nobody else. Owns nothing when there is
// nobody.
FileDescriptor connect_to_run_socket(const std::string& name, uid_t user);

// What comes until the end, `most` bytes of it; as much as came when the other is too slow.
std::string receive_all(int socket, size_t most);
// Gives up when nobody reads.
void send_all(int socket, std::string_view text);
// send_all(), and the end of our writing.
void send_request(int socket, std::string_view text);

}  // namespace violin
