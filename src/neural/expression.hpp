#pragma once
#include <map>
#include <string>

namespace phiscope::neural {

/// The value of an arithmetic expression of + - * / ^ ( ), log2(), numbers and names. ^ binds tightest and to the
/// right; a sign binds less tightly than ^. Throws Error that quotes the expression and says what is
/// wrong with it, also when more than 100 brackets, signs or powers stand inside of one another.
double evaluate_expression(const std::string& text, const std::map<std::string, double>& names);

}  // namespace phiscope::neural
