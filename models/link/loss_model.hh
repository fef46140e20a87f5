#pragma once

#include <memory>

#include "core/random.hh"
#include "core/units.hh"
#include "models/link/wire_spec.hh"

namespace violin {

// Yes with a given probability, each answer correlated with the one before: loss, duplication and
// reordering are drawn from it.
//
// netem's manual says `loss 0.3% 25%` loses 0.3 % of packets and "each successive probability
// depends by a quarter on the last one"; its code averages uniform numbers, which changes the loss
// rate (0.3 % becomes about 0.002 %), as the manual itself warns. This one does what is asked for:
// a two-state Markov chain whose long-run share is exactly `probability` and whose correlation at
// distance k is exactly correlation^k.
class CorrelatedChance {
 public:
  CorrelatedChance() = default;
  explicit CorrelatedChance(Probability probability, Probability correlation = {});

  bool draw(Random& random) {
    const Probability now = begun_ ? (last_ ? after_yes_ : after_no_) : first_;
    begun_ = true;
    return last_ = random.chance(now);
  }

 private:
  Probability first_;  // the chain begins in its long-run state
  Probability after_yes_;
  Probability after_no_;
  bool begun_ = false;
  bool last_ = false;
};

// Decides for each frame, in the order they are sent, whether it is lost on the way. It keeps the
// state of its chain; the random numbers are its wire's.
class LossModel {
 public:
  virtual ~LossModel() = default;
  virtual bool lost(Random& random) = 0;
};

// The model that `spec` asks for; null when nothing is ever lost.
// - BernoulliLoss: independent, or correlated as CorrelatedChance has it.
// - GilbertElliottLoss: a frame is lost with the probability of the state it is sent in, then the
//   state changes; begins in the good state, as netem does. The bad state's long-run share is
//   p / (p + r), a stay in it lasts 1 / r frames on average.
// - FourStateLoss (Salsano et al., "Definition of a general and intuitive loss model for packet
//   networks and its implementation in the Netem module", 2012): begins in state 1; p13 + p14 <= 1
//   and p31 + p32 <= 1, which whoever reads the scenario sees to; an isolated loss (4) is always
//   followed by state 1.
std::unique_ptr<LossModel> make_loss_model(const LossSpec& spec);

}  // namespace violin
