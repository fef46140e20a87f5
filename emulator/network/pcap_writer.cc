#include "emulator/network/pcap_writer.hh"

#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace violin {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
// The largest frame any wire carries; more than this is never kept.
constexpr size_t kLargestFrame = 262'144;
constexpr size_t kStreamBuffer = size_t{1} << 18;

struct ClosePcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct CloseDumper {
  void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};

}  // namespace

struct PcapWriter::Handles {
  std::filesystem::path file;
  int64_t epoch_ns = 0;
  int error = 0;                    // errno of the first write that failed
  std::vector<std::byte> bytes;     // of the frame being written, up to snaplen
  std::vector<char> stream_buffer;  // outlives the dumper, which writes through it
  std::unique_ptr<pcap_t, ClosePcap> pcap;
  std::unique_ptr<pcap_dumper_t, CloseDumper> dumper;

  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error("cannot write capture " + file.string() + ": " + why);
  }
};

PcapWriter::PcapWriter(const std::filesystem::path& file, PcapOptions options)
    : handles_(std::make_unique<Handles>()) {
  handles_->file = file;
  handles_->epoch_ns = options.epoch_ns;
  const auto snaplen = static_cast<size_t>(
      std::clamp<int64_t>(options.snaplen.count(), 1, static_cast<int64_t>(kLargestFrame)));
  handles_->bytes.resize(snaplen);
  handles_->pcap.reset(pcap_open_dead_with_tstamp_precision(DLT_EN10MB, static_cast<int>(snaplen),
                                                            PCAP_TSTAMP_PRECISION_NANO));
  if (handles_->pcap == nullptr) handles_->fail("libpcap has no memory");
  FILE* stream = std::fopen(file.c_str(), "wb");
  if (stream == nullptr) handles_->fail(std::strerror(errno));
  handles_->stream_buffer.resize(kStreamBuffer);
  std::setvbuf(stream, handles_->stream_buffer.data(), _IOFBF, kStreamBuffer);
  handles_->dumper.reset(pcap_dump_fopen(handles_->pcap.get(), stream));
  if (handles_->dumper == nullptr) {
    std::fclose(stream);
    handles_->fail(pcap_geterr(handles_->pcap.get()));
  }
}

PcapWriter::~PcapWriter() = default;
PcapWriter::PcapWriter(PcapWriter&&) noexcept = default;
PcapWriter& PcapWriter::operator=(PcapWriter&&) noexcept = default;

void PcapWriter::write(const Frame& frame, Time now) {
  const size_t kept = std::min<size_t>(frame.size(), handles_->bytes.size());
  frame.copy_to({handles_->bytes.data(), kept});
  const int64_t stamp = handles_->epoch_ns + now.ns();
  pcap_pkthdr header{};
  header.ts.tv_sec = stamp / kNanosecondsPerSecond;
  // With this precision libpcap takes the field as nanoseconds.
  header.ts.tv_usec = stamp % kNanosecondsPerSecond;
  header.caplen = static_cast<bpf_u_int32>(kept);
  header.len = frame.size();
  pcap_dump(reinterpret_cast<u_char*>(handles_->dumper.get()), &header,
            reinterpret_cast<const u_char*>(handles_->bytes.data()));
  // pcap_dump() does not tell of errors. The stream remembers that there was one, errno which.
  if (handles_->error == 0 && std::ferror(pcap_dump_file(handles_->dumper.get())) != 0) {
    handles_->error = errno;
  }
}

void PcapWriter::close() {
  if (handles_ == nullptr) return;
  if (handles_->error == 0 && pcap_dump_flush(handles_->dumper.get()) != 0) {
    handles_->error = errno;
  }
  if (handles_->error != 0) handles_->fail(std::strerror(handles_->error));
  handles_.reset();
}

}  // namespace violin
