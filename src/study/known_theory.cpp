#include "phiscope/study/known_theory.hpp"

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

bool is_potential(const Study& study) {
  return study.settings().simulations.field == "phi";
}

std::string of_another_field(const Study& study) {
  return fmt::format("it is of Φ, and simulations.field is {}", study.settings().simulations.field);
}

}  // namespace

std::string why_no_linear_theory(const Study& study) {
  return is_potential(study) ? why_no_linear_theory(study.catalogue().settings()) : of_another_field(study);
}

void require_growth(const Study& study) {
  const auto& dataset = study.settings().dataset;
  if (dataset.sample == SampleKind::spectra || dataset.transform != Transform::growth_difference) return;
  const std::string reason =
      is_potential(study) ? why_no_growth(study.catalogue().settings()) : of_another_field(study);
  if (!reason.empty())
    fail(
        "dataset.transform: growth_difference divides by the linear growth, which is not known here: {}; expected phi, "
        "gradient or laplacian",
        reason);
}

}  // namespace phiscope
