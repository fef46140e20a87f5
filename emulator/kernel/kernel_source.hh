#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace violin {

// The Debian package that guest kernels are built from.
inline constexpr const char* kKernelSourcePackage = "linux-source-6.12";

// Packed kernel sources.
struct KernelSource {
  std::filesystem::path archive;  // a tar archive with one folder in it
  std::string version;            // "6.12.117-1~deb12u1", or "file-" and a hash of the archive

  // What the Debian package has put on this machine; nothing when it is not installed.
  static std::optional<KernelSource> installed();
  // Any other archive. Throws std::system_error when it cannot be read.
  static KernelSource in_file(const std::filesystem::path& archive);
};

}  // namespace violin
