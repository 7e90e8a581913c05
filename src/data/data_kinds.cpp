#include "phiscope/data/data_kinds.hpp"

#include "array_data.hpp"
#include "table_data.hpp"

namespace phiscope {

const DataKindTable& standard_data_kinds() {
  static const DataKindTable kinds{
      {"table", "rows of a table: some columns in, others out", open_table},
      {"maps", "maps in stacks, with a table of parameters", open_maps},
      {"cubes", "cubes in stacks or one file each, with a table of parameters", open_cubes},
      {"pairs", "cubes of two or more classes, matched by seed", open_classes},
      {"fields", "cubes in, cubes of the same grid out", open_fields}};
  return kinds;
}

}  // namespace phiscope
