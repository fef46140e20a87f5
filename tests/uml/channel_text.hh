#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "emulator/os/file_descriptor.hh"

namespace violin::testing {

// False when nobody takes it any more.
inline bool write_all(const FileDescriptor& to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = send(to.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// So many bytes; fewer when it ends before.
inline std::string read_some(const FileDescriptor& from, size_t size) {
  std::string text(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = read(from.get(), text.data() + filled, size - filled);
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
  text.resize(filled);
  return text;
}

inline std::string read_line(const FileDescriptor& from) {
  std::string line, next;
  do {
    next = read_some(from, 1);
    line += next;
  } while (!next.empty() && next != "\n");
  return line;
}

inline std::string read_all(const FileDescriptor& from) {
  std::string text, next;
  do {
    next = read_some(from, 65536);
    text += next;
  } while (!next.empty());
  return text;
}

}  // namespace violin::testing
