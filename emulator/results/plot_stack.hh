#pragma once

#include "emulator/results/plot.hh"

namespace violin {

// A panel of stacked bars as one of ordinary bars, each as high as those below it and itself
// together, the highest first so that the lower ones are drawn over its foot. Colours and names
// stay with their curves.
Panel unstacked(Panel panel);

}  // namespace violin
