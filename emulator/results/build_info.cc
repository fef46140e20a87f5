#include "emulator/results/build_info.hh"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <fstream>
#include <thread>

#include "violin_build_commit.hh"

namespace violin {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace

std::string program_version() { return VIOLIN_VERSION; }

std::string program_commit() { return kBuildCommit; }

std::string machine_description() {
  utsname names{};
  uname(&names);
  return fmt::format("{}, {} cores, {} {}", processor_name(), std::thread::hardware_concurrency(),
                     names.sysname, names.release);
}

}  // namespace violin
