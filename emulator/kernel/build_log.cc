#include "emulator/kernel/build_log.hh"

#include <poll.h>
#include <unistd.h>

#include <array>

namespace violin {

BuildLog::BuildLog(const std::filesystem::path& file) : pipe_(make_pipe()), file_(file) {
  if (!file_) throw_system_error("cannot write " + file.string());
}

std::filesystem::path BuildLog::input() const {
  // A child opens this before it closes what it does not inherit.
  return "/proc/self/fd/" + std::to_string(pipe_.second.get());
}

bool BuildLog::take(int milliseconds) {
  pollfd printed = {.fd = pipe_.first.get(), .events = POLLIN};
  if (poll(&printed, 1, milliseconds) <= 0) return false;
  std::array<char, 65536> buffer;
  const ssize_t size = read(pipe_.first.get(), buffer.data(), buffer.size());
  if (size <= 0) return false;
  const std::string_view text(buffer.data(), static_cast<size_t>(size));
  file_ << text << std::flush;
  count(text);
  return true;
}

void BuildLog::count(std::string_view text) {
  for (const char letter : text) {
    if (letter != '\n') {
      line_ += letter;
      continue;
    }
    compiled_ += line_.starts_with("  CC ") || line_.starts_with("  AS ") ? 1 : 0;
    line_.clear();
  }
}

}  // namespace violin
