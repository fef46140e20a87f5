#include "emulator/agent/execution.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "emulator/os/child_process.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/guest_process.hh"
#include "emulator/os/pseudo_terminal.hh"

namespace violin {
namespace {

namespace v1 = agent::v1;
using Stream = grpc::ServerReaderWriter<v1::ExecuteOutput, v1::ExecuteInput>;

// How often a cancelled call is noticed.
constexpr int kLookMs = 50;

// The program's streams and our ends of them.
struct Pipes {
  FileDescriptor input;   // ours to write to; closed = end of input
  FileDescriptor output;  // ours to read
  FileDescriptor error;
  std::array<FileDescriptor, 3> theirs;
  std::optional<PseudoTerminal> terminal;  // all three in one

  GuestStreams streams() const {
    return {theirs[0].get(), theirs[1].get(), theirs[2].get(), terminal ? terminal->theirs() : -1};
  }
  void close_theirs() {
    for (FileDescriptor& end : theirs) end.close();
    if (terminal) terminal->close_theirs();
  }
};

// A terminal of unknown size is the usual one.
void resize(PseudoTerminal& terminal, uint32_t rows, uint32_t columns) {
  terminal.resize(columns == 0 ? 80 : static_cast<int>(columns),
                  rows == 0 ? 24 : static_cast<int>(rows));
}

Pipes make_pipes(const v1::ExecuteInput::Begin& what) {
  Pipes pipes;
  if (what.terminal()) {
    pipes.terminal.emplace();
    resize(*pipes.terminal, what.rows(), what.columns());
    return pipes;
  }
  DescriptorPair input = make_pipe();
  DescriptorPair output = make_pipe();
  DescriptorPair error = make_pipe();
  pipes.input = std::move(input.second);
  pipes.output = std::move(output.first);
  pipes.error = std::move(error.first);
  pipes.theirs = {std::move(input.first), std::move(output.second), std::move(error.second)};
  return pipes;
}

class Execution {
 public:
  Execution(const GuestSpace& space, const v1::ExecuteInput::Begin& what,
            grpc::ServerContext& context, Stream& stream)
      : context_(context), stream_(stream), pipes_(make_pipes(what)) {
    GuestCommand command;
    command.argv.assign(what.command().begin(), what.command().end());
    command.as_root = what.as_root();
    command.streams = pipes_.streams();
    process_ = std::make_unique<GuestProcess>(space, command);
    pipes_.close_theirs();
    // The program takes its input or leaves it; we never wait for it to.
    ::fcntl(input(), F_SETFL, O_NONBLOCK);
  }

  grpc::Status run() {
    std::thread reader([this] { take_input(); });
    const int status = pass_output();
    v1::ExecuteOutput last;
    last.set_status(status);
    stream_.Write(last);
    // The client ends its half when it has the status, or is gone.
    reader.join();
    return grpc::Status::OK;
  }

 private:
  void take_input() {
    v1::ExecuteInput input;
    while (stream_.Read(&input)) {
      if (input.has_input()) write_input(input.input());
      if (input.has_end_of_input()) pipes_.input.close();
      if (input.has_signal()) ::kill(-process_->pid(), input.signal());
      if (input.has_window() && pipes_.terminal) {
        resize(*pipes_.terminal, input.window().rows(), input.window().columns());
      }
    }
  }

  int input() const { return pipes_.terminal ? pipes_.terminal->ours() : pipes_.input.get(); }

  void write_input(std::string_view text) {
    const int to = input();
    while (!text.empty() && !context_.IsCancelled()) {
      const ssize_t written = ::write(to, text.data(), text.size());
      if (written > 0) {
        text.remove_prefix(static_cast<size_t>(written));
        continue;
      }
      if (errno != EAGAIN) return;  // it reads no more
      pollfd room{to, POLLOUT, 0};
      ::poll(&room, 1, kLookMs);
    }
  }

  // Until the program has ended and nothing is left to read; returns its status.
  int pass_output() {
    std::array<pollfd, 3> waiting{{{pipes_.output.get(), POLLIN, 0},
                                   {pipes_.error.get(), POLLIN, 0},
                                   {pipes_.terminal ? pipes_.terminal->ours() : -1, POLLIN, 0}}};
    std::optional<int> status;
    for (;;) {
      const bool open = waiting[0].fd >= 0 || waiting[1].fd >= 0 || waiting[2].fd >= 0;
      if (!open && !status) status = process_->wait();
      if (!open) return *status;
      const int ready = ::poll(waiting.data(), waiting.size(), kLookMs);
      if (context_.IsCancelled()) process_->signal(SIGKILL);
      for (pollfd& end : waiting) {
        if (end.revents != 0 && !pass_some(end)) end.fd = -1;
      }
      if (!status) status = process_->finished();
      // Something it left behind may hold the pipe open for ever.
      if (status && ready == 0) return *status;
    }
  }

  bool pass_some(const pollfd& from) {
    std::array<char, 65'536> buffer;
    const ssize_t got = ::read(from.fd, buffer.data(), buffer.size());
    if (got <= 0) return got < 0 && errno == EINTR;
    v1::ExecuteOutput output;
    std::string& text =
        from.fd == pipes_.error.get() ? *output.mutable_error() : *output.mutable_output();
    text.assign(buffer.data(), static_cast<size_t>(got));
    return stream_.Write(output);
  }

  grpc::ServerContext& context_;
  Stream& stream_;
  Pipes pipes_;
  std::unique_ptr<GuestProcess> process_;
};

}  // namespace

grpc::Status execute(const GuestSpace& space, const v1::ExecuteInput::Begin& what,
                     grpc::ServerContext& context, Stream& stream) try {
  return Execution(space, what, context, stream).run();
} catch (const ProgramMissing& error) {
  return {grpc::StatusCode::NOT_FOUND, error.what()};
}

}  // namespace violin
