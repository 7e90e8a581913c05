#include "phiscope/data/cell_transform.hpp"

#include <cmath>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

template <class Function>
void change(std::span<float> values, const std::function<std::string(std::size_t)>& place, Function function,
            const char* wanted) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float before = values[i];
    const auto after = static_cast<float>(function(static_cast<double>(before)));
    if (!std::isfinite(after)) {
      std::size_t bad = 0;
      for (std::size_t j = i; j < values.size(); ++j)
        if (!std::isfinite(static_cast<float>(function(static_cast<double>(values[j]))))) ++bad;
      fail("{} is {}, expected {}; {} of {} values are like that", place(i), before, wanted, bad, values.size());
    }
    values[i] = after;
  }
}

}  // namespace

const std::vector<std::pair<std::string, CellTransform::Kind>>& cell_transform_names() {
  static const std::vector<std::pair<std::string, CellTransform::Kind>> names{{"none", CellTransform::Kind::none},
                                                                              {"log10", CellTransform::Kind::log10},
                                                                              {"log1p", CellTransform::Kind::log1p},
                                                                              {"asinh", CellTransform::Kind::asinh}};
  return names;
}

void CellTransform::apply(std::span<float> values, const std::function<std::string(std::size_t)>& place) const {
  switch (kind) {
    case Kind::none:
      return change(
          values, place, [](double x) { return x; }, "a finite number");
    case Kind::log10:
      return change(
          values, place, [](double x) { return std::log10(x); },
          "a number above 0, as its logarithm is taken (data.transform)");
    case Kind::log1p:
      return change(
          values, place, [](double x) { return std::log1p(x); },
          "a number above −1, as ln(1 + x) is taken (data.transform)");
    case Kind::asinh:
      return change(
          values, place, [this](double x) { return std::asinh(x / scale); }, "a finite number");
  }
}

}  // namespace phiscope
