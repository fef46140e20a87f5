#include "models/workload/tcp_flow_stream.hh"

#include "core/byte_order.hh"
#include "core/random.hh"

namespace violin {

TcpFlowStream::TcpFlowStream(std::string_view workload, uint64_t number)
    // Half the range, so that stream + offset never wraps.
    : number_(number), stream_(stable_hash(workload, number) >> 1) {}

std::array<std::byte, TcpFlowStream::kNumberSize> TcpFlowStream::number_bytes() const {
  std::array<std::byte, kNumberSize> bytes;
  store_be64(bytes.data(), number_);
  return bytes;
}

uint64_t TcpFlowStream::read_number(const std::array<std::byte, kNumberSize>& bytes) {
  return load_be64(bytes.data());
}

uint32_t TcpFlowStream::wrong_bytes(const Payload& payload, int64_t offset) const {
  const auto from = static_cast<uint64_t>(offset);
  if (payload.equals_stream(stream_, from)) return 0;
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < payload.size(); ++i) {
    if (payload.at(i) != stream_byte(stream_, from + i)) ++wrong;
  }
  return wrong;
}

}  // namespace violin
