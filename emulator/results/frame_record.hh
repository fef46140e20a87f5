#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/frame.hh"
#include "core/time.hh"

// frames.bin, what --record keeps: every frame hop of a run in the order it happened, so that
// `violin verify` can name the first one that differs between two runs. Compact rather than
// convenient: people read pcaps. Integers are little-endian base-128 varints.
//
//   file    "VIOLINFR" version(=1) kept_bytes wire_count { length name }*  record*  end
//   record  wire + 1, nanoseconds since the record before (zigzag), frame length, 4-byte hash of
//   all
//           the frame's bytes, then its first min(length, kept_bytes) bytes
//   end     0, flags (1 = stopped at the size limit), number of records
//
// A file without its end was cut off: a reader says so. Bounded: when `bytes_max` is reached
// nothing more is recorded, and the end says that.

namespace violin {

struct FrameRecordOptions {
  uint32_t kept_bytes = 96;
  uint64_t bytes_max = uint64_t{4} << 30;
};

struct RecordedFrame {
  Time when;
  uint32_t wire = 0;             // index into FrameRecordReader::wires()
  uint32_t length = 0;           // of the whole frame, bytes
  uint32_t hash = 0;             // of all its bytes
  std::vector<std::byte> bytes;  // the first of them
};

class FrameRecordWriter {
 public:
  // `wires` are all wires of the run; records name them by their place in this list. Throws
  // std::runtime_error naming the file, here and in close().
  FrameRecordWriter(const std::filesystem::path& file, const std::vector<std::string>& wires,
                    FrameRecordOptions options = {});

  // A frame left the far end of wire number `wire` at `now`. Times do not go back.
  void write(uint32_t wire, const Frame& frame, Time now);
  // The same of one that was read from another record, with as many bytes kept.
  void write(const RecordedFrame& frame);
  // As when the limit is reached.
  void stop() { full_ = true; }
  void close();
  uint64_t records() const { return records_; }

 private:
  void put(uint64_t value);
  bool has_room();
  void put_record(const RecordedFrame& frame, std::span<const std::byte> kept);

  std::filesystem::path file_;
  FrameRecordOptions options_;
  std::ofstream out_;
  std::vector<std::byte> scratch_;
  uint64_t bytes_ = 0;
  uint64_t records_ = 0;
  Time last_;
  bool full_ = false;
};

// Reads what the writer wrote, from any bytes: throws InputError naming file and offset when they
// are not such a file, and never holds more than one frame.
class FrameRecordReader {
 public:
  FrameRecordReader(std::istream& in, std::string name);

  const std::vector<std::string>& wires() const { return wires_; }
  uint32_t kept_bytes() const { return kept_bytes_; }
  // The next frame, or nothing at the end.
  std::optional<RecordedFrame> next();
  // After the end: did the writer stop at its limit?
  bool stopped_at_limit() const { return stopped_at_limit_; }

 private:
  uint64_t take();
  uint64_t take_below(uint64_t bound, const char* what);
  void take_bytes(char* to, size_t size);
  [[noreturn]] void fail(const std::string& why) const;

  std::istream& in_;
  std::string name_;
  std::vector<std::string> wires_;
  uint32_t kept_bytes_ = 0;
  uint64_t offset_ = 0;
  uint64_t records_ = 0;
  Time last_;
  bool ended_ = false;
  bool stopped_at_limit_ = false;
};

}  // namespace violin
