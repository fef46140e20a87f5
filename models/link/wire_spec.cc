#include "models/link/wire_spec.hh"

namespace violin {

bool is_plain(const WireSpec& spec) {
  return spec.rate.unlimited() && spec.trace == nullptr &&
         std::holds_alternative<std::monostate>(spec.loss) && spec.jitter.stddev == Duration() &&
         spec.duplicate.is_never() && spec.corrupt.is_never() &&
         spec.reorder.probability.is_never();
}

}  // namespace violin
