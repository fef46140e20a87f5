#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/check.hh"
#include "core/tcp_header.hh"

// Whatever is read from bytes can be written, and reading that gives the same values again.

using violin::TcpHeader;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = TcpHeader::read(bytes);
  if (!header) return 0;
  CHECK_COMPARE(header->header_length, <=, size);
  if (header->size() > TcpHeader::kMaximumSize) return 0;  // we lay options out less densely
  std::vector<std::byte> written(header->size());
  header->write(written.data());
  const auto again = TcpHeader::read(written);
  CHECK(again.has_value());
  CHECK_COMPARE(again->header_length, ==, written.size());
  CHECK_COMPARE(again->source_port, ==, header->source_port);
  CHECK_COMPARE(again->destination_port, ==, header->destination_port);
  CHECK_COMPARE(again->sequence, ==, header->sequence);
  CHECK_COMPARE(again->acknowledgment, ==, header->acknowledgment);
  CHECK_COMPARE(again->flags, ==, header->flags);
  CHECK_COMPARE(again->window, ==, header->window);
  CHECK_COMPARE(again->checksum, ==, header->checksum);
  CHECK(again->maximum_segment_size == header->maximum_segment_size);
  CHECK(again->window_scale == header->window_scale);
  CHECK_COMPARE(again->sack_permitted, ==, header->sack_permitted);
  CHECK_COMPARE(again->timestamps.has_value(), ==, header->timestamps.has_value());
  CHECK_COMPARE(again->sack_count, ==, header->sack_count);
  for (int i = 0; i < header->sack_count; ++i) {
    CHECK(again->sack_blocks[i] == header->sack_blocks[i]);
  }
  return 0;
}
