#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

void simulate(const Study& study) {
  const auto& settings = study.settings();
  const Engine* engine = find_row(study.tables().engines, settings.simulate.engine);
  if (engine == nullptr)
    throw AgreedError(
        "simulate.engine is missing: it says what makes the simulations; `phiscope settings` lists those there are");
  engine->run(study.world(), {.simulate = settings.simulate,
                              .data = settings.data,
                              .root = settings.simulations.root,
                              .seeds = settings.simulations.seeds,
                              .redshifts = settings.simulations.redshifts});
}

}  // namespace phiscope
