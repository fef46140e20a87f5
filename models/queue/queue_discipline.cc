#include "models/queue/queue_discipline.hh"

#include "core/check.hh"
#include "models/queue/codel.hh"
#include "models/queue/drop_tail.hh"
#include "models/queue/fq_codel.hh"
#include "models/queue/pie.hh"
#include "models/queue/red.hh"

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
