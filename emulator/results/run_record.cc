#include "emulator/results/run_record.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

namespace violin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Of working folders below `runs`, the topmost being 0: NAME/NNN/.POINT.
constexpr int kDepthMax = 3;

std::string this_boot() {
  std::string id = read_file("/proc/sys/kernel/random/boot_id");
  return id.substr(0, id.find('\n'));
}

// The start of a process (proc_pid_stat(5), field 22); nothing when there is no such process.
std::optional<uint64_t> start_of(pid_t pid) {
  std::string stat;
  try {
    stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  } catch (const std::system_error&) {
    return std::nullopt;
  }
  // The name of the program may have spaces and parentheses in it.
  const size_t behind_name = stat.rfind(')');
  if (behind_name == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(behind_name + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  uint64_t started = 0;
  std::istringstream(field) >> started;
  return started;
}

bool is_mine(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 && status.st_uid == geteuid();
}

std::string text_in(int descriptor) {
  std::string text(4096, '\0');
  const ssize_t count = pread(descriptor, text.data(), text.size(), 0);
  text.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return text;
}

}  // namespace

RunRecord RunRecord::of_this_process(const fs::path& folder) {
  const pid_t self = getpid();
  return {self, start_of(self).value_or(0), this_boot(), fs::canonical(folder).string()};
}

std::string RunRecord::text() const {
  // Paths need not be UTF-8; one that is not becomes one that matches no folder.
  return Json{{"pid", pid}, {"started", started}, {"boot_id", boot_id}, {"folder", folder}}.dump(
             2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::optional<RunRecord> RunRecord::parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto is = [&json](const char* name, auto what) {
    return json.contains(name) && (json[name].*what)();
  };
  if (!json.is_object() || !is("pid", &Json::is_number_unsigned) ||
      !is("started", &Json::is_number_unsigned) || !is("boot_id", &Json::is_string) ||
      !is("folder", &Json::is_string) || json["pid"].get<uint64_t>() > INT32_MAX) {
    return std::nullopt;
  }
  return RunRecord{json["pid"].get<pid_t>(), json["started"].get<uint64_t>(),
                   json["boot_id"].get<std::string>(), json["folder"].get<std::string>()};
}

bool RunRecord::is_alive() const { return boot_id == this_boot() && start_of(pid) == started; }

FileDescriptor leave_record(const fs::path& folder) {
  const std::string path = (folder / RunRecord::kFile).string();
  FileDescriptor file = checked_descriptor(
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644), "cannot write " + path);
  // A file system without locks keeps none; the process is then all there is to go by.
  flock(file.get(), LOCK_EX | LOCK_NB);
  const std::string text = RunRecord::of_this_process(folder).text();
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw_system_error("cannot write " + path);
  }
  return file;
}

bool is_left_behind(const fs::path& folder) {
  const FileDescriptor place(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place.is_open() || !is_mine(place.get())) return false;
  const FileDescriptor file(
      openat(place.get(), RunRecord::kFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() || !is_mine(file.get())) return false;
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  const auto record = RunRecord::parse(text_in(file.get()));
  std::error_code error;
  const fs::path canonical = fs::canonical(folder, error);
  return record && !error && record->folder == canonical.string() && !record->is_alive();
}

std::vector<fs::path> folders_left_behind(const fs::path& runs) {
  std::vector<fs::path> found;
  std::error_code error;
  using Walk = fs::recursive_directory_iterator;
  Walk entry(runs, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != Walk(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_symlink(ignored) || !entry->is_directory(ignored)) continue;
    if (is_left_behind(entry->path())) {
      found.push_back(entry->path());
      entry.disable_recursion_pending();
    }
    if (entry.depth() >= kDepthMax) entry.disable_recursion_pending();
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace violin
