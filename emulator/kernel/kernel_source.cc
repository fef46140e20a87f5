#include "emulator/kernel/kernel_source.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "emulator/os/child_process.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/filter_program.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// 8 hexadecimal digits.
std::string hash_of(const fs::path& file) {
  const FileDescriptor bytes = open_file(file, O_RDONLY);
  crypto_generichash_state state;
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest;
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  std::vector<unsigned char> buffer(1 << 20);
  for (;;) {
    const ssize_t count = read(bytes.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("cannot read " + file.string());
    if (count == 0) break;
    crypto_generichash_update(&state, buffer.data(), static_cast<size_t>(count));
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
}

// What dpkg knows of the package; empty where there is no such package, or no dpkg.
std::string installed_version() {
  try {
    const FilterOutput answer = run_filter(
        {"dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", kKernelSourcePackage}, "");
    const std::string status = "installed ";
    if (answer.status != 0 || !answer.output.starts_with(status)) return "";
    return answer.output.substr(status.size());
  } catch (const ProgramMissing&) {
    return "";
  }
}

}  // namespace

std::optional<KernelSource> KernelSource::installed() {
  const std::string version = installed_version();
  const fs::path archive = std::string("/usr/src/") + kKernelSourcePackage + ".tar.xz";
  if (version.empty() || !fs::exists(archive)) return std::nullopt;
  return KernelSource{.archive = archive, .version = version};
}

KernelSource KernelSource::in_file(const fs::path& archive) {
  return {.archive = fs::absolute(archive), .version = "file-" + hash_of(archive)};
}

}  // namespace violin
