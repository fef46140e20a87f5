#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/check.hh"
#include "emulator/tunnel/join_message.hh"
#include "emulator/tunnel/join_payload.hh"

// Whatever is read as a control datagram, or as what one carries, is written as the same bytes.

using namespace violin;

namespace {

using Bytes = std::vector<std::byte>;

void read_message(std::span<const std::byte> bytes) {
  const auto message = JoinMessage::read(bytes);
  if (!message) return;
  CHECK_COMPARE(bytes.size(), <=, JoinMessage::kSizeMax);
  Bytes written = join_message_start(message->type, message->index, message->body);
  CHECK_COMPARE(written.size(), ==, message->covered.size());
  if (written.size() < bytes.size()) {
    written.insert(written.end(), message->mac1.begin(), message->mac1.end());
  }
  if (written.size() < bytes.size()) {
    written.insert(written.end(), message->mac2.begin(), message->mac2.end());
  }
  CHECK(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()));
}

template <typename Payload>
void read_payload(std::span<const std::byte> bytes) {
  const auto payload = Payload::read(bytes);
  if (!payload) return;
  const Bytes written = payload->write();
  CHECK(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  read_message(bytes);
  read_payload<JoinRequest>(bytes);
  read_payload<JoinAnswer>(bytes);
  read_payload<JoinRefused>(bytes);
  return 0;
}
