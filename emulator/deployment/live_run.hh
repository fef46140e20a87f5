#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace violin {

struct LiveNode {
  std::string name;    // full name
  bool real = false;   // programs can run in it; else it is a model
  std::string socket;  // of its agent, as seen from the coordinator; empty for models
};

// What a coordinator tells of the run it carries out.
struct LiveRun {
  enum class Phase { kBuilding, kRunning, kFinishing, kHeld };

  std::string id;        // what commands call it: "pair-4711"
  std::string scenario;  // its name
  std::string file;      // absolute
  std::string folder;    // where results will be, or are when it is held; absolute
  pid_t pid = 0;         // of the coordinator
  int64_t began = 0;     // s since 1970
  Phase phase = Phase::kBuilding;
  std::optional<double> seconds_left;  // of scenario time, while it is running
  size_t agents = 0;
  std::vector<LiveNode> nodes;

  // As JSON.
  std::string text() const;
  // Nothing when `text` is none: it comes from another process.
  static std::optional<LiveRun> parse(std::string_view text);
};

// "running".
const char* word_of(LiveRun::Phase phase);

// The name of the abstract Unix socket (unix(7), without the leading zero byte) at which a run of a
// user answers.
std::string run_socket_name(uid_t user, const std::string& id);
// The user and the run that such a name stands for; nothing when it is another's.
struct RunSocket {
  uid_t user = 0;
  std::string id;
};
std::optional<RunSocket> parse_run_socket_name(std::string_view name);

}  // namespace violin
