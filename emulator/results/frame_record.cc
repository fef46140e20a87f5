#include "emulator/results/frame_record.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <istream>
#include <stdexcept>
#include <string_view>

#include "core/check.hh"
#include "core/random.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

constexpr std::string_view kMagic = "VIOLINFR";
constexpr uint64_t kVersion = 1;
constexpr uint64_t kStoppedAtLimit = 1;
constexpr int kHashBytes = 4;
// Bounds on what a reader believes.
constexpr uint64_t kWiresMax = uint64_t{1} << 24;
constexpr uint64_t kNameMax = 1024;
constexpr uint64_t kFrameMax = 262'144;

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

// The bytes that are not kept count through the frame's position-weighted sums, which cost nothing
// for a payload that was never written out.
uint32_t hash_of(const Frame& frame) {
  const ByteSums sums = frame.sums();
  const uint64_t words[] = {sums.even, sums.odd, sums.weighted, sums.length};
  const std::string_view text(reinterpret_cast<const char*>(words), sizeof words);
  return static_cast<uint32_t>(stable_hash(text, kVersion) >> 32);
}

}  // namespace

FrameRecordWriter::FrameRecordWriter(const std::filesystem::path& file,
                                     const std::vector<std::string>& wires,
                                     FrameRecordOptions options)
    : file_(file), options_(options), out_(file, std::ios::binary | std::ios::trunc) {
  if (!out_) throw std::runtime_error("cannot write " + file.string() + ": " + strerror(errno));
  options_.kept_bytes = std::min<uint32_t>(options.kept_bytes, kFrameMax);
  scratch_.resize(options_.kept_bytes);
  out_ << kMagic;
  put(kVersion);
  put(options_.kept_bytes);
  put(wires.size());
  for (const std::string& wire : wires) {
    put(wire.size());
    out_ << wire;
    bytes_ += wire.size();
  }
}

void FrameRecordWriter::put(uint64_t value) {
  std::array<char, 10> digits;
  size_t count = 0;
  do {
    const auto low = static_cast<unsigned char>(value & 0x7f);
    value >>= 7;
    digits[count++] = static_cast<char>(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  out_.write(digits.data(), static_cast<std::streamsize>(count));
  bytes_ += count;
}

bool FrameRecordWriter::has_room() {
  full_ = full_ || bytes_ >= options_.bytes_max;
  return !full_;
}

void FrameRecordWriter::write(uint32_t wire, const Frame& frame, Time now) {
  if (!has_room()) return;
  const uint32_t kept = std::min(frame.size(), options_.kept_bytes);
  frame.copy_to({scratch_.data(), kept});
  put_record({now, wire, frame.size(), hash_of(frame), {}}, {scratch_.data(), kept});
}

void FrameRecordWriter::write(const RecordedFrame& frame) {
  if (has_room()) put_record(frame, frame.bytes);
}

void FrameRecordWriter::put_record(const RecordedFrame& frame, std::span<const std::byte> kept) {
  put(uint64_t{frame.wire} + 1);
  put(zigzag((frame.when - last_).ns()));
  put(frame.length);
  for (int i = 0; i < kHashBytes; ++i) out_.put(static_cast<char>(frame.hash >> (8 * i) & 0xff));
  out_.write(reinterpret_cast<const char*>(kept.data()), static_cast<std::streamsize>(kept.size()));
  bytes_ += kHashBytes + kept.size();
  last_ = frame.when;
  ++records_;
}

void FrameRecordWriter::close() {
  if (!out_.is_open()) return;
  put(0);
  put(full_ ? kStoppedAtLimit : 0);
  put(records_);
  out_.close();
  if (!out_) throw std::runtime_error("cannot write " + file_.string() + ": " + strerror(errno));
}

FrameRecordReader::FrameRecordReader(std::istream& in, std::string name)
    : in_(in), name_(std::move(name)) {
  std::array<char, kMagic.size()> magic{};
  take_bytes(magic.data(), magic.size());
  if (std::string_view(magic.data(), magic.size()) != kMagic) fail("not a record of frames");
  if (take() != kVersion) fail("another version of the format");
  kept_bytes_ = static_cast<uint32_t>(take_below(kFrameMax + 1, "kept bytes"));
  const uint64_t count = take_below(kWiresMax, "number of wires");
  for (uint64_t i = 0; i < count; ++i) {
    std::string wire(take_below(kNameMax, "length of a name"), '\0');
    take_bytes(wire.data(), wire.size());
    wires_.push_back(std::move(wire));
  }
}

std::optional<RecordedFrame> FrameRecordReader::next() {
  if (ended_) return std::nullopt;
  const uint64_t tag = take_below(wires_.size() + 1, "wire");
  if (tag == 0) {
    ended_ = true;
    stopped_at_limit_ = take_below(2, "flags") == kStoppedAtLimit;
    if (take() != records_) fail("the number of records is wrong");
    return std::nullopt;
  }
  RecordedFrame frame;
  frame.wire = static_cast<uint32_t>(tag - 1);
  // Unsigned, so that hostile steps wrap around instead of overflowing.
  last_ = Time::from_ns(static_cast<int64_t>(static_cast<uint64_t>(last_.ns()) +
                                             static_cast<uint64_t>(unzigzag(take()))));
  frame.when = last_;
  frame.length = static_cast<uint32_t>(take_below(kFrameMax + 1, "length of a frame"));
  std::array<char, kHashBytes> hash{};
  take_bytes(hash.data(), hash.size());
  for (int i = kHashBytes - 1; i >= 0; --i) {
    frame.hash = frame.hash << 8 | static_cast<unsigned char>(hash[static_cast<size_t>(i)]);
  }
  frame.bytes.resize(std::min(frame.length, kept_bytes_));
  take_bytes(reinterpret_cast<char*>(frame.bytes.data()), frame.bytes.size());
  ++records_;
  return frame;
}

uint64_t FrameRecordReader::take() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    char digit = 0;
    take_bytes(&digit, 1);
    value |= static_cast<uint64_t>(digit & 0x7f) << shift;
    if ((digit & 0x80) == 0) return value;
  }
  fail("a number is too long");
}

uint64_t FrameRecordReader::take_below(uint64_t bound, const char* what) {
  const uint64_t value = take();
  if (value >= bound) fail(std::string(what) + " is impossible: " + std::to_string(value));
  return value;
}

void FrameRecordReader::take_bytes(char* to, size_t size) {
  in_.read(to, static_cast<std::streamsize>(size));
  if (static_cast<size_t>(in_.gcount()) != size) fail("it ends in the middle");
  offset_ += size;
}

void FrameRecordReader::fail(const std::string& why) const {
  throw InputError(Place{name_, 0, 0}, "byte " + std::to_string(offset_) + ": " + why);
}

}  // namespace violin
