#pragma once
#include <cstdint>
#include <filesystem>
#include <span>

namespace phiscope {

/// Triangles of bins between ascending edges whose centres close: as many as TriangleSet::all_closed() makes, in about
/// n² steps for n bins.
std::int64_t count_closed_triangles(std::span<const double> edges);

/// Throws Error when all triangles of these bins are more than can be measured: more than 1000 bins, or more memory
/// than there is. The log announces a million and more.
void require_measurable_triangles(std::span<const double> edges);

/// The same for a number of triangles, which `what` names.
void require_memory_of_triangles(std::int64_t count, const char* what);

/// Throws Error when the text of a list is larger than the memory for it.
void require_memory_of_list(const std::filesystem::path& file);

}  // namespace phiscope
