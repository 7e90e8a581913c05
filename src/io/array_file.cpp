#include "phiscope/io/array_file.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "npy_number.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/npy_header.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {

/// Reads values of the array, counted from its first.
class ArrayFile::Storage {
 public:
  virtual ~Storage() = default;
  virtual void read(std::uint64_t first, std::span<float> out) const = 0;
  virtual void read(std::uint64_t first, std::span<double> out) const = 0;
};

class ArrayFile::NpyStorage : public ArrayFile::Storage {
 public:
  NpyStorage(const std::filesystem::path& file, const NpyHeader& header)
      : file_(file),
        reader_(file),
        type_(npy_number_type(header.type)),
        is_big_endian_(header.type.starts_with('>')),
        offset_(header.data_offset) {}

  void read(std::uint64_t first, std::span<float> out) const override { read_as(first, out); }
  void read(std::uint64_t first, std::span<double> out) const override { read_as(first, out); }

 private:
  /// In pieces that stay in the cache while they are converted.
  template <class Real>
  void read_as(std::uint64_t first, std::span<Real> out) const {
    with_npy_type(file_, type_, [&](auto stored) {
      using Stored = decltype(stored);
      constexpr std::size_t most = (std::size_t{1} << 20U) / sizeof(Stored);
      std::vector<Stored> piece(std::min(most, out.size()));
      for (std::size_t begin = 0; begin < out.size(); begin += most) {
        const auto some = std::span<Stored>(piece).first(std::min(most, out.size() - begin));
        reader_.read(offset_ + static_cast<std::int64_t>((first + begin) * sizeof(Stored)),
                     std::as_writable_bytes(some));
        if (is_big_endian_ != (std::endian::native == std::endian::big)) reverse_bytes(some);
        for (std::size_t i = 0; i < some.size(); ++i) out[begin + i] = static_cast<Real>(value_of(some[i]));
      }
    });
  }

  std::filesystem::path file_;
  PlacedReader reader_;
  std::string type_;
  bool is_big_endian_;
  std::int64_t offset_;
};

class ArrayFile::Hdf5Storage : public ArrayFile::Storage {
 public:
  Hdf5Storage(Hdf5Reader reader, std::string dataset, std::vector<std::uint64_t> shape, std::size_t entry)
      : reader_(std::move(reader)), dataset_(std::move(dataset)), shape_(shape.begin(), shape.end()), entry_(entry) {}

  void read(std::uint64_t first, std::span<float> out) const override { read_as(first, out, H5T_NATIVE_FLOAT); }
  void read(std::uint64_t first, std::span<double> out) const override { read_as(first, out, H5T_NATIVE_DOUBLE); }

 private:
  template <class Real>
  void read_as(std::uint64_t first, std::span<Real> out, hid_t type) const {
    reader_.with_dataset(dataset_, [&](hid_t dataset) {
      std::vector<hsize_t> start(shape_.size(), 0), count(shape_);
      start[0] = first / entry_;
      count[0] = out.size() / entry_;
      const Hdf5SpaceHandle file_space(H5Dget_space(dataset));
      const hsize_t values = out.size();
      const Hdf5SpaceHandle memory_space(H5Screate_simple(1, &values, nullptr));
      const auto what = fmt::format("cannot read dataset '{}'", dataset_);
      check_hdf5(H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
                 reader_.path(), what);
      check_hdf5(H5Dread(dataset, type, memory_space.id(), file_space.id(), H5P_DEFAULT, out.data()), reader_.path(),
                 what);
    });
  }

  Hdf5Reader reader_;
  std::string dataset_;
  std::vector<hsize_t> shape_;
  std::size_t entry_;
};

namespace {

/// Values of an array. Throws Error when they are more than can be counted.
std::uint64_t count_of(const std::filesystem::path& file, std::span<const std::uint64_t> shape) {
  std::uint64_t count = 1;
  for (const auto extent : shape) {
    if (extent != 0 && count > (std::uint64_t{1} << 60U) / extent)
      fail("{}: its header says that the array has {} values", file.string(), shape_text(shape));
    count *= extent;
  }
  return count;
}

/// The dataset that is meant where none is named.
std::string only_dataset(const Hdf5Reader& reader) {
  if (reader.has("data") && !reader.is_group("data")) return "data";
  const auto all = reader.datasets();
  if (all.size() != 1)
    fail("{}: it holds {} datasets ({}), expected one, or one called data; say which with data.dataset",
         reader.path().string(), all.size(),
         fmt::join(std::span(all).first(std::min<std::size_t>(8, all.size())), ", "));
  return all.front();
}

}  // namespace

ArrayFile::ArrayFile(const std::filesystem::path& file, const std::string& dataset) : file_(file) {
  require_regular_file(file);
  if (is_npy_file(file))
    open_npy();
  else
    open_hdf5(dataset);
}

ArrayFile::~ArrayFile() = default;
ArrayFile::ArrayFile(ArrayFile&&) noexcept = default;
ArrayFile& ArrayFile::operator=(ArrayFile&&) noexcept = default;

void ArrayFile::open_npy() {
  const NpyHeader header = read_npy_header(file_);
  shape_ = header.shape;
  const std::string type = npy_number_type(header.type);
  if (type.empty())
    fail("{}: its values are of NumPy's type '{}', expected numbers (float16 to float64, int8 to uint64)",
         file_.string(), header.type);
  if (shape_.empty()) fail("{}: it holds one number, expected an array", file_.string());
  if (header.fortran_order && shape_.size() > 1)
    fail("{}: its array is in Fortran order, expected C order: save it with numpy.ascontiguousarray()", file_.string());
  const std::uint64_t values = count_of(file_, shape_);
  entry_values_ = count_of(file_, std::span(shape_).subspan(1));
  std::uint64_t bytes = 0;
  with_npy_type(file_, type, [&](auto stored) { bytes = sizeof(stored); });
  const std::uint64_t found = std::filesystem::file_size(file_),
                      expected = static_cast<std::uint64_t>(header.data_offset) + values * bytes;
  if (found < expected) {
    const std::uint64_t whole =
        (found - static_cast<std::uint64_t>(header.data_offset)) / (bytes * std::max<std::size_t>(1, entry_values_));
    fail("{}: it is cut off: {} bytes, expected {} of {} entries ({}); {} of them are whole", file_.string(), found,
         expected, shape_.front(), shape_text(shape_), whole);
  }
  storage_ = std::make_unique<NpyStorage>(file_, header);
}

void ArrayFile::open_hdf5(const std::string& wanted) {
  Hdf5Reader reader(file_);
  const std::string dataset = wanted.empty() ? only_dataset(reader) : wanted;
  shape_ = reader.shape(dataset);
  reader.with_dataset(dataset, [&](hid_t id) {
    const Hdf5TypeHandle type(H5Dget_type(id));
    const H5T_class_t kind = H5Tget_class(type.id());
    if (kind != H5T_FLOAT && kind != H5T_INTEGER)
      fail("{}: dataset '{}' is {}, expected numbers", file_.string(), dataset, hdf5_type_text(type.id()));
    require_all_written(id, file_, dataset);
  });
  if (shape_.empty()) fail("{}: dataset '{}' holds one number, expected an array", file_.string(), dataset);
  (void)count_of(file_, shape_);
  entry_values_ = count_of(file_, std::span(shape_).subspan(1));
  storage_ = std::make_unique<Hdf5Storage>(std::move(reader), dataset, shape_, std::max<std::size_t>(1, entry_values_));
}

template <class Real>
void ArrayFile::read(std::uint64_t first, std::span<Real> out) const {
  if (entry_values_ == 0 || out.size() % entry_values_ != 0 || first + out.size() / entry_values_ > entries())
    fail("{}: entries {} to {} are asked for, of {}", file_.string(), first,
         first + out.size() / std::max<std::size_t>(1, entry_values_), entries());
  storage_->read(first * entry_values_, out);
}

template void ArrayFile::read(std::uint64_t, std::span<float>) const;
template void ArrayFile::read(std::uint64_t, std::span<double>) const;

}  // namespace phiscope
