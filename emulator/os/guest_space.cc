#include "emulator/os/guest_space.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <system_error>

#include "emulator/os/mapped_users.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

// Where the given files are written before they are bound to their places. Every machine has this
// folder, and it is covered only in the guest's mount namespace, and only for as long as that.
constexpr const char* kStage = "/tmp";

void mount_or_throw(const char* type, const std::string& where, unsigned long flags,
                    const char* data) {
  if (mount(type, where.c_str(), type, flags, data) != 0) {
    throw_system_error("cannot mount " + where);
  }
}

// An echo request needs no right when the sender's group is in this range.
void let_everybody_ping() {
  const uint64_t groups = std::min<uint64_t>(mapped_groups(), uint64_t{1} << 31);
  write_file("/proc/sys/net/ipv4/ping_group_range", "0 " + std::to_string(groups - 1));
}

void make_file(const std::string& path) {
  checked_descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644),
                     "cannot make " + path);
}

// Where a path leads in the guest. What leads into /run, as /etc/resolv.conf often does, finds that
// empty: then the file is made there. Empty when there is nothing to cover.
std::string place_of(const std::string& path, bool own_run_directory) {
  const fs::path place = fs::weakly_canonical(path);
  if (fs::exists(place)) return place;
  if (!own_run_directory || !place.string().starts_with("/run/")) return {};
  fs::create_directories(place.parent_path());
  make_file(place);
  return place;
}

void put_files_in_place(const GuestSpaceOptions& options) {
  std::vector<GuestFile> files = options.files;
  files.push_back({.path = "/etc/hostname", .text = options.hostname + "\n"});
  for (GuestFile& file : files) file.path = place_of(file.path, options.own_run_directory);
  std::erase_if(files, [](const GuestFile& file) { return file.path.empty(); });
  mount_or_throw("tmpfs", kStage, MS_NOSUID | MS_NODEV, "mode=0755");
  int number = 0;
  for (const GuestFile& file : files) {
    const std::string name = std::string(kStage) + "/" + std::to_string(number++);
    make_file(name);
    if (!file.text.empty()) write_file(name, file.text);
    if (mount(name.c_str(), file.path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      throw_system_error("cannot put a file at " + file.path);
    }
  }
  // What is bound elsewhere keeps the files.
  if (umount2(kStage, MNT_DETACH) != 0) throw_system_error("cannot unmount " + std::string(kStage));
}

struct Namespaces {
  NetworkNamespace network;
  FileDescriptor mounts, uts;
};

// On a thread that ends with this: it cannot go back to the file system it shared with others.
Namespaces make_namespaces(const GuestSpaceOptions& options) {
  if (unshare(CLONE_FS | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS) != 0) {
    throw_system_error("cannot make its namespaces");
  }
  umask(022);
  set_up_new_network();
  let_everybody_ping();
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw_system_error("cannot make its mounts private");
  }
  mount_or_throw("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr);
  if (options.own_run_directory) {
    mount_or_throw("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755,size=64m");
  }
  put_files_in_place(options);
  if (sethostname(options.hostname.data(), options.hostname.size()) != 0) {
    throw_system_error("cannot set its host name");
  }
  return {.network = NetworkNamespace::current(),
          .mounts = open_file("/proc/thread-self/ns/mnt", O_RDONLY),
          .uts = open_file("/proc/thread-self/ns/uts", O_RDONLY)};
}

}  // namespace

GuestSpace::GuestSpace(const GuestSpaceOptions& options) : hostname_(options.hostname) {
  try {
    Namespaces made = std::async(std::launch::async, make_namespaces, options).get();
    network_ = std::move(made.network);
    mounts_ = std::move(made.mounts);
    uts_ = std::move(made.uts);
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), "guest " + hostname_ + ": " + action_of(error));
  }
}

GuestSpace GuestSpace::here() {
  GuestSpace space;
  space.hostname_ = "this machine";
  return space;
}

}  // namespace violin
