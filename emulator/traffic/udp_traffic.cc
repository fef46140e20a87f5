#include "emulator/traffic/udp_traffic.hh"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "core/payload.hh"
#include "core/random.hh"
#include "emulator/os/udp_socket.hh"
#include "emulator/results/statistics.hh"
#include "emulator/traffic/traffic_clock.hh"
#include "models/workload/udp_arrivals.hh"

namespace violin {
namespace {

using Json = nlohmann::json;

constexpr size_t kDatagramMax = 65'536;
constexpr int kBufferSize = 4 << 20;  // or what the kernel allows

// The data behind a datagram's numbers, as UdpSource makes it.
void fill(const std::string& workload, uint64_t sequence, std::span<std::byte> data) {
  const auto size = static_cast<uint32_t>(data.size());
  Payload::of_stream(stable_hash(workload, 0), sequence * size, size).copy_to(data);
}

class UdpReceiving {
 public:
  explicit UdpReceiving(const TrafficSpec& spec)
      : spec_(spec),
        clock_(spec),
        arrivals_(spec.window, substream(0, spec.name, "udp delays")),
        datagram_(kDatagramMax),
        expected_(kDatagramMax) {}

  std::string run() {
    FileDescriptor socket = traffic_socket(spec_.address, SOCK_DGRAM);
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kBufferSize, sizeof kBufferSize);
    const SocketAddress at(spec_.address, spec_.port);
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.length) != 0) {
      throw_system_error("cannot receive at " + to_string(spec_.address));
    }
    while (!clock_.is_over()) {
      const ssize_t got = recv(socket.get(), datagram_.data(), datagram_.size(), 0);
      if (got < 0) {
        clock_.wait_for(socket.get(), POLLIN, Time::never());
      } else {
        count(std::span(datagram_).first(static_cast<size_t>(got)));
      }
    }
    return report();
  }

 private:
  void count(std::span<const std::byte> datagram) {
    if (datagram.size() < UdpDatagramHeader::kSize) return;
    const auto header = UdpDatagramHeader::read(datagram.data());
    const auto data = datagram.subspan(UdpDatagramHeader::kSize);
    const auto expected = std::span(expected_).first(data.size());
    fill(spec_.name, header.sequence, expected);
    if (!std::equal(data.begin(), data.end(), expected.begin())) return;
    arrivals_.add(header, static_cast<uint32_t>(datagram.size()), clock_.now());
  }

  std::string report() const {
    const DurationSummary delay = summarise(arrivals_.delays());
    return Json{{"received", arrivals_.received()},
                {"duplicates", arrivals_.duplicates()},
                {"reordered", arrivals_.reordered()},
                {"window_bytes", arrivals_.window_bytes()},
                {"jitter_ns", arrivals_.jitter().ns()},
                {"delay",
                 {{"samples", delay.samples},
                  {"min_ns", delay.min.ns()},
                  {"p50_ns", delay.p50.ns()},
                  {"p95_ns", delay.p95.ns()},
                  {"p99_ns", delay.p99.ns()},
                  {"max_ns", delay.max.ns()},
                  {"mean_ns", static_cast<int64_t>(delay.mean_ns)},
                  {"stddev_ns", static_cast<int64_t>(delay.stddev_ns)}}}}
        .dump();
  }

  const TrafficSpec& spec_;
  TrafficClock clock_;
  UdpArrivals arrivals_;
  std::vector<std::byte> datagram_, expected_;
};

// When datagram `number` is due: N of them take ceil(N x bits / rate).
Time due(const TrafficSpec& spec, uint64_t number) {
  using Wide = __int128;
  const Wide bit_nanoseconds = Wide{number} * spec.datagram.bits() * 1'000'000'000;
  const int64_t rate = spec.rate.bps();
  return spec.at + Duration::nanoseconds(static_cast<int64_t>((bit_nanoseconds + rate - 1) / rate));
}

}  // namespace

std::string receive_udp(const TrafficSpec& spec) { return UdpReceiving(spec).run(); }

std::string send_udp(const TrafficSpec& spec) {
  const TrafficClock clock(spec);
  const FileDescriptor socket = traffic_socket(spec.address, SOCK_DGRAM);
  const SocketAddress to(spec.address, spec.port);
  std::vector<std::byte> datagram(static_cast<size_t>(spec.datagram.count()));
  uint64_t sent = 0;
  while (due(spec, sent) < spec.stop && clock.sleep_until(due(spec, sent))) {
    UdpDatagramHeader{sent, clock.now()}.write(datagram.data());
    fill(spec.name, sent, std::span(datagram).subspan(UdpDatagramHeader::kSize));
    // What the kernel does not take is lost, as on the way.
    sendto(socket.get(), datagram.data(), datagram.size(), 0,
           reinterpret_cast<const sockaddr*>(&to.storage), to.length);
    ++sent;
  }
  return Json::object({{"sent", sent}}).dump();
}

}  // namespace violin
