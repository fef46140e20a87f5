#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace violin {

// What goes between a guest that stays and its owner, over a stream of bytes (a serial line of the
// guest's): frames of programs that the owner has asked for, several at once, each with a number
// that its owner gave it and that comes only once. In front of the payload: kind, number of the
// program (4 bytes), size of the payload (2 bytes), big-endian.
//
// Neither side sends more of a program's bytes in a direction than kChannelWindow ahead of what the
// other says was taken, so that neither needs more memory for it, and no program holds up another.
// The owner sends no more of anything than kChannelLine ahead of what the guest says it has heard:
// a serial line of User-Mode Linux that has once filled up (4096 bytes) stays silent for ever.
enum class ChannelKind : uint8_t {
  // From the owner.
  kStart = 1,   // what to run: ProgramOrder::text()
  kInput,       // bytes for its input
  kEndOfInput,  // no more of them; of a terminal: it was hung up
  kSignal,      // the payload is its number, one byte: to every process of its group
  kWindow,      // columns and rows of its terminal, 2 bytes each
  kDrop,        // kill it, and say no more of it
  // From the guest.
  kReady,    // of program 0: programs can be asked for
  kStarted,  // it runs
  kRefused,  // it does not: "missing" or "refused", errno, and what was tried, append_words()
  kOutput,   // bytes that it wrote
  kError,    // the same, to its standard error
  kHeard,    // of program 0: so many more bytes of the line were read: 4 bytes
  kExit,     // everything it wrote was sent, and it has ended: one byte, as a shell shows it
  // From both.
  kTaken,  // so many more of the bytes that you sent were taken: 4 bytes
};

inline constexpr size_t kChannelPayloadMax = 65535;
inline constexpr size_t kChannelWindow = 65536;  // bytes
inline constexpr size_t kChannelLine = 3072;     // bytes
inline constexpr size_t kChannelPiece = 4096;    // bytes of a program in a frame, at most
inline constexpr size_t kChannelProgramsMax = 32;

struct ChannelFrame {
  ChannelKind kind = ChannelKind::kReady;
  uint32_t program = 0;
  std::string payload;  // at most kChannelPayloadMax
};

// CHECKs the size of the payload.
void append_frame(std::string& bytes, ChannelKind kind, uint32_t program,
                  std::string_view payload = "");
// Numbers in a payload. Nothing when the payload is not as long as the number.
std::string channel_number(uint32_t value, size_t size);
std::optional<uint32_t> channel_number(std::string_view payload, size_t size);

// Finds the frames in a stream, whoever sends it. Keeps at most one frame that is not complete.
class ChannelReader {
 public:
  // Bytes as they come.
  void take(std::string_view bytes) { bytes_ += bytes; }
  // The next complete frame, any payload in it; nothing = more bytes are needed, or the stream is
  // broken.
  std::optional<ChannelFrame> next();
  // Something came that is no frame; nothing that follows can be told from it.
  bool is_broken() const { return broken_; }

 private:
  std::string bytes_;
  size_t begin_ = 0;  // of what was not returned yet
  bool broken_ = false;
};

}  // namespace violin
