#include "phiscope/data/data_kinds.hpp"

#include "array_data.hpp"
#include "cube_spectra.hpp"
#include "table_data.hpp"

namespace phiscope {

namespace {

LabelledData open_unlabelled_maps(const DataSettings& data, std::span<const std::filesystem::path> files,
                                  std::int64_t channels) {
  return open_unlabelled_arrays(data, files, 2, channels);
}

LabelledData open_unlabelled_cubes(const DataSettings& data, std::span<const std::filesystem::path> files,
                                   std::int64_t channels) {
  return open_unlabelled_arrays(data, files, 3, channels);
}

}  // namespace

const DataKindTable& standard_data_kinds() {
  static const DataKindTable kinds{
      {"table", "rows of a table: some columns in, others out", open_table, open_unlabelled_table},
      {"maps", "maps in stacks, with a table of parameters", open_maps, open_unlabelled_maps},
      {"cubes", "cubes in stacks or one file each, with a table of parameters", open_cubes, open_unlabelled_cubes},
      {"pairs", "cubes of two or more classes, matched by seed", open_classes, open_unlabelled_cubes},
      {"fields", "cubes in, cubes of the same grid out", open_fields, open_unlabelled_cubes},
      {"spectra", "the power spectra of cubes, with a table of parameters", open_spectra, open_unlabelled_spectra}};
  return kinds;
}

}  // namespace phiscope
