#include "array_source.hpp"

#include <algorithm>

#include "phiscope/base/error.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

/// "[3, 17, 4]" of value `i` of an array of this shape.
std::string cell_text(std::size_t i, std::span<const std::uint64_t> shape) {
  std::vector<std::uint64_t> cell(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    cell[axis] = i % shape[axis];
    i /= shape[axis];
  }
  return fmt::format("[{}]", fmt::join(cell, ", "));
}

}  // namespace

ItemShape shape_in_file(const ArrayFile& array, bool of_stack, int axes) {
  const auto extents = std::span(array.shape()).subspan(of_stack ? 1 : 0);
  const auto wanted = static_cast<std::size_t>(axes);
  if (extents.size() != wanted && extents.size() != wanted + 1)
    fail("{}: its array is {}, expected {}{} ({} extents, or channels before them)", array.file().string(),
         shape_text(array.shape()), of_stack ? "items × " : "", axes == 2 ? "maps" : "cubes", axes);
  const bool has_channels = extents.size() == wanted + 1;
  const auto at = [&](std::size_t i) { return static_cast<std::int64_t>(extents[i + (has_channels ? 1 : 0)]); };
  const auto channels = has_channels ? static_cast<std::int64_t>(extents[0]) : 1;
  const ItemShape shape =
      axes == 2 ? ItemShape::map(channels, at(0), at(1)) : ItemShape::box(channels, {at(0), at(1), at(2)});
  if (shape.values() == 0) fail("{}: its array is {}: it is empty", array.file().string(), shape_text(array.shape()));
  return shape;
}

ArraySource::ArraySource(ItemShape shape, CellTransform transform, std::string dataset,
                         std::vector<std::vector<ArrayPiece>> items)
    : shape_(shape), transform_(transform), dataset_(std::move(dataset)), items_(std::move(items)) {}

void ArraySource::read(const ArrayPiece& piece, const ArrayFile& array, std::span<float> out) const {
  std::vector<std::uint64_t> shape = array.shape();
  array.read(piece.entry.value_or(0), out);
  if (piece.entry) shape.erase(shape.begin());
  transform_.apply(out, [&](std::size_t i) {
    const auto entry = piece.entry ? fmt::format(", entry {}", *piece.entry) : std::string();
    return fmt::format("{}{}: the value at {}", piece.file.string(), entry, cell_text(i, shape));
  });
}

std::vector<float> ArraySource::make(ItemId id) const {
  std::vector<float> values(shape_.values());
  std::span<float> rest(values);
  for (const ArrayPiece& piece : items_[id.within]) {
    const auto array = piece.open ? piece.open : std::make_shared<const ArrayFile>(piece.file, dataset_);
    const ItemShape found = shape_in_file(*array, piece.entry.has_value(), shape_.axes);
    if (found.extents != shape_.extents || found.values() > rest.size())
      fail("{}: its array is {}, expected as many channels of {}×{}×{} as the same file of the first item has",
           piece.file.string(), shape_text(array->shape()), shape_.extents[0], shape_.extents[1], shape_.extents[2]);
    read(piece, *array, rest.first(found.values()));
    rest = rest.subspan(found.values());
  }
  if (!rest.empty())
    fail("{}: it has fewer channels than the same file of the first item", items_[id.within].back().file.string());
  return values;
}

}  // namespace phiscope
