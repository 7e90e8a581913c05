#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "phiscope/cosmology/linear_power.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What every file of a mock says of itself.
inline constexpr const char* mock_statement =
    "a mock of phiscope simulate: a Gaussian field of linear theory, no N-body simulation";

/// Linear theory of the universe of gevolution's runs. Collective.
std::shared_ptr<const LinearPower> mock_universe(const Communicator& ranks);

/// Writes a cube of Φ, as float32: HDF5 with the dataset `data`, or `.npy` by its name.
void write_mock_cube(const std::filesystem::path& file, const std::vector<double>& field, std::int64_t n);

/// Collective: work(i) for each of `count`, dealt to the ranks. Throws StoppedOnRequest, saying that the same command
/// `goes_on`.
void share_out(const Communicator& ranks, std::size_t count, const std::function<void(std::size_t)>& work,
               const char* goes_on);

}  // namespace phiscope
