#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/command/command.hh"
#include "emulator/scenario/input_error.hh"

namespace violin {
namespace {

// What it says about these arguments behind those that all need.
std::string complaint(const std::string& what, const std::vector<std::string>& more) {
  CommandLine line{"violin",
                   "traffic",
                   {"--do", what, "--name", "w", "--address", "127.0.0.1", "--port", "5001",
                    "--until", "1", "--zero", "0"}};
  line.arguments.insert(line.arguments.end(), more.begin(), more.end());
  try {
    traffic_command(line);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(TrafficCommand, SaysWhatIsMissing) {
  EXPECT_NE(complaint("receive-tcp", {}).find("--from"), std::string::npos);
  EXPECT_NE(complaint("receive-udp", {"--from", "0"}).find("--to"), std::string::npos);
  EXPECT_NE(complaint("send-tcp", {"--stop", "1"}).find("--at"), std::string::npos);
  const std::vector<std::string> times = {"--at", "0", "--stop", "1"};
  EXPECT_NE(complaint("send-udp", times).find("--size"), std::string::npos);
}

TEST(TrafficCommand, RefusesValuesThatNothingCanHave) {
  EXPECT_NE(complaint("shout", {}).find("shout"), std::string::npos);
  EXPECT_NE(complaint("send-tcp", {"--port", "0"}).find("port"), std::string::npos);
  EXPECT_NE(complaint("send-tcp", {"--address", "nowhere"}).find("address"), std::string::npos);
  EXPECT_NE(
      complaint("send-udp", {"--at", "0", "--stop", "1", "--size", "15", "--rate", "1"}).find("15"),
      std::string::npos);
}

}  // namespace
}  // namespace violin
