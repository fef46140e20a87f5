#include "emulator/guest_init/channel_program.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace violin {
namespace {

// Something that a program leaves behind may hold its output open for ever.
constexpr int64_t kSilenceNs = 50'000'000;

GuestExec execution(const ProgramOrder& order, int input, int output, int error) {
  return {.mounts = -1,
          .network = -1,
          .uts = -1,
          .input = input,
          .output = output,
          .error = error,
          .terminal = order.terminal.has_value(),
          .user = order.as_root ? GuestUser::kRoot : GuestUser::kNobody};
}

void never_wait_at(int descriptor) { fcntl(descriptor, F_SETFL, O_NONBLOCK); }

}  // namespace

ChannelProgram::~ChannelProgram() { signal(SIGKILL); }

ProgramStart ChannelProgram::start(const ProgramOrder& order) {
  ProgramStart start = order.terminal ? start_at_terminal(order) : start_with_pipes(order);
  pid_ = start.pid;
  return start;
}

ProgramStart ChannelProgram::start_with_pipes(const ProgramOrder& order) {
  DescriptorPair input = make_pipe(), output = make_pipe(), error = make_pipe();
  input_ = std::move(input.second);
  output_ = std::move(output.first);
  error_ = std::move(error.first);
  for (const FileDescriptor* end : {&input_, &output_, &error_}) never_wait_at(end->get());
  return start_program(execution(order, input.first.get(), output.second.get(), error.second.get()),
                       order.argv, order.environment);
}

ProgramStart ChannelProgram::start_at_terminal(const ProgramOrder& order) {
  terminal_.emplace();
  error_ended_ = true;
  resize(*order.terminal);
  never_wait_at(terminal_->ours());
  const int theirs = terminal_->theirs();
  ProgramStart start =
      start_program(execution(order, theirs, theirs, theirs), order.argv, order.environment);
  terminal_->close_theirs();
  return start;
}

void ChannelProgram::resize(TerminalSize size) {
  const TerminalSize usual;
  terminal_->resize(size.columns == 0 ? usual.columns : size.columns,
                    size.rows == 0 ? usual.rows : size.rows);
}

void ChannelProgram::bury(int status) {
  pid_ = -1;
  status_ = status;
}

void ChannelProgram::signal(int number) const {
  if (pid_ > 0) kill(-pid_, number);
}

void ChannelProgram::take(const ChannelFrame& frame) {
  if (frame.kind == ChannelKind::kInput) {
    to_input_ += frame.payload;
  } else if (frame.kind == ChannelKind::kEndOfInput) {
    end_of_input_ = true;
    if (to_input_.empty()) input_.close();
    if (terminal_) signal(SIGHUP);
  } else if (frame.kind == ChannelKind::kSignal) {
    if (const auto number = channel_number(frame.payload, 1)) signal(static_cast<int>(*number));
  } else if (frame.kind == ChannelKind::kWindow && terminal_) {
    if (const auto size = channel_number(frame.payload, 4)) {
      resize({static_cast<int>(*size >> 16), static_cast<int>(*size & 0xffff)});
    }
  } else if (frame.kind == ChannelKind::kTaken) {
    may_send_ += channel_number(frame.payload, 4).value_or(0);
  }
}

std::array<pollfd, 3> ChannelProgram::waiting(bool may_send) const {
  const bool listening = may_send && may_send_ > 0;
  return {{{.fd = to_input_.empty() ? -1 : input(), .events = POLLOUT},
           {.fd = listening && !output_ended_ ? output() : -1, .events = POLLIN},
           {.fd = listening && !error_ended_ ? error_.get() : -1, .events = POLLIN}}};
}

bool ChannelProgram::look_at(const std::array<pollfd, 3>& news, int64_t now_ns, std::string& out) {
  if (last_heard_ns_ == 0) last_heard_ns_ = now_ns;
  give_input(out);
  bool heard = false;
  if (news[1].revents != 0) heard |= pass_some(output(), ChannelKind::kOutput, out);
  if (news[2].revents != 0) heard |= pass_some(error_.get(), ChannelKind::kError, out);
  // It falls silent only from when it may be heard on.
  if (heard || !status_ || may_send_ == 0) last_heard_ns_ = now_ns;
  const bool ended = output_ended_ && error_ended_;
  if (!status_ || (!ended && now_ns < last_heard_ns_ + kSilenceNs)) return false;
  append_frame(out, ChannelKind::kExit, number_,
               channel_number(static_cast<uint32_t>(*status_), 1));
  return true;
}

std::optional<int64_t> ChannelProgram::silence_ns() const {
  if (!status_ || may_send_ == 0) return std::nullopt;
  return last_heard_ns_ + kSilenceNs;
}

// What a program does not read any more counts as taken: nobody waits for it.
void ChannelProgram::give_input(std::string& out) {
  if (!to_input_.empty()) {
    const ssize_t count = write(input(), to_input_.data(), to_input_.size());
    const bool refused = count < 0 && errno != EAGAIN && errno != EINTR;
    const size_t gone = refused ? to_input_.size() : count < 0 ? 0 : static_cast<size_t>(count);
    to_input_.erase(0, gone);
    taken_ += static_cast<uint32_t>(gone);
    if (to_input_.empty() && end_of_input_) input_.close();
  }
  if (taken_ > 0 && (to_input_.empty() || taken_ >= kChannelWindow / 4)) {
    append_frame(out, ChannelKind::kTaken, number_, channel_number(taken_, 4));
    taken_ = 0;
  }
}

// False when nothing came.
bool ChannelProgram::pass_some(int from, ChannelKind kind, std::string& out) {
  char buffer[kChannelPiece];
  const size_t most = std::min(may_send_, sizeof buffer);
  if (most == 0) return false;
  const ssize_t count = read(from, buffer, most);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (count <= 0) {
    close_output(kind);
    return false;
  }
  append_frame(out, kind, number_, {buffer, static_cast<size_t>(count)});
  may_send_ -= static_cast<size_t>(count);
  return true;
}

void ChannelProgram::close_output(ChannelKind kind) {
  (kind == ChannelKind::kError ? error_ended_ : output_ended_) = true;
  (kind == ChannelKind::kError ? error_ : output_).close();
}

}  // namespace violin
