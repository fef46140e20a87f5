#include "tests/realtime/run_fixture.hh"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>

#include "emulator/os/exit_status.hh"
#include "emulator/os/network_namespace.hh"
#include "emulator/results/result_reader.hh"
#include "tests/realtime/namespace_fixture.hh"

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Of a file to become a standard stream.
void place(const fs::path& file, int flags, int descriptor) {
  const int opened = open(file.c_str(), flags, 0644);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
  close(opened);
}

// Namespaces for all tests of this process, so that whoever else uses this machine has no part in
// what they see.
void move_to_own_namespaces() {
  static const bool moved = [] {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
    set_up_new_network();
    return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }();
  ASSERT_TRUE(moved);
}

}  // namespace

Violin::Violin(const std::vector<std::string>& arguments, const Surroundings& surroundings)
    : folder_(surroundings.folder) {
  static int runs = 0;
  log_ = ".violin" + std::to_string(++runs);
  std::ofstream(folder_ / (log_ + ".in")) << surroundings.input;
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), VIOLIN_BINARY);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  place(folder_ / (log_ + ".in"), O_RDONLY, STDIN_FILENO);
  place(folder_ / (log_ + ".out"), O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  place(folder_ / (log_ + ".err"), O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (chdir(folder_.c_str()) != 0) _exit(126);
  if (surroundings.prepare) surroundings.prepare();
  execv(argv[0], argv.data());
  _exit(127);
}

Violin::~Violin() {
  if (!has_ended()) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (const char* end : {".in", ".out", ".err"}) fs::remove(folder_ / (log_ + end));
}

void Violin::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool Violin::has_ended() {
  if (pid_ < 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = -1;
  status_ = exit_status(status);
  return true;
}

std::string Violin::output() const { return text_of(folder_ / (log_ + ".out")); }
std::string Violin::error() const { return text_of(folder_ / (log_ + ".err")); }

Outcome Violin::wait() {
  EXPECT_TRUE(eventually([this] { return has_ended(); }, 60)) << output() << error();
  return {status_, output(), error()};
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  const fs::path threads = "/proc/" + std::to_string(parent) + "/task";
  for (const auto& thread : fs::directory_iterator(threads, error)) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

std::string command_of(pid_t process) {
  std::string command = text_of("/proc/" + std::to_string(process) + "/cmdline");
  for (char& c : command) c = c == '\0' ? ' ' : c;
  return command;
}

void RunTest::SetUp() {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, or root of a user namespace";
  if (const auto reason = missing_rights()) GTEST_SKIP() << *reason;
  if (const auto reason = missing_tun()) GTEST_SKIP() << *reason;
  move_to_own_namespaces();
  // Orphans come to us, so that none can be overlooked.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  folder_.emplace();
  mounts_before_ = text_of("/proc/self/mountinfo");
}

void RunTest::TearDown() {
  if (IsSkipped()) return;
  EXPECT_TRUE(all_ended());
  EXPECT_EQ(leftovers(), "");
}

Violin::Surroundings RunTest::here(const std::function<void()>& prepare) const {
  return {folder(), "", prepare};
}

fs::path RunTest::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder() / name) << text;
  return folder() / name;
}

Outcome RunTest::violin(const std::vector<std::string>& arguments, const std::string& input) const {
  return Violin(arguments, {folder(), input, {}}).wait();
}

Outcome RunTest::run(const std::string& scenario, const std::function<void()>& prepare) const {
  write("scenario.yaml", scenario);
  return Violin({"run", "--clock", "real", "--force", "--out", "out", "scenario.yaml"},
                here(prepare))
      .wait();
}

RunResult RunTest::result() const { return read_result(folder() / "out"); }

bool RunTest::all_ended(const Processes& except) const {
  return eventually([&] {
    size_t left = 0;
    for (const pid_t child : children_of(getpid())) {
      if (!except.contains(child) && waitpid(child, nullptr, WNOHANG) == 0) ++left;
    }
    return left == 0;
  });
}

std::string RunTest::leftovers() const {
  std::string found;
  std::istringstream interfaces(text_of("/proc/net/dev"));
  for (std::string line; std::getline(interfaces, line);) {
    const bool is_other = line.find(':') != std::string::npos && !line.starts_with("    lo:");
    if (is_other) found += "interface " + line + "\n";
  }
  std::istringstream sockets(text_of("/proc/net/unix"));
  for (std::string line; std::getline(sockets, line);) {
    const size_t name = line.find("@violin/run");
    if (name != std::string::npos) found += "socket " + line.substr(name) + "\n";
  }
  if (text_of("/proc/self/mountinfo") != mounts_before_) found += "other mounts\n";
  if (fs::exists("/run/violin")) found += "/run/violin\n";
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") && !name.starts_with(".violin"))
      found += entry.path().string() + "\n";
  }
  return found;
}

uint64_t drops_of(const RunResult& result, const std::string& name, DropReason reason) {
  for (const NodeResult& node : result.nodes) {
    if (node.name == name) return node.drops[static_cast<size_t>(reason)];
  }
  return 0;
}

std::string two_hosts(const std::string& rest, const std::string& duration) {
  return "violin: 1\nname: two\nduration: " + duration + R"(
underlay:
  nodes:
    a: { kind: host }
    b: { kind: host }
  links:
    - { endpoints: [a, b], delay: 5 ms, rate: 100 Mbit/s }
violins:
  v:
    nodes:
      h1: { kind: host, place: a }
      m1: { kind: host, place: a, backend: model }
      s1: { kind: switch, place: a }
      r1: { kind: router, place: b }
      h2: { kind: host, place: b }
    links:
      - { endpoints: [h1, s1] }
      - { endpoints: [m1, s1] }
      - { endpoints: [s1, r1] }
      - { endpoints: [r1, h2] }
)" + rest;
}

}  // namespace violin::testing
