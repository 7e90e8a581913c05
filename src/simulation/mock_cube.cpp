#include "mock_cube.hpp"

#include <string>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "stack_file.hpp"

namespace phiscope {

std::shared_ptr<const LinearPower> mock_universe(const Communicator& ranks) {
  std::shared_ptr<const LinearPower> linear;
  together(ranks,
           [&] { linear = std::make_shared<const LinearPower>(LinearPower::eisenstein_hu(CosmologyParameters{})); });
  return linear;
}

void write_mock_cube(const std::filesystem::path& file, const std::vector<double>& field, std::int64_t n) {
  const std::vector<float> values(field.begin(), field.end());
  const auto side = static_cast<std::uint64_t>(n);
  if (file.extension() == ".npy") {
    std::string bytes = npy_float32_header({side, side, side});
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return write_file_atomically(file, bytes);
  }
  Hdf5Writer writer(file);
  writer.write("data", values, {side, side, side}, "", "Φ, dimensionless, data[iz, iy, ix]");
  writer.attribute("/", "mock", std::string(mock_statement));
  writer.commit();
}

void share_out(const Communicator& ranks, std::size_t count, const std::function<void(std::size_t)>& work,
               const char* goes_on) {
  const auto make = [&](std::int64_t place) {
    work(static_cast<std::size_t>(place));
    return true;
  };
  if (!for_each_unit(Dealing::to(ranks), static_cast<std::int64_t>(count), Agreement::at_the_end, make))
    throw StoppedOnRequest(fmt::format("stopped on request while simulating; the same command {}", goes_on));
}

}  // namespace phiscope
