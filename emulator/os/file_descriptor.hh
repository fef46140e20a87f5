#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace violin {

// Throws std::system_error whose text begins with what was tried: "cannot open /dev/net/tun".
// The first takes the reason from errno.
[[noreturn]] void throw_system_error(const std::string& action);
[[noreturn]] void throw_system_error(int error, const std::string& action);

// What was tried: the text of such an exception without the reason behind it, which whoever throws
// it on will have added again.
std::string action_of(const std::system_error& error);

// The one owner of an open descriptor: closed when it is destroyed. A default-made or moved-from
// one owns nothing.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int get() const { return descriptor_; }  // -1 = owns nothing
  bool is_open() const { return descriptor_ >= 0; }
  // Gives the descriptor away: whoever called closes it.
  int release();
  void close();

 private:
  int descriptor_ = -1;
};

// Owns what a system call returned; throws with the action when that was no descriptor.
FileDescriptor checked_descriptor(int result, const std::string& action);

// open(2) with O_CLOEXEC. Throws std::system_error naming the path.
FileDescriptor open_file(const std::string& path, int flags);

// Both ends of a new pipe, or of a pair of connected Unix sockets that keep message borders.
struct DescriptorPair {
  FileDescriptor first;   // of a pipe: where it is read
  FileDescriptor second;  // of a pipe: where it is written
};
DescriptorPair make_pipe();
DescriptorPair make_socket_pair();

// Writes all of `text` to an existing file with one write, as files of /proc want it. Throws
// std::system_error naming the path.
void write_file(const std::string& path, std::string_view text);

// At most the first 64 KiB of a file. Throws std::system_error naming the path.
std::string read_file(const std::string& path);

}  // namespace violin
