#include "models/queue_discipline.hh"

#include "core/check.hh"
#include "models/codel.hh"
#include "models/drop_tail.hh"
#include "models/fq_codel.hh"
#include "models/pie.hh"
#include "models/red.hh"

namespace violin {

std::unique_ptr<QueueDiscipline> make_queue_discipline(const QueueSpec& spec, BitRate rate,
                                                       Random random) {
  switch (spec.kind) {
    case QueueSpec::Kind::kDropTail:
      return std::make_unique<DropTail>(spec.limit, rate);
    case QueueSpec::Kind::kRed:
      return std::make_unique<Red>(spec, rate, random);
    case QueueSpec::Kind::kCodel:
      return std::make_unique<Codel>(spec, rate);
    case QueueSpec::Kind::kFqCodel:
      return std::make_unique<FqCodel>(spec, rate, random);
    case QueueSpec::Kind::kPie:
      return std::make_unique<Pie>(spec, rate, random);
  }
  CHECK(false);
}

}  // namespace violin
