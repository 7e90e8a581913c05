#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/data/cell_transform.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/io/array_file.hpp"

namespace phiscope {

/// Where some channels of an item lie.
struct ArrayPiece {
  std::filesystem::path file;
  std::optional<std::uint64_t> entry;     ///< of a stack; nothing: the file is one item
  std::shared_ptr<const ArrayFile> open;  ///< of a stack, which stays open
};

/// Maps and cubes out of arrays in files, the channels of an item one piece after the other; ItemId::within counts the
/// items.
class ArraySource : public ItemSource {
 public:
  /// `shape` is that of every item: a piece is channels × extents, or the extents alone.
  ArraySource(ItemShape shape, CellTransform transform, std::string dataset,
              std::vector<std::vector<ArrayPiece>> items);

  ItemShape shape() const noexcept override { return shape_; }
  std::vector<float> make(ItemId id) const override;

 private:
  void read(const ArrayPiece& piece, const ArrayFile& array, std::span<float> out) const;

  ItemShape shape_;
  CellTransform transform_;
  std::string dataset_;
  std::vector<std::vector<ArrayPiece>> items_;
};

/// The channels and extents of one item in an array: of its entry in a stack (`of_stack`), or of the whole array. Maps
/// have two extents, cubes three, which may be of any length here. Throws Error for arrays of another rank.
ItemShape shape_in_file(const ArrayFile& array, bool of_stack, int axes);

}  // namespace phiscope
