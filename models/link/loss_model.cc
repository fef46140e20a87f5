#include "models/link/loss_model.hh"

#include <cstdint>

#include "core/check.hh"

namespace violin {
namespace {

// left x right, rounded to the nearest part.
uint64_t product(uint64_t left, uint64_t right) {
  const auto wide = static_cast<unsigned __int128>(left) * right;
  return static_cast<uint64_t>((wide + Probability::kOne / 2) / Probability::kOne);
}

class Bernoulli final : public LossModel {
 public:
  explicit Bernoulli(const BernoulliLoss& spec) : chance_(spec.probability, spec.correlation) {}
  bool lost(Random& random) override { return chance_.draw(random); }

 private:
  CorrelatedChance chance_;
};

class GilbertElliott final : public LossModel {
 public:
  explicit GilbertElliott(const GilbertElliottLoss& spec) : spec_(spec) {}

  bool lost(Random& random) override {
    const bool lost = random.chance(is_bad_ ? spec_.loss_bad : spec_.loss_good);
    if (random.chance(is_bad_ ? spec_.r : spec_.p)) is_bad_ = !is_bad_;
    return lost;
  }

 private:
  GilbertElliottLoss spec_;
  bool is_bad_ = false;
};

class FourState final : public LossModel {
 public:
  explicit FourState(const FourStateLoss& spec) : spec_(spec) {
    CHECK_COMPARE(spec.p13.parts() + spec.p14.parts(), <=, Probability::kOne);
    CHECK_COMPARE(spec.p31.parts() + spec.p32.parts(), <=, Probability::kOne);
  }

  // The state is that of the frame in question: it changes first, then says the outcome.
  bool lost(Random& random) override {
    state_ = next(random.next32());
    return state_ == State::kLostInBurst || state_ == State::kLostInGap;
  }

 private:
  enum class State : uint8_t { kReceivedInGap, kReceivedInBurst, kLostInBurst, kLostInGap };

  State next(uint32_t drawn) const {
    switch (state_) {
      case State::kReceivedInGap:
        if (drawn < spec_.p14.parts()) return State::kLostInGap;
        return drawn < spec_.p14.parts() + spec_.p13.parts() ? State::kLostInBurst : state_;
      case State::kReceivedInBurst:
        return drawn < spec_.p23.parts() ? State::kLostInBurst : state_;
      case State::kLostInBurst:
        if (drawn < spec_.p32.parts()) return State::kReceivedInBurst;
        return drawn < spec_.p32.parts() + spec_.p31.parts() ? State::kReceivedInGap : state_;
      case State::kLostInGap:
        break;
    }
    return State::kReceivedInGap;
  }

  FourStateLoss spec_;
  State state_ = State::kReceivedInGap;
};

std::unique_ptr<LossModel> make(std::monostate) { return nullptr; }
std::unique_ptr<LossModel> make(const BernoulliLoss& spec) {
  if (spec.probability.is_never()) return nullptr;
  return std::make_unique<Bernoulli>(spec);
}
std::unique_ptr<LossModel> make(const GilbertElliottLoss& spec) {
  return std::make_unique<GilbertElliott>(spec);
}
std::unique_ptr<LossModel> make(const FourStateLoss& spec) {
  return std::make_unique<FourState>(spec);
}

}  // namespace

CorrelatedChance::CorrelatedChance(Probability probability, Probability correlation) {
  // P(yes | yes) = p + rho (1 - p) and P(yes | no) = p (1 - rho) leave P(yes) at p.
  const uint64_t p = probability.parts();
  const uint64_t rho = correlation.parts();
  after_yes_ = Probability::from_parts(p + product(rho, Probability::kOne - p));
  after_no_ = Probability::from_parts(product(p, Probability::kOne - rho));
  first_ = probability;
}

std::unique_ptr<LossModel> make_loss_model(const LossSpec& spec) {
  return std::visit([](const auto& model) { return make(model); }, spec);
}

}  // namespace violin
