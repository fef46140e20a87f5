#pragma once

#include <string>
#include <vector>

#include "emulator/results/quantity.hh"
#include "emulator/results/statistics.hh"

namespace violin {

// How estimates of one quantity are written so that they can be compared at a glance: all in one
// unit, that of the largest. The interval is rounded to two significant digits and the mean to the
// same decimal place: "90.910 ± 0.028 Mbit/s". An estimate of one sample is its value alone; that
// there is no interval then is for the table around it to say, once (no_interval_note()).
class EstimateFormat {
 public:
  EstimateFormat(Unit unit, const std::vector<Estimate>& estimates);

  std::string text(const Estimate& estimate) const;         // "no value" without samples
  std::string signed_text(const Estimate& estimate) const;  // "+1.20 ± 0.40 Mbit/s"

 private:
  Unit unit_;
  Quantity largest_;
};

// What stands once below a table in which an estimate has a single sample; "" when none has.
std::string no_interval_note(const std::vector<Estimate>& estimates);

}  // namespace violin
