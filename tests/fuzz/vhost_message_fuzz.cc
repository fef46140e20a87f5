#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/check.hh"
#include "tests/support/fake_guest.hh"

// Whatever a guest says: a session answers, refuses, or cuts the guest off with a reason. The input
// is a list of steps: a byte that says what comes, and for a message a byte with its length, and
// that many bytes. Messages with an intact header come with whatever descriptors the step says.

using namespace violin;
using testing::FakeGuest;

namespace {

// What the first byte of a step says.
constexpr uint8_t kStep = 0x80;        // a step of a well-behaved guest; its number is in the rest
constexpr uint8_t kWithMemory = 0x40;  // with its memory file beside it …
constexpr uint8_t kWithSocket = 0x20;  // … or a socket
constexpr uint8_t kManyMask = 0x0f;    // how many of them

class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(data, size) {}
  bool empty() const { return rest_.empty(); }
  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::span<const std::byte> bytes(size_t most) {
    const auto taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return std::as_bytes(taken);
  }

 private:
  std::span<const uint8_t> rest_;
};

void take_step(FakeGuest& guest, VhostNic& nic, Input& input) {
  const uint8_t what = input.byte();
  if ((what & kStep) != 0) {
    // Connecting anew is for whoever was cut off.
    guest.step(1 + what % (FakeGuest::kSteps - 1));
    return;
  }
  std::array<int, 16> descriptors;
  descriptors.fill((what & kWithSocket) != 0 ? guest.socket.get() : guest.memory_file.get());
  const size_t count = (what & (kWithMemory | kWithSocket)) != 0 ? what & kManyMask : 0;
  guest.send_raw(input.bytes(input.byte()), std::span(descriptors).first(count));
  nic.read_messages();
  while (guest.reply()) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static BufferPools pools;
  Input input(data, size);
  testing::RecordingNicOwner owner;
  VhostNicOptions options;
  options.in_band = (input.byte() & 1) == 0;
  VhostNic nic(options, pools, owner, 0);
  FakeGuest guest(nic, {.in_band = options.in_band});
  guest.connect();
  while (!input.empty() && nic.is_connected()) {
    take_step(guest, nic, input);
    nic.collect();
    nic.publish();
  }
  CHECK(nic.is_connected() || !nic.is_running());
  CHECK(nic.counters().resets == 0 || !nic.trouble().empty());
  return 0;
}
