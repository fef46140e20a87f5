#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/payload.hh"

namespace violin {

// The bytes that flow `number` of a tcp workload sends: its number in eight bytes, big-endian, then
// the bytes of a stream that workload name and number determine. The receiving half reads the
// number, so it needs to know nothing but the workload's name to verify every byte, whoever
// carried them and in whatever order flows arrived.
class TcpFlowStream {
 public:
  static constexpr uint32_t kNumberSize = 8;

  TcpFlowStream() = default;
  TcpFlowStream(std::string_view workload, uint64_t number);

  uint64_t number() const { return number_; }
  std::array<std::byte, kNumberSize> number_bytes() const;
  static uint64_t read_number(const std::array<std::byte, kNumberSize>& bytes);
  // Bytes [offset, offset + length), offset not before kNumberSize.
  Payload payload(int64_t offset, uint32_t length) const {
    return Payload::of_stream(stream_, static_cast<uint64_t>(offset), length);
  }
  // How many bytes of `payload`, which came at `offset`, not before kNumberSize, are wrong. O(1)
  // when none is and the payload was never written out.
  uint32_t wrong_bytes(const Payload& payload, int64_t offset) const;

 private:
  uint64_t number_ = 0;
  uint64_t stream_ = 0;
};

}  // namespace violin
