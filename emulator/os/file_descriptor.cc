#include "emulator/os/file_descriptor.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace violin {

void throw_system_error(const std::string& action) { throw_system_error(errno, action); }

void throw_system_error(int error, const std::string& action) {
  throw std::system_error(error, std::generic_category(), action);
}

std::string action_of(const std::system_error& error) {
  std::string action = error.what();
  const std::string reason = ": " + error.code().message();
  if (action.ends_with(reason)) action.resize(action.size() - reason.size());
  return action;
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = other.release();
  return *this;
}

int FileDescriptor::release() { return std::exchange(descriptor_, -1); }

void FileDescriptor::close() {
  if (is_open()) ::close(release());
}

FileDescriptor checked_descriptor(int result, const std::string& action) {
  if (result < 0) throw_system_error(action);
  return FileDescriptor(result);
}

FileDescriptor open_file(const std::string& path, int flags) {
  return checked_descriptor(open(path.c_str(), flags | O_CLOEXEC), "cannot open " + path);
}

DescriptorPair make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_system_error("cannot make a pipe");
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

DescriptorPair make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_system_error("cannot make a pair of sockets");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void write_file(const std::string& path, std::string_view text) {
  const FileDescriptor file = open_file(path, O_WRONLY);
  const ssize_t written = write(file.get(), text.data(), text.size());
  const std::string action = "cannot write \"" + std::string(text) + "\" to " + path;
  if (written < 0) throw_system_error(action);
  if (static_cast<size_t>(written) != text.size()) throw_system_error(EIO, action);
}

std::string read_file(const std::string& path) {
  constexpr size_t kMost = 65536;
  const FileDescriptor file = open_file(path, O_RDONLY);
  std::string text(kMost, '\0');
  size_t filled = 0;
  while (filled < kMost) {
    const ssize_t count = read(file.get(), text.data() + filled, kMost - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("cannot read " + path);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  text.resize(filled);
  return text;
}

}  // namespace violin
