#pragma once
#include <span>

#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

/// `data.kind: table`: each row of `data.table` is an item of its own, `data.columns` are what the network sees, and
/// `task.targets` what it is to say: numbers, or of a classification a column of words.
LabelledData open_table(const DataSettings& data, const TaskSettings& task);
/// The same columns of one table without labels.
LabelledData open_unlabelled_table(const DataSettings& data, std::span<const std::filesystem::path> files,
                                   std::int64_t columns);

}  // namespace phiscope
