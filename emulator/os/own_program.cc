#include "emulator/os/own_program.hh"

#include <filesystem>

#include "emulator/os/child_process.hh"

namespace violin {

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::string program_beside_us(const std::string& name) {
  const std::filesystem::path program = std::filesystem::path(own_program()).parent_path() / name;
  if (std::filesystem::exists(program)) return program;
  throw ProgramMissing("the program " + name + " is not beside " + own_program());
}

}  // namespace violin
