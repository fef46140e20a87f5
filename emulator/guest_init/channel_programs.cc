#include "emulator/guest_init/channel_programs.hh"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <utility>

#include "core/check.hh"
#include "emulator/guest_init/guest_layout.hh"
#include "emulator/guest_init/word_lines.hh"

namespace violin {
namespace {

// While so much waits to be sent, no program is listened to.
constexpr size_t kOutMax = 16384;

int64_t steady_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

ChannelPrograms::ChannelPrograms(FileDescriptor line) : line_(std::move(line)) {
  fcntl(line_.get(), F_SETFL, O_NONBLOCK);
  // Of a program that reads no more.
  std::signal(SIGPIPE, SIG_IGN);
  append_frame(out_, ChannelKind::kReady, 0);
}

int ChannelPrograms::add_to(std::vector<pollfd>& waiting) {
  const short events = static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT);
  waiting.push_back({.fd = line_.get(), .events = events});
  waited_for_.clear();
  int64_t silence = INT64_MAX;
  for (const auto& [number, program] : programs_) {
    waited_for_.push_back(number);
    for (const pollfd& end : program->waiting(out_.size() < kOutMax)) waiting.push_back(end);
    silence = std::min(silence, program->silence_ns().value_or(INT64_MAX));
  }
  if (silence == INT64_MAX) return -1;
  // Rounded up: what is woken too early would only look again.
  return static_cast<int>(std::max<int64_t>(0, silence - steady_ns()) / 1'000'000) + 1;
}

void ChannelPrograms::look_at(std::span<const pollfd> news) {
  CHECK(news.size() == 1 + 3 * waited_for_.size());
  for (size_t i = 0; i < waited_for_.size(); ++i) {
    const auto program = programs_.find(waited_for_[i]);
    std::array<pollfd, 3> theirs;
    std::copy_n(news.begin() + 1 + static_cast<std::ptrdiff_t>(3 * i), 3, theirs.begin());
    if (program->second->look_at(theirs, steady_ns(), out_)) programs_.erase(program);
  }
  if (news[0].revents != 0) listen();
  send();
}

bool ChannelPrograms::has(pid_t process) const {
  return std::any_of(programs_.begin(), programs_.end(),
                     [process](const auto& entry) { return entry.second->pid() == process; });
}

void ChannelPrograms::bury(pid_t process, int status) {
  for (const auto& [number, program] : programs_) {
    if (program->pid() == process) program->bury(status);
  }
}

void ChannelPrograms::listen() {
  char buffer[kChannelPiece];
  const ssize_t count = read(line_.get(), buffer, sizeof buffer);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    append_frame(out_, ChannelKind::kHeard, 0, channel_number(static_cast<uint32_t>(count), 4));
    reader_.take({buffer, static_cast<size_t>(count)});
  }
  while (const auto frame = reader_.next()) take(*frame);
  if (count > 0 && !reader_.is_broken()) return;
  line_.close();
  programs_.clear();
}

void ChannelPrograms::take(const ChannelFrame& frame) {
  if (frame.kind == ChannelKind::kStart) return start(frame);
  const auto program = programs_.find(frame.program);
  // One that has ended is still written to by who has not heard of it.
  if (program == programs_.end()) return;
  if (frame.kind == ChannelKind::kDrop) {
    programs_.erase(program);
  } else {
    program->second->take(frame);
  }
}

void ChannelPrograms::start(const ChannelFrame& frame) {
  const auto order = ProgramOrder::parse(frame.payload);
  if (!order || programs_.contains(frame.program)) return;
  if (programs_.size() >= kChannelProgramsMax) {
    return refuse(frame.program, "refused", EAGAIN, "cannot run so many programs at a time");
  }
  auto program = std::make_unique<ChannelProgram>(frame.program);
  try {
    const ProgramStart start = program->start(*order);
    if (start.pid < 0) {
      return refuse(frame.program, start.missing ? "missing" : "refused", start.error,
                    "cannot " + start.why);
    }
  } catch (const std::system_error& error) {
    return refuse(frame.program, "refused", error.code().value(), action_of(error));
  }
  append_frame(out_, ChannelKind::kStarted, frame.program);
  programs_.emplace(frame.program, std::move(program));
}

void ChannelPrograms::refuse(uint32_t number, const std::string& kind, int error,
                             const std::string& why) {
  std::string payload;
  append_words(payload, {kind, std::to_string(error), why});
  append_frame(out_, ChannelKind::kRefused, number, payload);
}

void ChannelPrograms::send() {
  if (out_.empty() || !line_.is_open()) return;
  const ssize_t count = write(line_.get(), out_.data(), out_.size());
  if (count > 0) out_.erase(0, static_cast<size_t>(count));
}

FileDescriptor open_channel_line() {
  FileDescriptor line = open_file(kChannelDevice, O_RDWR | O_NOCTTY);
  termios settings = {};
  if (tcgetattr(line.get(), &settings) != 0) throw_system_error("cannot see to the channel");
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  if (tcsetattr(line.get(), TCSANOW, &settings) != 0) throw_system_error("cannot set the channel");
  return line;
}

}  // namespace violin
