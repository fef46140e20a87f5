#include "emulator/results/plot_stack.hh"

#include <algorithm>
#include <map>

namespace violin {

Panel unstacked(Panel panel) {
  std::map<double, double> top;  // by x
  for (size_t i = 0; i < panel.curves.size(); ++i) {
    Curve& curve = panel.curves[i];
    if (curve.colour < 0) curve.colour = static_cast<int>(i);
    for (auto& [x, y] : curve.points) y = top[x] += y;
  }
  std::reverse(panel.curves.begin(), panel.curves.end());
  return panel;
}

}  // namespace violin
