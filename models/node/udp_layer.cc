#include "models/node/udp_layer.hh"

#include <algorithm>

#include "core/check.hh"
#include "core/checksum.hh"
#include "core/transport_header.hh"

namespace violin {
namespace {

uint64_t sum_with_pseudo_header(const Frame& frame, IpAddress source, IpAddress destination) {
  return frame.sums().word_sum() +
         pseudo_header_sum(source, destination, ip_protocol::kUdp, frame.size());
}

}  // namespace

std::vector<UdpLayer::Binding>::iterator UdpLayer::find(uint16_t port) {
  return std::lower_bound(bindings_.begin(), bindings_.end(), port,
                          [](const Binding& binding, uint16_t p) { return binding.port < p; });
}

UdpReceiver* UdpLayer::receiver_at(uint16_t port) {
  const auto at = find(port);
  return at != bindings_.end() && at->port == port ? at->receiver : nullptr;
}

bool UdpLayer::bind(uint16_t port, UdpReceiver& receiver) {
  const auto at = find(port);
  if (at != bindings_.end() && at->port == port) return false;
  bindings_.insert(at, {port, &receiver});
  return true;
}

void UdpLayer::unbind(uint16_t port) {
  const auto at = find(port);
  if (at != bindings_.end() && at->port == port) bindings_.erase(at);
}

uint16_t UdpLayer::ephemeral_port() {
  for (int tries = kEphemeralFirst; tries <= 0xffff; ++tries) {
    const uint16_t port = next_ephemeral_;
    next_ephemeral_ = port == 0xffff ? kEphemeralFirst : static_cast<uint16_t>(port + 1);
    if (receiver_at(port) == nullptr) return port;
  }
  return 0;
}

void UdpLayer::send(Frame data, const UdpAddresses& addresses, const IpSendOptions& options,
                    Time now) {
  CHECK(!addresses.source.is_unspecified());  // the checksum covers it
  UdpHeader header;
  header.source_port = addresses.source_port;
  header.destination_port = addresses.destination_port;
  const uint32_t length = data.size() + UdpHeader::kSize;
  CHECK_COMPARE(length, <=, 0xffff);
  header.length = static_cast<uint16_t>(length);
  header.write(data.push_front(UdpHeader::kSize));
  header.checksum =
      checksum_of(sum_with_pseudo_header(data, addresses.source, addresses.destination));
  if (header.checksum == 0) header.checksum = 0xffff;  // zero on the wire means "none"
  header.write(data.headers().data());
  data.set_checksum_good(true);
  output_.send_ip(std::move(data), {addresses.source, addresses.destination, ip_protocol::kUdp},
                  options, now);
}

Frame UdpLayer::receive(Frame frame, const IpReceived& ip, Time now) {
  const bool whole = frame.make_contiguous(UdpHeader::kSize);
  const auto header = whole ? UdpHeader::read(frame.headers()) : std::nullopt;
  const bool super_frame = frame && frame.gso_size() != 0;  // its length field says another thing
  if (!header || header->length < UdpHeader::kSize ||
      (!super_frame && header->length > frame.size())) {
    drop(std::move(frame), DropReason::kMalformed);
    return {};
  }
  // RFC 768: zero means that the sender made none; RFC 8200 section 8.1 forbids that in IPv6.
  const bool has_checksum = header->checksum != 0 || ip.source.is_v6();
  if (!frame.checksum_good() && has_checksum) {
    Frame& covered = frame;
    if (!super_frame) covered.truncate(header->length);
    if (fold_checksum(sum_with_pseudo_header(covered, ip.source, ip.destination)) != 0xffff) {
      drop(std::move(frame), DropReason::kBadChecksum);
      return {};
    }
  }
  UdpReceiver* receiver = receiver_at(header->destination_port);
  if (receiver == nullptr) return frame;
  if (!super_frame) frame.truncate(header->length);
  frame.pull_front(UdpHeader::kSize);
  receiver->receive_datagram(std::move(frame), {ip, header->source_port, header->destination_port},
                             now);
  return {};
}

void UdpLayer::receive_error(const IcmpError& error, Time now) {
  UdpReceiver* receiver = receiver_at(error.source_port());
  if (receiver != nullptr) receiver->receive_error(error, now);
}

void UdpLayer::drop(Frame frame, DropReason reason) {
  drops_.count(reason);
  frame = Frame();
}

}  // namespace violin
