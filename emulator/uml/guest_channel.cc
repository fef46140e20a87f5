#include "emulator/uml/guest_channel.hh"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "emulator/os/child_process.hh"

namespace violin {
namespace {

// While so much waits to be sent, no more input is taken.
constexpr size_t kOutMax = 8192;

FileDescriptor make_event() {
  return checked_descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "cannot make an event");
}

// Sockets and not pipes, because writing to one that nobody reads need not be a signal.
DescriptorPair make_stream() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_system_error("cannot make a stream");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace

GuestChannel::GuestChannel(FileDescriptor line)
    : line_(std::move(line)), wake_(make_event()), thread_([this] { run(); }) {}

GuestChannel::~GuestChannel() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void GuestChannel::wake() const { eventfd_write(wake_.get(), 1); }

GuestChannel::Started GuestChannel::start(const ProgramOrder& order,
                                          std::chrono::milliseconds patience) {
  const std::string action = "cannot start " + order.argv.at(0) + " in a guest";
  if (order.text().size() > kChannelPayloadMax) throw_system_error(E2BIG, action);
  DescriptorPair input = make_stream(), output = make_stream(), error = make_stream();
  if (order.terminal) error = {};
  Started started = {
      .streams = {std::move(input.first), std::move(output.first), std::move(error.first)},
      .exit = make_event()};
  FileDescriptor exit = checked_descriptor(fcntl(started.exit.get(), F_DUPFD_CLOEXEC, 3), action);
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, patience, [this] { return client_.is_ready() || is_over(); });
  if (is_over()) throw_system_error(ECONNRESET, action);
  if (!client_.is_ready()) throw_system_error(ETIMEDOUT, action);
  const uint32_t number = started.number = client_.start(order);
  programs_[number] = {std::move(input.second), std::move(output.second), std::move(error.second),
                       std::move(exit)};
  wake();
  using State = ChannelClient::State;
  const auto& program = client_.program(number);
  news_.wait_for(lock, patience, [&] { return program.state != State::kAsked || is_over(); });
  if (program.state == State::kRunning || program.state == State::kEnded) return started;
  const ChannelClient::Program told = program;
  const bool over = is_over();
  programs_.erase(number);
  client_.drop(number);
  wake();
  if (told.missing) {
    throw ProgramMissing("the program " + order.argv[0] + " is not installed");
  }
  if (over) throw_system_error(ECONNRESET, action);
  if (told.state == State::kAsked) throw_system_error(ETIMEDOUT, action);
  throw_system_error(told.reason, action + ": " + told.why);
}

std::optional<int> GuestChannel::status(uint32_t number) {
  const std::lock_guard lock(mutex_);
  const ChannelClient::Program& program = client_.program(number);
  if (program.state == ChannelClient::State::kEnded) return program.status;
  if (is_over()) return 128 + SIGKILL;
  return std::nullopt;
}

void GuestChannel::signal(uint32_t number, int signal) {
  const std::lock_guard lock(mutex_);
  client_.signal(number, signal);
  wake();
}

void GuestChannel::resize(uint32_t number, TerminalSize size) {
  const std::lock_guard lock(mutex_);
  client_.resize(number, size);
  wake();
}

void GuestChannel::drop(uint32_t number) {
  const std::lock_guard lock(mutex_);
  programs_.erase(number);
  client_.drop(number);
  wake();
}

void GuestChannel::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::vector<pollfd> news = waiting();
    lock.unlock();
    poll(news.data(), news.size(), -1);
    lock.lock();
    look_at(news);
    if (is_over()) line_.close();
    tell_ends();
    news_.notify_all();
  }
}

// The line, what wakes us, and three of each program.
std::vector<pollfd> GuestChannel::waiting() {
  const short line = static_cast<short>(client_.to_send().empty() ? POLLIN : POLLIN | POLLOUT);
  std::vector<pollfd> all = {{.fd = line_.get(), .events = line},
                             {.fd = wake_.get(), .events = POLLIN}};
  waited_for_.clear();
  const bool room = client_.waiting() < kOutMax;
  for (const auto& [number, ends] : programs_) {
    waited_for_.push_back(number);
    const ChannelClient::Program& program = client_.program(number);
    const bool running = program.state == ChannelClient::State::kRunning && !is_over();
    const bool takes = room && running && program.may_send > 0;
    all.push_back({.fd = takes ? ends.input.get() : -1, .events = POLLIN});
    all.push_back({.fd = program.output.empty() ? -1 : ends.output.get(), .events = POLLOUT});
    all.push_back({.fd = program.error.empty() ? -1 : ends.error.get(), .events = POLLOUT});
  }
  return all;
}

void GuestChannel::look_at(const std::vector<pollfd>& news) {
  eventfd_t woken = 0;
  if (news[1].revents != 0) eventfd_read(wake_.get(), &woken);
  if ((news[0].revents & ~POLLOUT) != 0) listen();
  for (size_t i = 0; i < waited_for_.size(); ++i) {
    const uint32_t number = waited_for_[i];
    const auto ends = programs_.find(number);
    if (ends == programs_.end()) continue;  // dropped while we slept
    if (news[2 + 3 * i].revents != 0) pass_input(number, ends->second);
    pass_output(number, ends->second.output, ChannelKind::kOutput);
    pass_output(number, ends->second.error, ChannelKind::kError);
  }
  send();
}

void GuestChannel::listen() {
  std::array<char, 65536> buffer;
  const ssize_t count = recv(line_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return line_.close();
  client_.received({buffer.data(), static_cast<size_t>(count)});
}

void GuestChannel::send() {
  const std::string_view bytes = client_.to_send();
  if (bytes.empty() || is_over()) return;
  const ssize_t count =
      ::send(line_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count > 0) client_.sent(static_cast<size_t>(count));
}

void GuestChannel::pass_input(uint32_t number, Ends& ends) {
  std::array<char, kChannelPiece> buffer;
  const size_t most = std::min(client_.program(number).may_send, buffer.size());
  const ssize_t count = recv(ends.input.get(), buffer.data(), most, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) return client_.input(number, {buffer.data(), static_cast<size_t>(count)});
  client_.end_input(number);
  ends.input.close();
}

// What nobody reads any more counts as taken.
void GuestChannel::pass_output(uint32_t number, FileDescriptor& to, ChannelKind kind) {
  const ChannelClient::Program& program = client_.program(number);
  const std::string& text = kind == ChannelKind::kError ? program.error : program.output;
  if (text.empty()) return;
  const ssize_t count = ::send(to.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) to.close();
  client_.take(number, kind, count < 0 ? text.size() : static_cast<size_t>(count));
}

// Of programs that have ended: says so, and that no more output comes once the last has been read.
void GuestChannel::tell_ends() {
  for (auto& [number, ends] : programs_) {
    const ChannelClient::Program& program = client_.program(number);
    if (program.state != ChannelClient::State::kEnded && !is_over()) continue;
    eventfd_write(ends.exit.get(), 1);
    ends.input.close();
    if (program.output.empty()) ends.output.close();
    if (program.error.empty()) ends.error.close();
  }
}

}  // namespace violin
