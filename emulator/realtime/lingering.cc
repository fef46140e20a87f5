#include "emulator/realtime/lingering.hh"

#include <algorithm>
#include <utility>

namespace violin {

void Lingering::learn(size_t frames, int64_t switches, Time now) {
  if (std::exchange(switches_, switches) != switches) from_ = now + kBackOff;
  const Duration gap = std::clamp(now - last_input_, Duration(), kMax);
  const auto count = static_cast<int64_t>(std::max<size_t>(frames, 1));
  spacing_ += (gap / count - spacing_) / 8;
  span_ = gap < kMax && spacing_ >= kDense ? kMax : span_ / 2;
  last_input_ = now;
}

}  // namespace violin
