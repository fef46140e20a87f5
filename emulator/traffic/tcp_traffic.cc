#include "emulator/traffic/tcp_traffic.hh"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "emulator/os/udp_socket.hh"
#include "emulator/traffic/traffic_clock.hh"
#include "models/workload/tcp_flow_stream.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

constexpr size_t kPieceSize = 64 << 10;
constexpr size_t kFlowsReported = 100'000;
// How often a sender looks whether its last byte was acknowledged.
constexpr Duration kAcknowledgementLook = Duration::microseconds(200);

// The bytes of a flow from `offset` on.
void fill(const TcpFlowStream& stream, int64_t offset, std::span<std::byte> bytes) {
  const auto number = stream.number_bytes();
  while (!bytes.empty() && offset < TcpFlowStream::kNumberSize) {
    bytes.front() = number[static_cast<size_t>(offset++)];
    bytes = bytes.subspan(1);
  }
  if (!bytes.empty()) {
    stream.payload(offset, static_cast<uint32_t>(bytes.size())).copy_to(bytes);
  }
}

// A flow that is being read.
class IncomingFlow {
 public:
  IncomingFlow(FileDescriptor socket, std::string workload)
      : socket_(std::move(socket)), workload_(std::move(workload)) {}
  int descriptor() const { return socket_.get(); }
  int64_t bytes() const { return bytes_; }
  int64_t wrong_bytes() const { return wrong_bytes_; }
  Json record() const {
    if (bytes_ < TcpFlowStream::kNumberSize) return nullptr;
    return {{"number", stream_.number()}, {"bytes", bytes_}};
  }

  // Reads once; how many bytes, or -1 when the flow is over.
  ssize_t read_some() {
    const ssize_t got = recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got <= 0) return -1;
    verify(std::span(buffer_).first(static_cast<size_t>(got)));
    return got;
  }

 private:
  void verify(std::span<const std::byte> bytes) {
    while (!bytes.empty() && bytes_ < TcpFlowStream::kNumberSize) {
      number_[static_cast<size_t>(bytes_++)] = bytes.front();
      bytes = bytes.subspan(1);
      if (bytes_ < TcpFlowStream::kNumberSize) continue;
      stream_ = TcpFlowStream(workload_, TcpFlowStream::read_number(number_));
    }
    expected_.resize(bytes.size());
    fill(stream_, bytes_, expected_);
    for (size_t i = 0; i < bytes.size(); ++i) wrong_bytes_ += bytes[i] != expected_[i] ? 1 : 0;
    bytes_ += static_cast<int64_t>(bytes.size());
  }

  FileDescriptor socket_;
  std::string workload_;
  std::array<std::byte, TcpFlowStream::kNumberSize> number_{};
  TcpFlowStream stream_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kPieceSize);
  std::vector<std::byte> expected_;
  int64_t bytes_ = 0;
  int64_t wrong_bytes_ = 0;
};

class TcpReceiving {
 public:
  explicit TcpReceiving(const TrafficSpec& spec) : spec_(spec), clock_(spec) {}

  std::string run() {
    listen_at();
    while (!clock_.is_over()) look();
    while (!flows_.empty()) end_flow(flows_.size() - 1);
    return Json{{"bytes", bytes_},
                {"wrong_bytes", wrong_bytes_},
                {"window_bytes", window_bytes_},
                {"flows", records_}}
        .dump();
  }

 private:
  void listen_at() {
    listener_ = traffic_socket(spec_.address, SOCK_STREAM);
    const int yes = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const SocketAddress at(spec_.address, spec_.port);
    if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.length) != 0 ||
        listen(listener_.get(), SOMAXCONN) != 0) {
      throw_system_error("cannot listen at " + to_string(spec_.address));
    }
  }

  void look() {
    std::vector<pollfd> waiting;
    for (const auto& flow : flows_) waiting.push_back({flow.descriptor(), POLLIN, 0});
    const bool room = flows_.size() < kTrafficFlowsMax;
    waiting.push_back({room ? listener_.get() : -1, POLLIN, 0});
    constexpr int kLookMs = 20;
    if (poll(waiting.data(), waiting.size(), kLookMs) <= 0) return;
    // From the last one, because a flow that is over gives its place to the last.
    for (size_t i = flows_.size(); i-- > 0;) {
      if (waiting[i].revents != 0) read_flow(i);
    }
    if (waiting.back().revents == 0) return;
    FileDescriptor one(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (one.is_open()) flows_.emplace_back(std::move(one), spec_.name);
  }

  void read_flow(size_t i) {
    const ssize_t got = flows_[i].read_some();
    if (got < 0) return end_flow(i);
    bytes_ += got;
    if (spec_.window.contains(clock_.now())) window_bytes_ += got;
  }

  void end_flow(size_t i) {
    wrong_bytes_ += flows_[i].wrong_bytes();
    Json record = flows_[i].record();
    if (!record.is_null() && records_.size() < kFlowsReported) records_.push_back(record);
    std::swap(flows_[i], flows_.back());
    flows_.pop_back();
  }

  const TrafficSpec& spec_;
  TrafficClock clock_;
  FileDescriptor listener_;
  std::vector<IncomingFlow> flows_;
  Json records_ = Json::array();
  int64_t bytes_ = 0;
  int64_t wrong_bytes_ = 0;
  int64_t window_bytes_ = 0;
};

class TcpSending {
 public:
  explicit TcpSending(const TrafficSpec& spec)
      : spec_(spec), clock_(spec), stream_(spec.name, 0), buffer_(kPieceSize) {}

  std::string run() {
    socket_ = traffic_socket(spec_.address, SOCK_STREAM);
    if (!spec_.congestion.empty() &&
        setsockopt(socket_.get(), IPPROTO_TCP, TCP_CONGESTION, spec_.congestion.data(),
                   static_cast<socklen_t>(spec_.congestion.size())) != 0) {
      throw_system_error("cannot use the congestion control " + spec_.congestion);
    }
    Json result{{"start_ns", nullptr}, {"finish_ns", nullptr}};
    if (clock_.sleep_until(spec_.at)) {
      result["start_ns"] = clock_.now().ns();
      connect_to();
      while (has_more() && !clock_.is_over()) send_some();
      if (all_acknowledged()) result["finish_ns"] = clock_.now().ns();
    }
    tcp_info info{};
    socklen_t length = sizeof info;
    getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &length);
    result["written"] = written_;
    result["retransmits"] = info.tcpi_total_retrans;
    result["srtt_us"] = info.tcpi_rtt;
    return result.dump();
  }

 private:
  void connect_to() {
    const SocketAddress to(spec_.address, spec_.port);
    const auto* address = reinterpret_cast<const sockaddr*>(&to.storage);
    if (connect(socket_.get(), address, to.length) == 0) return;
    if (errno != EINPROGRESS) throw_system_error("cannot connect to " + to_string(spec_.address));
    pollfd waiting{socket_.get(), POLLOUT, 0};
    while (!clock_.is_over()) {
      clock_.wait_for(socket_.get(), POLLOUT, Time::never());
      if (poll(&waiting, 1, 0) <= 0) continue;
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) throw_system_error(error, "cannot connect to " + to_string(spec_.address));
      return;
    }
  }

  bool has_more() const {
    return spec_.size ? written_ < spec_.size->count() : clock_.now() < spec_.stop;
  }

  void send_some() {
    const int64_t left = spec_.size ? spec_.size->count() - written_ : INT64_MAX;
    const auto piece = std::span(buffer_).first(
        static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(kPieceSize))));
    fill(stream_, written_, piece);
    const ssize_t taken = send(socket_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (taken > 0) {
      written_ += taken;
      return;
    }
    if (errno != EAGAIN && errno != EINTR) throw_system_error("the flow was cut off");
    clock_.wait_for(socket_.get(), POLLOUT, spec_.size ? Time::never() : spec_.stop);
  }

  bool all_acknowledged() const {
    if (written_ == 0) return false;
    int left = 0;
    while (ioctl(socket_.get(), SIOCOUTQ, &left) == 0) {
      // A connection that was reset has nothing left, either.
      tcp_info info{};
      socklen_t length = sizeof info;
      getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &length);
      if (left == 0) return info.tcpi_bytes_acked >= static_cast<uint64_t>(written_);
      if (!clock_.sleep_until(clock_.now() + kAcknowledgementLook)) return false;
    }
    return false;
  }

  const TrafficSpec& spec_;
  TrafficClock clock_;
  TcpFlowStream stream_;
  std::vector<std::byte> buffer_;
  FileDescriptor socket_;
  int64_t written_ = 0;
};

}  // namespace

std::string receive_tcp(const TrafficSpec& spec) { return TcpReceiving(spec).run(); }
std::string send_tcp(const TrafficSpec& spec) { return TcpSending(spec).run(); }

}  // namespace violin
