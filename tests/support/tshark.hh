#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

// tshark, an independent reader of what we put on the wire.

namespace violin::testing {

// What a command prints; nothing when it fails.
inline std::optional<std::string> output_of(const std::string& command) {
  const auto close = [](FILE* pipe) { return ::pclose(pipe); };
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> piece;
  while (const size_t size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    text.append(piece.data(), size);
  }
  return close(pipe) == 0 ? std::optional(text) : std::nullopt;
}

inline bool has_tshark() { return output_of("tshark --version 2>/dev/null").has_value(); }

// Every checksum is verified. Without what a user may have configured, and without guesses at what
// a payload might be.
inline std::optional<std::string> tshark(const std::filesystem::path& capture,
                                         const std::string& arguments) {
  return output_of(
      "WIRESHARK_CONFIG_DIR=/nonexistent HOME=/nonexistent tshark -n -r '" + capture.string() +
      "' -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE "
      "-o udp.check_checksum:TRUE -o udp.try_heuristic_first:FALSE "
      "-o tcp.try_heuristic_first:FALSE -d udp.port==52004,data -d udp.port==5002,data "
      "-d udp.port==5003,data -d tcp.port==5001,data -d tcp.port==5002,data " +
      arguments + " 2>/dev/null");
}

// An ICMP error quotes the head of a packet, and tshark takes the checksum of a TCP segment that is
// cut off for a wrong one: of ICMP only what is its own is looked at.
inline constexpr const char* kTsharkFaults =
    "-Y '_ws.malformed || _ws.short || ip.checksum.status == \"Bad\" || "
    "icmp.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\" || "
    "(!icmp && (_ws.expert.severity == error || tcp.checksum.status == \"Bad\"))'";

}  // namespace violin::testing
