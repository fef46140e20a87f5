#include "models/tcp/tcp_user.hh"

#include <array>

#include "core/check.hh"

namespace violin {

std::string_view name_of(TcpOutcome outcome) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "closed", "refused", "reset", "timed_out", "unreachable", "aborted", "node_down"};
  const auto index = static_cast<size_t>(outcome);
  CHECK_COMPARE(index, <, kNames.size());
  return kNames[index];
}

}  // namespace violin
