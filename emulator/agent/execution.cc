#include "emulator/agent/execution.hh"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "emulator/os/child_process.hh"

namespace violin {
namespace {

namespace v1 = agent::v1;
using Stream = grpc::ServerReaderWriter<v1::ExecuteOutput, v1::ExecuteInput>;

// How often a cancelled call is noticed.
constexpr int kLookMs = 50;

// A terminal of unknown size is the usual one.
TerminalSize size_of(uint32_t rows, uint32_t columns) {
  if (rows == 0 || columns == 0) return {};
  return {static_cast<int>(columns), static_cast<int>(rows)};
}

ProgramOrder order_of(const v1::ExecuteInput::Begin& what) {
  ProgramOrder order;
  order.argv.assign(what.command().begin(), what.command().end());
  order.as_root = what.as_root();
  if (what.terminal()) order.terminal = size_of(what.rows(), what.columns());
  return order;
}

class Execution {
 public:
  Execution(const NodePlace& place, const v1::ExecuteInput::Begin& what,
            grpc::ServerContext& context, Stream& stream)
      : context_(context), stream_(stream), program_(start_in(place, order_of(what))) {}

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
      if (input.has_end_of_input()) program_->end_input();
      if (input.has_signal()) program_->signal(input.signal());
      if (input.has_window()) {
        program_->resize(size_of(input.window().rows(), input.window().columns()));
      }
    }
  }

  void write_input(std::string_view text) {
    const int to = program_->input();
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
    std::array<pollfd, 2> waiting{
        {{program_->output(), POLLIN, 0}, {program_->error(), POLLIN, 0}}};
    std::optional<int> status;
    for (;;) {
      const bool open = waiting[0].fd >= 0 || waiting[1].fd >= 0;
      if (!open && !status) status = program_->wait();
      if (!open) return *status;
      const int ready = ::poll(waiting.data(), waiting.size(), kLookMs);
      if (context_.IsCancelled()) program_->signal(SIGKILL);
      for (pollfd& end : waiting) {
        if (end.revents != 0 && !pass_some(end)) end.fd = -1;
      }
      if (!status) status = program_->finished();
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
        from.fd == program_->error() ? *output.mutable_error() : *output.mutable_output();
    text.assign(buffer.data(), static_cast<size_t>(got));
    return stream_.Write(output);
  }

  grpc::ServerContext& context_;
  Stream& stream_;
  std::unique_ptr<NodeProgram> program_;
};

}  // namespace

grpc::Status execute(const NodePlace& place, const v1::ExecuteInput::Begin& what,
                     grpc::ServerContext& context, Stream& stream) try {
  return Execution(place, what, context, stream).run();
} catch (const ProgramMissing& error) {
  return {grpc::StatusCode::NOT_FOUND, error.what()};
}

grpc::Status show_console(const NodePlace& place, const v1::ExecuteInput::Begin& what,
                          grpc::ServerContext& context, Stream& stream) {
  if (place.machine == nullptr) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            what.node() + " has no kernel of its own, and so no console"};
  }
  std::atomic<int> interrupted_by = 0;
  std::thread reader([&] {
    v1::ExecuteInput input;
    while (stream.Read(&input)) {
      if (input.has_signal()) interrupted_by = input.signal();
    }
  });
  const bool follows = what.console() == v1::ExecuteInput::CONSOLE_FOLLOWED;
  size_t shown = 0;
  v1::ExecuteOutput output;
  for (bool is_last = false; !is_last;) {
    is_last = !follows || place.machine->has_ended() || interrupted_by != 0;
    const std::string text = place.machine->guest().console();
    if (text.size() > shown) output.set_output(text.substr(shown));
    if (text.size() > shown && !stream.Write(output)) break;
    shown = text.size();
    if (context.IsCancelled()) break;
    if (!is_last) std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
  }
  output.set_status(interrupted_by == 0 ? 0 : 128 + interrupted_by);
  stream.Write(output);
  reader.join();
  return grpc::Status::OK;
}

}  // namespace violin
